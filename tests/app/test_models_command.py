"""`python -m app models`: everything it lists, and adding, checking and removing a model."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from adapters.models import EMBEDDED
from adapters.registry import registry_file
from tests.small_models import write_model

ROOT = Path(__file__).parents[2]


def models(home: Path, *arguments: object, locale: str = "C.UTF-8") -> "subprocess.CompletedProcess[str]":
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG"))}
    return subprocess.run(
        [sys.executable, "-m", "app", "models", *map(str, arguments)],
        cwd=ROOT,
        env={**kept, "MARU_HOME": str(home), "LC_ALL": locale, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def document(ran: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_a_model_is_added_listed_checked_and_removed(home: Path, tmp_path: Path) -> None:
    place = write_model(tmp_path / "mine")
    added = document(models(home, "add", place, "--name", "마루 모델", "--json"))["added"]
    assert (added["id"], added["kind"], added["removable"]) == ("마루 모델", "folder", True)
    listed = document(models(home, "--json", "--context", 100))
    one = next(entry for entry in listed["models"] if entry["id"] == "마루 모델")
    estimates = {entry["precision"]: entry for entry in one["estimates"]}
    assert set(estimates) == {entry["key"] for entry in listed["precisions"]}
    assert all(entry["engine"] for entry in listed["precisions"])
    whole = estimates["float32"]
    assert whole["total"] == whole["weights"] + whole["cache"] + whole["overhead"] and whole["fits"]
    assert whole["weights"] == 4 * one["parameters"] and one["adapters"] == []
    assert {entry["key"] for entry in listed["engines"]} >= {"transformers", "server"}
    assert listed["free"] > 0 and listed["context"] == 100 and listed["problem"] is None
    checked = document(models(home, "check", "마루 모델", "--json"))
    assert checked["model"] == "마루 모델" and checked["largest"] == "float32"
    assert document(models(home, "remove", "마루 모델", "--json")) == {"removed": "마루 모델"}
    assert (place / "model.safetensors").exists()


def test_a_server_is_added_with_the_name_of_its_key_and_not_the_key(home: Path) -> None:
    more = ("--served-model", "llama3", "--key-env", "MY_KEY", "--name", "box", "--json")
    added = document(models(home, "add", "http://127.0.0.1:9/v1", *more))["added"]
    assert (added["kind"], added["server_model"], added["key_env"]) == ("server", "llama3", "MY_KEY")


def test_a_refusal_names_the_mend_in_both_languages(home: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    english = models(home, "add", tmp_path / "empty")
    korean = models(home, "add", tmp_path / "empty", locale="ko_KR.UTF-8")
    assert english.returncode == korean.returncode == 1 and not english.stdout
    assert "has no config.json" in english.stderr and "필요해요" in korean.stderr
    assert models(home, "add").returncode == 2


def test_a_damaged_list_is_said_and_the_rest_is_listed(home: Path) -> None:
    file = registry_file(home / "models")
    file.parent.mkdir(parents=True)
    file.write_text("{")
    ran = models(home)
    assert ran.returncode == 0 and EMBEDDED in ran.stdout and "damaged" in ran.stderr
    assert models(home, "add", "a/b").returncode == 1 and file.read_text() == "{"

"""`python -m app models`: everything it lists, and adding, checking and removing a model."""

from pathlib import Path

import pytest

from adapters.entry import ModelEntry
from adapters.models import EMBEDDED
from adapters.registry import registry_file
from app.settings import DEFAULT_CONTEXT
from app.terminal.model_facts import estimate_entries, widest
from tests.commanding import Ran, document, run
from tests.loras import write_adapter
from tests.small_models import write_model


def models(home: Path, *arguments: object, locale: str = "C.UTF-8") -> Ran:
    return run(home, "models", *arguments, locale=locale)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.mark.slow
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
    assert (
        whole["kept"] == 0 and estimates["int8_openvino"]["kept"] == 3 * estimates["int8_openvino"]["cache"]
    )
    assert whole["weights"] == 4 * one["parameters"] and one["adapters"] == []
    assert {entry["key"] for entry in listed["engines"]} >= {"transformers", "server"}
    assert listed["free"] > 0 and listed["context"] == 100 and listed["problem"] is None
    checked = document(models(home, "check", "마루 모델", "--json"))
    assert checked["model"] == "마루 모델" and checked["largest"] == "float32"
    assert checked["context"] == DEFAULT_CONTEXT  # as on the page
    said = models(home, "check", "마루 모델").stdout
    assert "widest precision that fits into it: float32 (" in said and "8,192 tokens" in said
    gone = document(models(home, "remove", "마루 모델", "--json"))
    assert gone == {"removed": "마루 모델", "deleted": [], "kept": []}
    assert (place / "model.safetensors").exists()


def test_of_a_model_that_is_not_here_only_the_weights_are_told_and_no_verdict() -> None:
    entry = ModelEntry("far", "Far", {"en": "", "ko": ""}, 1_000_000, 2_000_000, "MIT", "hub")
    estimates = [{**one, "problem": None} for one in estimate_entries(entry, None, 8192, 3_900_000_000)]
    assert all(one["at_least"] and one["fits"] is None for one in estimates)
    assert widest(estimates, 3_900_000_000) is None
    small = estimate_entries(entry, None, 8192, 1_000_000)
    assert {one["precision"]: one["fits"] for one in small}["float32"] is False


def test_a_server_is_not_said_to_be_ready(home: Path) -> None:
    models(home, "add", "http://127.0.0.1:9/v1", "--name", "box")
    row = next(line for line in models(home).stdout.splitlines() if line.startswith("box"))
    assert "not asked" in row and "ready" not in row


def test_adapters_are_brought_in_listed_and_deleted(home: Path, tmp_path: Path, models_folder: Path) -> None:
    home.mkdir()
    (home / "models").symlink_to(models_folder)
    good, bad = write_adapter(tmp_path / "poet", 1), write_adapter(tmp_path / "bad", 2, hidden=64)
    added = document(models(home, "adapters", "add", good, "--json"))["added"]
    assert (added["name"], added["model"], added["rank"]) == ("poet", EMBEDDED, 8)
    refused = models(home, "adapters", "add", bad)
    assert refused.returncode == 1 and "q_proj" in refused.stderr
    listed = document(models(home, "adapters", "--json"))
    assert listed == {"model": EMBEDDED, "adapters": [{"name": "poet", "problem": None}]}
    assert document(models(home, "adapters", "remove", "poet", "--json")) == {"removed": "poet"}
    assert "no adapter" in models(home, "adapters").stdout
    gone = models(home, "adapters", "remove", "poet")
    assert gone.returncode == 1 and "poet" in gone.stderr
    assert models(home, "adapters", "sell", "poet").returncode == 2
    assert good.is_dir()


def test_a_server_is_added_with_the_name_of_its_key_and_not_the_key(home: Path) -> None:
    more = ("--served-model", "llama3", "--key-env", "MY_KEY", "--name", "box", "--json")
    added = document(models(home, "add", "http://127.0.0.1:9/v1", *more))["added"]
    assert (added["kind"], added["server_model"], added["key_env"]) == ("server", "llama3", "MY_KEY")


@pytest.mark.parametrize(
    "source, english, korean",
    [
        ("http://127.0.0.1:9", "could not be asked now", "서버에 물어보지 못했고"),
        ("someone/model", "Only the form of its name was checked", "이름 형식만 확인했어요"),
    ],
)
def test_what_was_not_verified_is_said(home: Path, source: str, english: str, korean: str) -> None:
    assert english in models(home, "add", source).stdout
    assert korean in models(home, "add", source, "--name", "둘째", locale="ko_KR.UTF-8").stdout


def test_a_refusal_names_the_mend_in_both_languages(home: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    english = models(home, "add", tmp_path / "empty")
    korean = models(home, "add", tmp_path / "empty", locale="ko_KR.UTF-8")
    assert english.returncode == korean.returncode == 1 and not english.stdout
    assert "has no config.json" in english.stderr and "필요해요" in korean.stderr
    assert models(home, "add").returncode == 2


@pytest.mark.parametrize(
    "arguments, english, korean",
    [
        (("list", "mine"), "takes no SOURCE; one model: models check mine", "models check mine"),
        (("check", "one", "two"), "takes one SOURCE", "SOURCE 하나만"),
        (("adapters", "sell"), "none of list, add, remove", "중 하나를 적어 주세요"),
    ],
)
def test_what_is_written_wrong_is_said_in_both_languages(
    home: Path, arguments: tuple[str, ...], english: str, korean: str
) -> None:
    for locale, words in (("C.UTF-8", english), ("ko_KR.UTF-8", korean)):
        ran = models(home, *arguments, locale=locale)
        assert (ran.returncode, ran.stdout) == (2, "") and words in ran.stderr


def test_a_damaged_list_is_said_and_the_rest_is_listed(home: Path) -> None:
    file = registry_file(home / "models")
    file.parent.mkdir(parents=True)
    file.write_text("{")
    ran = models(home)
    assert ran.returncode == 0 and EMBEDDED in ran.stdout and "damaged" in ran.stderr
    assert models(home, "add", "a/b").returncode == 1 and file.read_text() == "{"

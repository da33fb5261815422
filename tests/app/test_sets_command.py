"""`python -m app sets`: sets from files and public sets, written out, deleted; named by a specification."""

import json
from pathlib import Path

import pytest

from app.comparing.machine import LocalMachine
from app.comparing.names import LocalNames
from app.settings import Settings
from chains.compare.specification import read_specification
from tests.commanding import Ran, document, run

TABLE = "no,query,reply\n1,What is a maru?,a floor\n2,What is hanji?,paper\n"


def sets(home: Path, *arguments: object, locale: str = "C.UTF-8") -> Ran:
    return run(home, "sets", *arguments, locale=locale)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_a_set_is_imported_used_by_a_specification_exported_and_deleted(home: Path, tmp_path: Path) -> None:
    table = tmp_path / "집.csv"
    table.write_text(TABLE, encoding="utf-8")
    saved = document(sets(home, "import", table, "--column", "answers=reply", "--json"))["saved"]
    assert saved == {
        "name": "집",
        "answer_type": "exact",
        "language": "en",
        "questions": 2,
        "source": "",
        "licence": "",
    }
    listed = document(sets(home, "--json"))["sets"]
    assert [(one["name"], one["questions"], one["problem"]) for one in listed] == [("집", 2, None)]
    taken = sets(home, "import", table, "--column", "answers=reply")
    assert taken.returncode == 1 and "already a set of that name" in taken.stderr
    assert sets(home, "import", table, "--column", "answers=reply", "--replace").returncode == 0

    machine = LocalMachine(Settings(home))
    text = "questions: 집\nmetrics: [exact_match]\ncolumns: [{name: a}, {name: b, technique: few_shot}]\n"
    experiment = read_specification(text, LocalNames(Settings(home), machine))
    assert [item.answers for item in experiment.questions.items] == [("a floor",), ("paper",)]
    machine.close()

    out = tmp_path / "out.jsonl"
    exported = document(sets(home, "export", "집", "--out", out, "--json"))["exported"]
    assert exported == {"name": "집", "file": str(out), "questions": 2}
    assert [json.loads(line)["id"] for line in out.read_text("utf-8").splitlines()] == ["1", "2"]
    assert document(sets(home, "delete", "집", "--json")) == {"deleted": "집"}
    assert document(sets(home, "list", "--json")) == {"sets": []}


def test_a_public_set_is_read_from_a_folder_and_its_absence_is_said(home: Path, tmp_path: Path) -> None:
    rows = [{"question": f"What is {n} + {n}?", "answer": f"Add.\n#### {2 * n}"} for n in range(9)]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "gsm8k_test.jsonl").write_text(lines, encoding="utf-8")
    saved = document(sets(home, "public", "gsm8k", "--folder", tmp_path, "--limit", 4, "--json"))["saved"]
    assert (saved["name"], saved["questions"], saved["licence"]) == ("gsm8k", 4, "MIT")
    refused = sets(home, "public", "kmmlu", locale="ko_KR.UTF-8")
    assert refused.returncode == 1 and "폴더" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["import"], 2, "needs SOURCE"),
        (["export", "x"], 2, "--out"),
        (["delete", "x"], 1, "no set of that name"),
        (["import", "none.csv"], 1, "no such file"),
        (["import", "README.md"], 1, "not read"),
        (["public", "gsm8k", "--limit", "0"], 2, "--limit"),
        (["draft", "x", "--language", "fr"], 2, "--language"),
        (["import", "pyproject.toml", "--name", "a" * 101], 1, "not read"),
    ],
)
def test_wrong_use_is_answered_by_one_clear_sentence(
    home: Path, arguments: list[str], status: int, said: str
) -> None:
    ran = sets(home, *arguments)
    assert ran.returncode == status, ran.stderr
    assert said in ran.stderr and "Traceback" not in ran.stderr


def test_a_collection_that_is_not_there_is_said_before_the_model_is_loaded(home: Path) -> None:
    ran = sets(home, "draft", "none")
    assert ran.returncode == 1 and "none" in ran.stderr and "Traceback" not in ran.stderr

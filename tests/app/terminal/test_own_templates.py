"""`templates` as a person and a script meet it: in its own process, with its own data home."""

from pathlib import Path
from typing import Any

import pytest

from tests import commanding
from tests.commanding import Ran, run

FIRST = "templates:\n- name: 다리\n  language: ko\n  system: 기술자예요.\n  user: '{question}'\n"
SECOND = FIRST.replace("'{question}'", "|-\n    {question}\n    짧게.")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def ran(home: Path, *arguments: object, locale: str = "C.UTF-8") -> Ran:
    return run(home, "templates", *arguments, locale=locale)


def document(home: Path, *arguments: object) -> Any:
    done = ran(home, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return commanding.document(done)


def test_templates_are_imported_shown_compared_exported_and_deleted(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    for text, version in ((FIRST, 1), (SECOND, 2)):
        file.write_text(text, "utf-8-sig")
        assert document(home, "import", file) == {"imported": [{"name": "다리", "version": version}]}
    listed = document(home)["templates"]
    assert listed[-1] == {"name": "다리", "language": "ko", "version": 2, "built_in": False}
    assert {one["built_in"] for one in listed[:-1]} == {True}
    shown = document(home, "show", "다리", "--version", 1)["template"]
    assert (shown["user"], shown["version"], shown["versions"]) == ("{question}", 1, [1, 2])
    compared = document(home, "diff", "다리")
    assert (compared["from"], compared["to"]) == (1, 2)
    assert [(line["kind"], line["text"]) for line in compared["lines"]] == [
        ("same", "기술자예요."),
        ("same", "{question}"),
        ("added", "짧게."),
    ]
    words = ran(home, "diff", "다리", "--from", 2, "--to", 1, locale="ko_KR.UTF-8").stdout
    assert "버전 2에서 1" in words and "\n- 짧게.\n" in words and "\n  {question}\n" in words
    assert "same" in ran(home, "diff", "다리", "--from", 1, "--to", 1).stdout

    out = tmp_path / "out.yaml"
    assert document(home, "export", "--out", out) == {"exported": ["다리"], "file": str(out), "yaml": None}
    assert ran(home, "export", "다리").stdout == out.read_text("utf-8")
    assert ran(home, "delete", "다리").stdout == "Deleted: 다리\n"
    assert document(home, "import", out) == {"imported": [{"name": "다리", "version": 1}]}


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["show"], 2, "needs SOURCE"),
        (["show", "nothing"], 1, "no template of that name"),
        (["show", "Careful reader", "--version", 7], 1, "no such version"),
        (["delete", "Careful reader"], 1, "comes with Maru"),
        (["export"], 1, "no template of your own yet"),
        (["import", "no such file.yaml"], 1, "cannot be read"),
        (["import", "{folder}/bad.yaml"], 1, "line 3: "),
        (["import", "{folder}/cp949.yaml"], 1, "UTF-8"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    home: Path, tmp_path: Path, arguments: list[str], status: int, told: str
) -> None:
    (tmp_path / "bad.yaml").write_text("templates:\n- name: a\n  colour: red", "utf-8")
    (tmp_path / "cp949.yaml").write_bytes(FIRST.encode("cp949"))
    done = ran(home, *(str(one).replace("{folder}", str(tmp_path)) for one in arguments))
    assert (done.returncode, done.stdout) == (status, "")
    assert told in done.stderr and "Traceback" not in done.stderr

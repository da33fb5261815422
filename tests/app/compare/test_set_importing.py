"""A file of questions on its way to a set: where it waits, how its columns are chosen, when it is gone."""

from copy import deepcopy
from pathlib import Path

import pytest

from app.compare.importing import MAPPED, NO_COLUMN, Staged, chosen_values, column_choices, columns_of
from app.compare.set_import import looked_at
from app.compare.show_import import preview
from chains.errors import BadSet

TABLE = "번호,물음,<b>답안</b>,메모\n1,마루는?,바닥,x\n2,온돌은?,돌바닥,x\n"


def upload(folder: Path, text: str = TABLE, name: str = "집 질문.csv") -> tuple[Path, str]:
    given = folder / "given"
    given.mkdir(exist_ok=True)
    (given / "upload").write_text(text, encoding="utf-8")
    return given / "upload", name


def with_answers(staged: Staged) -> list[str]:
    assert staged.preview is not None
    values = chosen_values(staged.preview)
    values[MAPPED.index("answers")] = "3"
    return values


def test_an_upload_is_taken_under_a_name_of_ours_and_deleted_after(tmp_path: Path) -> None:
    staged, given = Staged(), upload(tmp_path)
    assert staged.take(given).name == "집 질문.csv"
    assert not given[0].parent.exists()
    place = staged.path
    assert place is not None and place.name == "questions.csv" and place.parent.stat().st_mode & 0o77 == 0
    staged.take(upload(tmp_path, name="../../other.csv"))
    assert not place.parent.exists()
    later = staged.path
    staged.drop()
    assert later is not None and not later.parent.exists()
    assert deepcopy(staged) is not staged


@pytest.mark.parametrize("name", ["notes.exe", "noending", "x.csv/../../etc/passwd", "x.$(id)"])
def test_another_kind_of_file_is_refused_and_deleted(tmp_path: Path, name: str) -> None:
    staged, given = Staged(), upload(tmp_path, name=name)
    with pytest.raises(BadSet, match=r"\.jsonl"):
        staged.take(given)
    assert not given[0].exists() and staged.path is None


def test_columns_are_chosen_by_their_number(tmp_path: Path) -> None:
    staged = Staged()
    found = staged.take(upload(tmp_path))
    assert column_choices(["a", " ", "a b"], "–") == [
        ("–", NO_COLUMN),
        ("a", "1"),
        ("(2)", "2"),
        ("a b", "3"),
    ]
    assert columns_of(chosen_values(found), found.headers) == {"id": "번호", "question": "물음"}
    columns = columns_of(with_answers(staged), found.headers)
    assert columns["answers"] == "<b>답안</b>"
    nonsense = ["99", None, 3, "물음", {}, "-1", *["1"] * (len(MAPPED) - 6)]
    assert set(columns_of(nonsense, found.headers).values()) == {"번호"}
    read = staged.read(columns, "text", "en")
    assert (read.answer_type, read.language, [item.answers for item in read.items]) == (
        "text",
        "en",
        [("바닥",), ("돌바닥",)],
    )
    staged.drop()


def test_the_form_tells_every_fault_with_its_line_then_what_is_ready(tmp_path: Path) -> None:
    staged = Staged()
    staged.take(upload(tmp_path, TABLE.replace("\n2,", "\n1,")))
    told = looked_at(staged, with_answers(staged), "-", "-", spoken="en")
    assert "Line 3" in told and "is already that of line 2" in told
    staged.take(upload(tmp_path))
    told = looked_at(staged, with_answers(staged), "-", "ko", spoken="en")
    assert "Ready to save: 2 questions" in told and "Exact wording (guessed)" in told
    assert "Language: 한국어." in told
    staged.drop()
    assert "Drop it again" in looked_at(staged, with_nothing(), "-", "-", spoken="en")


def with_nothing() -> list[str]:
    return [NO_COLUMN] * len(MAPPED)


def test_a_preview_shows_text_as_text(tmp_path: Path) -> None:
    staged = Staged()
    html = preview(staged.take(upload(tmp_path)), "ko")
    assert "&lt;b&gt;답안&lt;/b&gt;" in html and "<b>" not in html
    staged.drop()

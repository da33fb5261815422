"""A person's own sets: kept exactly, changed one question at a time, damaged files told apart."""

import json
import subprocess
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from chains.compare.question_set import Item, QuestionSet
from chains.compare.reading import read_set
from chains.compare.saved_sets import SavedSet, SavedSets
from chains.errors import BadSet

ROOT = Path(__file__).parents[3]
ITEMS = (
    Item("a", "What grows there?", ("rice", "barley"), "Rice and barley grow.", tags=("farm",)),
    Item("b", "누가 지었나요?", (), "글이 없어요.", answerable=False),
)
SET = QuestionSet("내 질문", "span", ITEMS, "ko", "our own", "CC0")


@pytest.fixture
def sets(tmp_path: Path) -> SavedSets:
    return SavedSets(tmp_path / "sets")


def test_a_set_is_kept_exactly(sets: SavedSets, tmp_path: Path) -> None:
    assert sets.list() == []
    sets.save(SET)
    again = SavedSets(tmp_path / "sets")
    assert again.get("내 질문") == SET
    assert again.get(unicodedata.normalize("NFD", " 내 질문 ")) == SET
    assert again.list() == [SavedSet("내 질문", "span", "ko", 2)]
    sets.export("내 질문", tmp_path / "out.jsonl")
    assert read_set(tmp_path / "out.jsonl", answer_type="span").items == ITEMS


def test_a_set_is_saved_over_unless_that_is_not_wanted(sets: SavedSets) -> None:
    sets.save(SET)
    sets.save(replace(SET, items=ITEMS[:1]))
    assert len(sets.get("내 질문").items) == 1
    with pytest.raises(BadSet, match="already a set"):
        sets.save(SET, over=False)
    assert len(sets.get("내 질문").items) == 1


def test_renaming_and_deleting(sets: SavedSets) -> None:
    sets.save(SET)
    sets.save(replace(SET, name="other"))
    with pytest.raises(BadSet, match="already a set"):
        sets.rename("내 질문", "other")
    sets.rename("내 질문", "third")
    sets.rename("third", "third")
    assert sets.names() == ["other", "third"]
    assert sets.get("third") == replace(SET, name="third")
    sets.delete("other")
    assert sets.names() == ["third"]
    for call in (sets.get, sets.delete, lambda name: sets.rename(name, "x")):
        with pytest.raises(BadSet, match="no set of that name"):
            call("other")


def test_one_question_is_edited_or_removed(sets: SavedSets) -> None:
    sets.save(SET)
    edited = Item("c", "Who built it?", ("Ana",), "Ana built it.")
    sets.edit("내 질문", "b", edited)
    assert sets.get("내 질문").items == (ITEMS[0], edited)
    with pytest.raises(BadSet, match="already that of line 1"):
        sets.edit("내 질문", "c", replace(edited, id="a"))
    with pytest.raises(BadSet, match="the question is empty"):
        sets.edit("내 질문", "c", replace(edited, question=" "))
    with pytest.raises(BadSet, match='no question with the id "zzz"'):
        sets.edit("내 질문", "zzz", edited)
    sets.remove("내 질문", "a")
    assert sets.get("내 질문").items == (edited,)
    with pytest.raises(BadSet, match="holds no question"):
        sets.remove("내 질문", "c")
    assert sets.get("내 질문").items == (edited,), "a refused change changes nothing"


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\x00b", "line\nbreak", "\u202eabc"])
def test_names_that_are_none_are_refused(sets: SavedSets, name: str) -> None:
    with pytest.raises(BadSet, match="1 to 100 visible characters"):
        sets.save(replace(SET, name=name))


@pytest.mark.parametrize("name", ["../up", "/etc/passwd", "a/b", "con", "$(x)", "%2e%2e", "가나다"])
def test_no_name_becomes_a_path(sets: SavedSets, tmp_path: Path, name: str) -> None:
    sets.save(replace(SET, name=name))
    assert sets.get(name).name == name
    (kept,) = (tmp_path / "sets").glob("*.json")
    assert set(kept.stem) <= set("0123456789abcdef")
    assert [one.name for one in tmp_path.iterdir()] == ["sets"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b'{"name": "x"}',
        json.dumps({"name": "x", "answer_type": "odd", "language": "en", "items": []}).encode(),
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_is_named_and_stops_nobody(sets: SavedSets, tmp_path: Path, content: bytes) -> None:
    sets.save(SET)
    (tmp_path / "sets" / "0000.json").write_bytes(content)
    damaged, good = sets.list()
    assert (damaged.name, good.name) == ("0000.json", "내 질문")
    assert "0000.json" in str(damaged.problem) and "damaged" in str(damaged.problem)
    assert sets.names() == ["내 질문"]
    sets.delete("0000.json")
    assert [one.name for one in sets.list()] == ["내 질문"]


def test_a_file_with_a_faulty_question_says_which(sets: SavedSets, tmp_path: Path) -> None:
    sets.save(SET)
    (path,) = (tmp_path / "sets").glob("*.json")
    path.write_text(path.read_text("utf-8").replace("What grows there?", ""), "utf-8")
    with pytest.raises(BadSet, match="Line 1: the question is empty"):
        sets.get("내 질문")


EDIT = """
import sys
from pathlib import Path
from chains.compare.question_set import Item
from chains.compare.saved_sets import SavedSets
for n in range(int(sys.argv[2]), int(sys.argv[2]) + 10):
    SavedSets(Path(sys.argv[1])).edit("s", str(n), Item(str(n), f"edited {n}?", ("x",)))
"""


def test_two_processes_change_one_set_without_losing_a_change(sets: SavedSets, tmp_path: Path) -> None:
    sets.save(QuestionSet("s", "exact", tuple(Item(str(n), f"Why {n}?", ("x",)) for n in range(20))))
    folder = str(tmp_path / "sets")
    running = [
        subprocess.Popen([sys.executable, "-c", EDIT, folder, start], cwd=ROOT) for start in ("0", "10")
    ]
    assert [one.wait(60) for one in running] == [0, 0]
    assert all(item.question.startswith("edited") for item in sets.get("s").items)


def test_ten_thousand_questions_are_no_problem(sets: SavedSets) -> None:
    many = QuestionSet("many", "number", tuple(Item(str(n), f"{n}?", (str(n),)) for n in range(10_000)))
    sets.save(many)
    assert sets.get("many") == many
    assert sets.list()[0].questions == 10_000


def test_what_is_kept_in_memory_is_read_again_when_somebody_else_changed_it(
    sets: SavedSets, tmp_path: Path
) -> None:
    sets.save(SET)
    first = sets.get("내 질문")
    assert sets.get("내 질문") is first
    SavedSets(tmp_path / "sets").save(replace(SET, items=ITEMS[::-1]))
    assert sets.get("내 질문").items == ITEMS[::-1]
    sets.remove("내 질문", "a")
    assert sets.get("내 질문").items == ITEMS[1:]
    sets.delete("내 질문")
    with pytest.raises(BadSet):
        sets.get("내 질문")


def test_a_name_is_told_to_be_free_or_taken_before_long_work(sets: SavedSets) -> None:
    sets.check_free("내 질문")
    sets.save(SET)
    with pytest.raises(BadSet, match="already a set"):
        sets.check_free(" 내 질문")
    with pytest.raises(BadSet, match="visible"):
        sets.check_free("")

"""Few-shot sets: the built-in ones, a person's own, and what is refused."""

import json
import unicodedata
from pathlib import Path

import pytest

from chains.errors import BadExampleSet
from chains.examples import MOST_BYTES, MOST_EXAMPLES, ExampleSets, built_in_sets
from chains.question import Example

SOME = (Example("2+2?", "4"), Example("{x} <b>?", "한글 \\n \U0001f600"))
NAMES = [
    "mine",
    "내 예시",
    "../../etc/passwd",
    "a/b\\c",
    "$(x) `y`",
    "%2e%2e",
    "CON",
    "short_answers.en",
    "x" * 100,
]


@pytest.fixture
def sets(tmp_path: Path) -> ExampleSets:
    return ExampleSets(tmp_path / "not made yet")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_some_sets_come_with_maru(sets: ExampleSets, language: str) -> None:
    names = sets.names(language)
    assert len(names) >= 2
    assert names[0] != names[1]
    assert sets.default(language) in names
    for name in names:
        assert sets.built_in(name)
        assert 1 <= len(sets.get(name)) <= MOST_EXAMPLES
    korean = any("\uac00" <= letter <= "\ud7a3" for name in names for letter in sets.get(name)[0].question)
    assert korean == (language == "ko")


def test_every_built_in_set_is_whole_and_in_both_languages() -> None:
    assert len({one.name for one in built_in_sets()}) == len(built_in_sets())
    kinds = {one.key for one in built_in_sets()}
    assert {(one.key, one.language) for one in built_in_sets()} == {
        (k, v) for k in kinds for v in ("en", "ko")
    }
    for one in built_in_sets():
        assert all(example.question.strip() and example.answer.strip() for example in one.examples)


@pytest.mark.parametrize("name", NAMES)
def test_a_set_is_kept_and_read_back_under_any_name(sets: ExampleSets, tmp_path: Path, name: str) -> None:
    before = set(tmp_path.rglob("*"))
    sets.save(name, SOME)
    again = ExampleSets(tmp_path / "not made yet")
    assert again.get(name) == SOME
    assert name in again.names("en") and name in again.names("ko")
    (kept,) = [path for path in tmp_path.rglob("*") if path not in before and path.is_file()]
    assert kept.parent == tmp_path / "not made yet"
    assert kept.suffix == ".json" and kept.stem.isalnum() and kept.stem.isascii()
    sets.delete(name)
    assert name not in sets.names("en")
    with pytest.raises(BadExampleSet, match="no set of that name"):
        sets.get(name)


def test_saving_again_replaces(sets: ExampleSets) -> None:
    sets.save("mine", SOME)
    sets.save(" mine ", SOME[:1])
    assert sets.get("mine") == SOME[:1]
    assert sets.names("en").count("mine") == 1


def test_a_name_is_the_same_however_it_is_typed(sets: ExampleSets) -> None:
    sets.save(unicodedata.normalize("NFD", "내 예시"), SOME)
    assert sets.get(unicodedata.normalize("NFC", "내 예시")) == SOME
    with pytest.raises(BadExampleSet):
        sets.save(unicodedata.normalize("NFD", sets.default("ko")), SOME)


def test_built_in_sets_cannot_be_changed(sets: ExampleSets) -> None:
    name = sets.default("en")
    for change in (lambda: sets.save(name, SOME), lambda: sets.delete(name)):
        with pytest.raises(BadExampleSet, match="another name") as raised:
            change()
        assert "다른 이름" in raised.value.text("ko")


@pytest.mark.parametrize(
    ("name", "examples", "reason"),
    [
        ("", SOME, "1 to 100"),
        (" ", SOME, "1 to 100"),
        ("a\nb", SOME, "1 to 100"),
        ("a\x00", SOME, "1 to 100"),
        ("a\u202eb", SOME, "1 to 100"),
        ("x" * 101, SOME, "1 to 100"),
        ("mine", (), "no example"),
        ("mine", (Example("a", " "),), "lacks"),
        ("mine", (Example("", "b"),), "lacks"),
        ("mine", SOME * MOST_EXAMPLES, "more than 50"),
        ("mine", (Example("a", "가" * (MOST_BYTES // 3)),), "20 kB"),
    ],
)
def test_bad_sets_are_refused_with_a_reason(
    sets: ExampleSets, name: str, examples: tuple[Example, ...], reason: str
) -> None:
    sets.save("kept", SOME)
    with pytest.raises(BadExampleSet, match=reason) as raised:
        sets.save(name, examples)
    assert raised.value.text("ko") != raised.value.text("en")
    assert [own for own in sets.names("en") if not sets.built_in(own)] == ["kept"]


def test_half_a_surrogate_pair_does_not_break_the_file(sets: ExampleSets) -> None:
    sets.save("mine", (Example("a\ud800", "b"),))
    assert sets.get("mine") == (Example("a?", "b"),)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'{"name": "mine"}', b"\xff\xfe", b"[" * 30_000, b" " * 99_999]
)
def test_a_damaged_file_is_named_and_the_others_still_work(
    sets: ExampleSets, tmp_path: Path, content: bytes
) -> None:
    sets.save("mine", SOME)
    (damaged,) = (tmp_path / "not made yet").glob("*.json")
    damaged.write_bytes(content)
    sets.save("other", SOME)
    assert "other" in sets.names("en") and "mine" not in sets.names("en")
    with pytest.raises(BadExampleSet):
        sets.get("mine")
    sets.save("mine", SOME)
    assert sets.get("mine") == SOME


def test_what_a_langchain_dump_pretends_to_be_stays_text(sets: ExampleSets, tmp_path: Path) -> None:
    sets.save("mine", SOME)
    (file,) = (tmp_path / "not made yet").glob("*.json")
    poisoned = {"lc": 1, "type": "secret", "id": ["PATH"]}
    file.write_text(
        json.dumps({"name": "mine", "examples": [{"question": poisoned, "answer": "b"}]}), "utf-8"
    )
    with pytest.raises(BadExampleSet):
        sets.get("mine")


def test_a_failed_write_leaves_the_old_set(sets: ExampleSets, tmp_path: Path) -> None:
    sets.save("mine", SOME)
    folder = tmp_path / "not made yet"
    (file,) = folder.glob("*.json")
    old = file.read_bytes()
    file.unlink()
    file.mkdir()
    (file / "in the way").touch()
    with pytest.raises(OSError):
        sets.save("mine", SOME)
    assert [path.name for path in folder.iterdir()] == [file.name]
    (file / "in the way").unlink()
    file.rmdir()
    file.write_bytes(old)
    assert sets.get("mine") == SOME

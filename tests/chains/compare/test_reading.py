"""Files of questions: what is read, and what is said of every kind of broken file."""

import csv
import io
import json
import random
import tracemalloc
from pathlib import Path
from types import ModuleType

import pytest

from chains.compare.question_set import Item, QuestionSet
from chains.compare.reading import formats, preview, read_set, suffixes, write_set
from chains.errors import BadSet

GOOD = {"id": "1", "question": "What is a maru?", "answers": ["a floor"]}


def lines(*questions: object) -> str:
    return "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in questions)


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("one", formats().values(), ids=formats().keys())
def test_every_format_says_what_it_reads(one: ModuleType) -> None:
    assert set(one.label) == {"en", "ko"}
    assert one.suffixes
    assert all(suffix.startswith(".") and suffixes().count(suffix) == 1 for suffix in one.suffixes)
    assert callable(one.rows)


SAME = (
    Item("a", "What grows there?", ("rice", "barley"), "Rice and barley grow.", tags=("farm",)),
    Item("b", "누가 지었나요?", (), "글이 없어요.", answerable=False),
)
AS_LIST = [
    {
        "id": "a",
        "question": "What grows there?",
        "answers": ["rice", "barley"],
        "passage": "Rice and barley grow.",
        "tags": ["farm"],
    },
    {"id": "b", "question": "누가 지었나요?", "passage": "글이 없어요.", "answerable": False},
]
AS_YAML = """
- id: a
  question: What grows there?
  answers: [rice, barley]
  passage: Rice and barley grow.
  tags: [farm]
- id: b
  question: 누가 지었나요?
  answers:
  passage: "글이 없어요."
  answerable: no
"""
AS_TABLE = """id,question,answers,passage,tags,answerable
a,What grows there?,rice|barley,Rice and barley grow.,farm,
b,누가 지었나요?,,글이 없어요.,,아니요
"""


@pytest.mark.parametrize(
    "name, content",
    [
        ("q.jsonl", lines(*AS_LIST)),
        ("q.json", json.dumps(AS_LIST, indent=1)),
        ("q.yaml", AS_YAML),
        ("q.csv", AS_TABLE),
        ("q.csv", AS_TABLE.replace(",", ";")),
        ("q.tsv", AS_TABLE.replace(",", "\t")),
        ("q.CSV", AS_TABLE.replace("\n", "\r\n")),
    ],
)
def test_the_same_questions_in_every_format(tmp_path: Path, name: str, content: str) -> None:
    found = read_set(put(tmp_path, name, content))
    assert found == QuestionSet("q", "span", SAME, language="en")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp949"])
def test_encodings_of_korean_files(tmp_path: Path, encoding: str) -> None:
    table = "id,question,answers\n1,대한민국의 수도는 어디인가요?,서울\n2,똠방각하는 무엇인가요?,소설\n"
    path = put(tmp_path, "q.csv", table.encode(encoding))
    found = read_set(path)
    assert [item.answers for item in found.items] == [("서울",), ("소설",)]
    assert found.items[1].question == "똠방각하는 무엇인가요?"
    assert found.language == "ko"


@pytest.mark.parametrize(
    "content, line",
    [
        (lines(GOOD, {**GOOD, "id": "한글"}).encode() + b'{"id": "\xff"}\n', 3),
        ("id,question\n1,수도가 어디인가요\n".encode() + b"2,\xb0\xa1?\n", 3),
        (b"\xff\xfe" + "id,question\n1,a\n".encode("utf-16-le") + b"\x00\xd8", 3),
        ("id,question\n1,café\n".encode("latin-1"), 2),
    ],
)
def test_a_broken_encoding_is_named_with_its_line(tmp_path: Path, content: bytes, line: int) -> None:
    with pytest.raises(BadSet) as caught:
        read_set(put(tmp_path, "q.jsonl" if content.startswith(b"{") else "q.csv", content))
    assert caught.value.lines == (line,)
    assert "Save the file as UTF-8" in str(caught.value)


CHOICE = {"id": "1", "question": "Which?", "choices": ["red", "blue"], "answers": "red"}
BAD: dict[str, tuple[str, str | bytes, int | None, str]] = {
    "missing id": ("q.jsonl", lines({"question": "Why?", "answers": ["x"]}), 1, "the id is missing"),
    "empty id": ("q.jsonl", lines({**GOOD, "id": " "}), 1, "the id is missing"),
    "duplicate id": ("q.jsonl", lines(GOOD, GOOD), 2, 'the id "1" is already that of line 1'),
    "id of a wrong type": ("q.jsonl", lines({**GOOD, "id": [1]}), 1, '"id" must be a text, not a list'),
    "empty question": ("q.jsonl", lines({**GOOD, "question": " \n"}), 1, "the question is empty"),
    "missing question": ("q.jsonl", lines({"id": "1", "answers": ["x"]}), 1, "the question is empty"),
    "no reference": ("q.jsonl", lines({"id": "1", "question": "Why?"}), 1, "no right answer"),
    "empty list": ("q.jsonl", lines({**GOOD, "answers": []}), 1, "no right answer"),
    "empty answer": ("q.jsonl", lines({**GOOD, "answers": ["a", ""]}), 1, "one of the answers is empty"),
    "null answer": ("q.jsonl", lines({**GOOD, "answers": [None]}), 1, "not nothing (null)"),
    "answers as object": ("q.jsonl", lines({**GOOD, "answers": {"a": 1}}), 1, "not an object"),
    "answers as number": ("q.jsonl", lines({**GOOD, "answers": 5}), 1, "put it in quotation marks"),
    "answers as boolean": ("q.jsonl", lines({**GOOD, "answers": [True]}), 1, "not true or false"),
    "answered and unanswerable": ("q.jsonl", lines({**GOOD, "answerable": False}), 1, "yet there are"),
    "answerable as text": ("q.jsonl", lines({**GOOD, "answerable": "no"}), 1, "must be true or false"),
    "passage as list": ("q.jsonl", lines({**GOOD, "passage": ["x"]}), 1, '"passage" must be a text'),
    "answer is no choice": ("q.jsonl", lines({**CHOICE, "answers": "green"}), 1, "none of the choices"),
    "letter of no choice": ("q.jsonl", lines({**CHOICE, "answers": "C"}), 1, "none of the choices"),
    "one choice": ("q.jsonl", lines({**CHOICE, "choices": ["red"]}), 1, "here is 1"),
    "same choices": ("q.jsonl", lines({**CHOICE, "choices": ["red", "red"]}), 1, "stands twice"),
    "blank choice": ("q.jsonl", lines({**CHOICE, "choices": ["red", " "]}), 1, "choices is empty"),
    "choices only for some": ("q.jsonl", lines(CHOICE, {**GOOD, "id": "2"}), 2, "there are no choices"),
    "broken JSON": ("q.jsonl", lines(GOOD) + '{"id": "2", "question" "x"}\n', 2, "at column 24"),
    "cut JSON": ("q.jsonl", lines(GOOD) + '{"id": "2", ', 2, "broken JSON at column 13"),
    "line is no object": ("q.jsonl", lines(GOOD, ["x"]), 2, "one question as an object"),
    "key twice": ("q.jsonl", '{"id": "1", "id": "2"}\n', 1, 'the key "id" stands twice'),
    "nested too deeply": ("q.jsonl", "[" * 100_000, 1, "nested too deeply"),
    "huge number": ("q.jsonl", '{"id": ' + "9" * 5000 + "}", 1, "number is too long"),
    "half a character": (
        "q.jsonl",
        '{"id": "1", "question": "\\ud800", "answers": "x"}',
        1,
        "half of a char",
    ),
    "unknown key": ("q.jsonl", lines(GOOD, {**GOOD, "id": "2", "anwsers": "x"}), 2, 'mean "answers"?'),
    "unknown known elsewhere": ("q.jsonl", lines({**GOOD, "context": "x"}), 1, 'mean "passage"?'),
    "field too long": ("q.jsonl", lines({**GOOD, "passage": "x" * 100_001}), 1, "more than 100,000 char"),
    "empty file": ("q.jsonl", "", None, "There is no question in it"),
    "blank lines": ("q.jsonl", "\n\n", None, "There is no question in it"),
    "wrong kind": ("q.xlsx", "x", None, "files of this kind (.xlsx)"),
    "binary": ("q.csv", b"PK\x03\x04\x00\x00\x08\x00\x81\x82\xff" * 50, None, "no text file"),
    "no list": ("q.json", '{"data": []}', None, "must be one list of questions"),
    "list without comma": ("q.json", f"[{json.dumps(GOOD)}\n{json.dumps(GOOD)}]", 2, "is missing"),
    "list with comma at its end": ("q.json", f"[{json.dumps(GOOD)},\n]", 2, "broken JSON at column 1"),
    "list without end": ("q.json", f"[{json.dumps(GOOD)}", 1, "is missing"),
    "goes on": ("q.json", f"[{json.dumps(GOOD)}]\n[]", 2, "behind the end of the list"),
    "list of texts": ("q.json", '["why?"]', 1, "must be an object"),
    "broken YAML": ("q.yaml", "- id: 1\n  question: [a\n- id: 2\n", 3, "broken YAML"),
    "YAML mapping": ("q.yaml", "id: 1\nquestion: x\n", 1, "one list of questions"),
    "YAML texts": ("q.yaml", "- why\n", 1, "must have keys and values"),
    "YAML alias": ("q.yaml", "- &a {id: 1}\n- *a\n", 1, "aliases"),
    "YAML key twice": ("q.yaml", "- id: 1\n  id: 2\n", 2, "stands twice"),
    "YAML too deep": ("q.yaml", "- id: 1\n  answers: [[x]]\n", 2, "nested too deeply"),
    "YAML bomb": ("q.yaml", "- " * 100_000 + "x", 1, "nested too deeply"),
    "too many cells": (
        "q.csv",
        "id,question,answers\n1,Where, when?,here\n",
        2,
        "4 cells, but the header has 3",
    ),
    "open quote": ("q.csv", 'id,question,answers\n1,"Why?,x\n2,b,c\n', 2, "quotation mark"),
    "same column": ("q.csv", "id,question,question\n1,a,b\n", 1, 'called "question"'),
    "nameless column": ("q.csv", "id,,question\n1,a,b\n", 1, "column 2 has no name"),
    "no question column": ("q.csv", "id,answers\n1,x\n", 1, "no column holds the question"),
    "unknown column": ("q.csv", "id,question,answer,reasn\n1,a,b,c\n", 1, 'unknown key "reasn"'),
    "Korean column": ("q.csv", "id,질문,answer\n1,a,b\n", 1, 'Did you mean "question"?'),
    "id missing in one row": ("q.csv", "id,question,answer\n1,a,b\n,c,d\n", 3, "the id is missing"),
    "cell of no number": ("q.jsonl", lines({**GOOD, "answers": "many"}), 1, "has no number"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_answered_by_one_clear_sentence(tmp_path: Path, kind: str) -> None:
    name, content, line, said = BAD[kind]
    path = put(tmp_path, name, content)
    with pytest.raises(BadSet) as caught:
        read_set(path, answer_type="number" if kind == "cell of no number" else None)
    english, korean = caught.value.text("en"), caught.value.text("ko")
    assert said in english or said in english.lower()
    first = english.removeprefix(f'The question set "{name}" cannot be used. ')
    assert first.startswith(f"Line {line}: " if line else first[0].upper())
    assert caught.value.lines[0] == (line or 0)
    assert "{" not in english.replace('{"id": …', "").replace("[{…}, {…}]", "")
    assert any("\uac00" <= letter <= "\ud7a3" for letter in korean)
    assert str(tmp_path) not in english + korean
    if line:
        assert f"{line}번째 줄: " in korean


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(BadSet, match=r"no such file|of this kind"):
            read_set(path)


def test_every_faulty_line_is_named_the_first_twenty_and_how_many_more(tmp_path: Path) -> None:
    faulty = [{**GOOD, "id": str(n), "question": ""} for n in range(30)]
    with pytest.raises(BadSet) as caught:
        read_set(put(tmp_path, "q.jsonl", lines({**GOOD, "id": "ok"}, *faulty)))
    told = str(caught.value).splitlines()
    assert told[0].endswith("30 faults:")
    assert [line.split(":")[0] for line in told[1:-1]] == [f"Line {n}" for n in range(2, 22)]
    assert told[-1] == "… and 10 more."
    assert caught.value.text("ko").splitlines()[-1] == "… 그 밖에 10군데가 더 있어요."


def test_one_line_may_have_several_faults(tmp_path: Path) -> None:
    bad = {"question": "", "answers": 3}
    with pytest.raises(BadSet) as caught:
        read_set(put(tmp_path, "q.jsonl", lines(bad, GOOD)))
    assert caught.value.lines == (1, 1, 1)


def test_answers_may_be_one_text_and_choices_a_letter(tmp_path: Path) -> None:
    questions = [
        {**CHOICE, "id": "1", "answers": "red"},
        {**CHOICE, "id": "2", "answers": ["b"]},
        {**CHOICE, "id": "3", "answers": "(A)"},
        {**CHOICE, "id": "4", "choices": ["B", "A"], "answers": "A"},
    ]
    found = read_set(put(tmp_path, "q.jsonl", lines(*questions)))
    assert found.answer_type == "choice"
    assert [item.answers for item in found.items] == [("red",), ("blue",), ("red",), ("A",)]


def test_choices_of_a_table_stand_in_columns(tmp_path: Path) -> None:
    table = "question,A,B,C,answer\nWhich one?,red,blue,green,B\nAnd now?,x,y,,x\n"
    found = read_set(put(tmp_path, "q.csv", table))
    assert found.items == (
        Item("1", "Which one?", ("blue",), choices=("red", "blue", "green")),
        Item("2", "And now?", ("x",), choices=("x", "y")),
    )


@pytest.mark.parametrize(
    "questions, expected",
    [
        ([{"answers": "42"}, {"answers": ["1,000", "$5.50"]}], "number"),
        ([{"answers": "42"}, {"answers": "many"}], "exact"),
        ([{"answers": "rice", "passage": "There is rice."}, {"answerable": False, "passage": "x"}], "span"),
        ([{"answers": "rice", "passage": "There is barley."}], "exact"),
        ([{"answers": "a long explanation of everything " * 5}], "text"),
        ([{"answers": "a", "choices": ["a", "b"]}], "choice"),
    ],
)
def test_the_answer_type_is_guessed(
    tmp_path: Path, questions: list[dict[str, object]], expected: str
) -> None:
    rows = [{"id": str(n), "question": "Why?", **one} for n, one in enumerate(questions)]
    path = put(tmp_path, "q.jsonl", lines(*rows))
    assert read_set(path).answer_type == expected
    if expected != "choice":
        assert read_set(path, answer_type="text").answer_type == "text"


def test_columns_are_mapped_and_the_others_left_out(tmp_path: Path) -> None:
    table = "순번,물음,모범 답안,비고\n7,수도는 어디인가요?,서울,쉬움\n"
    path = put(tmp_path, "q.csv", table.encode("cp949"))
    found = read_set(path, columns={"question": "물음", "answers": "모범 답안"}, name="내 질문")
    assert found == QuestionSet("내 질문", "exact", (Item("1", "수도는 어디인가요?", ("서울",)),), "ko")
    assert (
        read_set(path, columns={"id": "순번", "question": "물음", "answers": "모범 답안"}).items[0].id == "7"
    )


@pytest.mark.parametrize(
    "columns, said",
    [
        ({"question": "q", "answers": "nowhere"}, 'no column "nowhere". Columns: q, a'),
        ({"question": "q", "reference": "a"}, 'no field "reference"'),
        ({"question": "q", "answers": "q"}, "chosen for two fields"),
        ({"answers": "a"}, "No column holds the question"),
    ],
)
def test_a_wrong_mapping_is_named(tmp_path: Path, columns: dict[str, str], said: str) -> None:
    with pytest.raises(BadSet) as caught:
        read_set(put(tmp_path, "q.csv", "q,a\nWhy?,x\n"), columns=columns)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "columns", [{"question": "question", "answers": "anwser"}, {"question": "question", "answer": "answer"}]
)
def test_a_wrong_mapping_is_the_only_fault_that_is_told(tmp_path: Path, columns: dict[str, str]) -> None:
    questions = lines(*({"question": f"Why {n}?", "answer": "x"} for n in range(5)))
    with pytest.raises(BadSet) as caught:
        read_set(put(tmp_path, "q.jsonl", questions), columns=columns)
    assert caught.value.lines == (0,)


MISSPELT = {"id": "2", "qestion": "Name the floor.", "answers": "x"}


@pytest.mark.parametrize(
    "questions, guessed, line, known",
    [
        ([GOOD, MISSPELT, {**MISSPELT, "id": "3"}], True, 2, "question"),
        ([GOOD, MISSPELT, {**MISSPELT, "id": "3"}], False, 2, "question"),
        ([MISSPELT, {**MISSPELT, "id": "3"}], True, 0, "question"),
        ([MISSPELT, {**MISSPELT, "id": "3"}], False, 1, "question"),
        ([GOOD, {"id": "2", "question": "Why?", "anwsers": "x"}], True, 2, "answers"),
        ([{"id": "2", "question": "Why?", "anwsers": "x"}], False, 1, "answers"),
    ],
)
def test_a_misspelt_key_is_named_once_with_the_known_ones(
    tmp_path: Path, questions: list[dict[str, object]], guessed: bool, line: int, known: str
) -> None:
    path = put(tmp_path, "q.jsonl", lines(*questions))
    with pytest.raises(BadSet) as caught:
        read_set(path, columns=preview(path).columns if guessed else None)
    assert caught.value.lines == (line,)
    said = str(caught.value)
    assert f'Did you mean "{known}"?' in said and "Known keys: id, question, answers" in said


def test_an_empty_question_is_not_blamed_on_another_key(tmp_path: Path) -> None:
    path = put(tmp_path, "q.csv", "id,question,prompt,answers\n1,Why?,a,x\n2,,b,x\n")
    with pytest.raises(BadSet, match="Line 3: the question is empty"):
        read_set(path, columns=preview(path).columns)


def test_a_preview_guesses_by_name_and_by_content(tmp_path: Path) -> None:
    text = "The lighthouse was built in 1871 from grey granite that came by ship. " * 5
    rows = [["1", "When was it built?", "1871", text, "x"], ["2", "From what?", "grey granite", text, "y"]]
    table = io.StringIO()
    csv.writer(table).writerows([["번호", "k1", "k2", "k3", "k4"], *rows])
    path = put(tmp_path, "q.csv", table.getvalue().encode("cp949"))
    found = preview(path, rows=1)
    assert found.headers == ("번호", "k1", "k2", "k3", "k4")
    assert found.columns == {"id": "번호", "question": "k1", "passage": "k3", "answers": "k2"}
    assert found.ignored == ("k4",)
    assert found.rows[0][:3] == ("1", "When was it built?", "1871")
    assert found.rows[0][3].endswith("…")
    assert not found.numbered
    assert found.reasons["question"]["en"] == "most of its texts end in a question mark"
    assert {"en": "The file was read as CP949.", "ko": "CP949 인코딩으로 읽었어요."} in found.notes
    assert read_set(path, columns=found.columns).answer_type == "span"


def test_a_preview_tells_of_numbering_and_of_choice_columns(tmp_path: Path) -> None:
    found = preview(put(tmp_path, "q.csv", "문제,보기1,보기 2,정답\n무엇인가요?,가,나,A\n"))
    assert found.columns == {"question": "문제", "A": "보기1", "B": "보기 2", "answers": "정답"}
    assert found.numbered
    assert any("numbered" in note["en"] for note in found.notes)
    made = read_set(tmp_path / "q.csv", columns=found.columns)
    assert made.items == (Item("1", "무엇인가요?", ("가",), choices=("가", "나")),)


def test_a_preview_shows_the_problems_it_met(tmp_path: Path) -> None:
    found = preview(put(tmp_path, "q.jsonl", "oops\n" + lines(GOOD)))
    assert len(found.rows) == 1
    assert found.problems[0]["en"].startswith("Line 1: broken JSON")
    with pytest.raises(BadSet):
        preview(put(tmp_path, "empty.csv", ""))


def test_what_is_written_is_read_exactly(tmp_path: Path) -> None:
    items = (
        Item(" a ", ' "quoted"\n\u2028 and \\ ', ("x\ty", "  z "), "passage\r\n끝\x85", tags=("t|u", "v")),
        Item("b", "Which?", ("B",), choices=("B", "A")),
        Item("c", "None?", (), "", answerable=False),
    )
    path = tmp_path / "folder" / "q.jsonl"
    write_set(QuestionSet("q", "choice", items[1:2]), path)
    assert read_set(path, answer_type="choice").items == items[1:2]
    write_set(QuestionSet("q", "text", (items[0], items[2])), path)
    assert read_set(path, answer_type="text").items == (items[0], items[2])
    assert [one.name for one in path.parent.iterdir()] == ["q.jsonl"]


def test_ten_thousand_questions_take_little_memory(tmp_path: Path) -> None:
    rows = [{"id": str(n), "question": f"What is {n}?", "answers": [str(n)]} for n in range(10_000)]
    path = put(tmp_path, "q.jsonl", lines(*rows))
    tracemalloc.start()
    found = read_set(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found.items) == 10_000
    assert found.answer_type == "number"
    assert peak < 40_000_000


def test_too_many_questions_and_too_many_bytes_are_refused(tmp_path: Path) -> None:
    path = put(tmp_path, "q.csv", "question,answer\n" + "why,x\n" * 100_001)
    with pytest.raises(BadSet, match="more than 100,000 questions"):
        read_set(path)
    with path.open("wb") as file:
        file.truncate(50_000_001)
    with pytest.raises(BadSet, match="at most 50 MB"):
        read_set(path)


def test_whatever_a_file_holds_the_answer_is_a_set_or_a_sentence(tmp_path: Path) -> None:
    seeds = {
        "q.jsonl": lines(*AS_LIST).encode(),
        "q.json": json.dumps(AS_LIST).encode(),
        "q.yaml": AS_YAML.encode(),
        "q.csv": AS_TABLE.encode("cp949"),
        "q.tsv": AS_TABLE.replace(",", "\t").encode("utf-16"),
    }
    drawn, read, refused = random.Random(4), 0, 0
    for turn in range(400):
        name = list(seeds)[turn % len(seeds)]
        path = put(tmp_path, name, mutated(seeds[name], drawn))
        try:
            read += bool(read_set(path).items)
        except BadSet as error:
            refused += 1
            assert error.text("en") and error.text("ko")
    assert read > 20
    assert refused > 200


def mutated(content: bytes, drawn: random.Random) -> bytes:
    """The content with a few bytes changed, cut out, put in or repeated."""
    made = bytearray(content)
    for _ in range(drawn.randint(1, 5)):
        at = drawn.randrange(len(made))
        change = drawn.randrange(4)
        if change == 0:
            made[at] = drawn.randrange(256)
        elif change == 1:
            del made[at : at + drawn.randrange(20)]
        elif change == 2:
            made[at:at] = bytes(drawn.choices(b'{}[]":,\n\\-&*!<>|0aA \xff\x00', k=drawn.randrange(6)))
        else:
            made[at:at] = made[at : at + 30]
    return bytes(made)

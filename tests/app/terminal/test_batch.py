"""What is taken for a question in a batch file, and how the other lines are named."""

from pathlib import Path

import pytest

from app.terminal.batch import BatchLine, read_batch
from app.terminal.errors import BadBatch, FileUnreadable


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "batch.jsonl"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_questions_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = written(
        tmp_path, '{"question": "둘?", "id": "b", "answer": "x"}\n\n  \n{"id": 1, "question": "One?"}'
    )
    assert read_batch(path) == [BatchLine("b", "둘?"), BatchLine(1, "One?")]


def test_a_byte_order_mark_and_windows_line_ends_are_no_part_of_it(tmp_path: Path) -> None:
    path = written(
        tmp_path, b'\xef\xbb\xbf{"id": 1, "question": "One?"}\r\n{"id": 2, "question": "Two?"}\r\n'
    )
    assert [line.id for line in read_batch(path)] == [1, 2]


def test_a_line_separator_inside_a_text_does_not_end_the_line(tmp_path: Path) -> None:
    path = written(tmp_path, '{"id": 1, "question": "one\u2028two"}\n')
    assert read_batch(path)[0].question == "one\u2028two"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "not json",
        "[]",
        '"text"',
        "{}",
        '{"id": 1}',
        '{"question": "no id"}',
        '{"id": null, "question": "x"}',
        '{"id": true, "question": "x"}',
        '{"id": 1.5, "question": "x"}',
        '{"id": [1], "question": "x"}',
        '{"id": 1, "question": ""}',
        '{"id": 1, "question": " \\t"}',
        '{"id": 1, "question": 7}',
        '{"id": 1, "question": "cut',
        "[" * 100_000,
    ],
)
def test_a_line_that_is_no_question_is_named_by_its_number(tmp_path: Path, line: str) -> None:
    good = '{"id": "good", "question": "Well?"}\n'
    path = written(tmp_path, good + line + "\n")
    if not line:
        assert len(read_batch(path)) == 1
        return
    with pytest.raises(BadBatch) as raised:
        read_batch(path)
    for language in ("en", "ko"):
        assert "\n  2: " in raised.value.text(language)
        assert "\n  1: " not in raised.value.text(language)


def test_a_repeated_id_is_named_with_the_line_that_has_it_first(tmp_path: Path) -> None:
    path = written(tmp_path, '{"id": "가", "question": "x"}\n{"id": "가", "question": "y"}\n')
    with pytest.raises(BadBatch, match='2: The id "가" stands in line 1 already') as raised:
        read_batch(path)
    assert '2: "가" id는 1번째 줄에 이미 있어요' in raised.value.text("ko")


@pytest.mark.parametrize(
    "line, english, korean",
    [
        ('{"id": 1, "question": " "}', 'The "question" is empty.', "비어 있어요"),
        ('{"id": 1}', 'The "question" is missing', "없거나"),
        ('{"question": "x"}', 'The "id" is missing', '"id"가 없거나'),
        ("[]", "no JSON object", "JSON 객체가"),
        ("x", "not JSON (Expecting value", "JSON이 아니에요"),
    ],
)
def test_what_is_wrong_with_a_line_is_a_sentence(
    tmp_path: Path, line: str, english: str, korean: str
) -> None:
    with pytest.raises(BadBatch) as raised:
        read_batch(written(tmp_path, line))
    assert english in raised.value.text("en")
    assert korean in raised.value.text("ko")


def test_1_and_the_text_1_are_two_ids(tmp_path: Path) -> None:
    path = written(tmp_path, '{"id": "1", "question": "x"}\n{"id": 1, "question": "y"}\n')
    assert [line.id for line in read_batch(path)] == ["1", 1]


def test_of_many_bad_lines_the_first_are_shown_and_the_rest_counted(tmp_path: Path) -> None:
    with pytest.raises(BadBatch) as raised:
        read_batch(written(tmp_path, "x\n" * 100))
    assert "+80" in str(raised.value)
    assert str(raised.value).count("\n") < 30


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "gone.jsonl" if content is None else written(tmp_path, content)
    with pytest.raises(FileUnreadable, match=path.name):
        read_batch(path)
    with pytest.raises(FileUnreadable):
        read_batch(tmp_path)

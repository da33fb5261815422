"""JSON Lines: a question a line."""

from collections.abc import Iterator

from chains.compare.rows import DECODER, Row, json_fault, lines
from chains.compare.set_faults import Faults

label = {"en": "JSON Lines", "ko": "JSON Lines"}
suffixes = (".jsonl", ".ndjson")

_NOT_OBJECT = {
    "en": 'a line holds one question as an object: {{"id": …, "question": …, "answers": […]}}.',
    "ko": '한 줄에 질문 하나를 객체로 적어 주세요: {{"id": …, "question": …, "answers": […]}}.',
}


def rows(text: str, suffix: str, faults: Faults) -> Iterator[Row]:
    """The questions; lines that are none are noted in `faults`."""
    for number, line in lines(text):
        if not line.strip():
            continue
        try:
            value = DECODER.decode(line)
        except (ValueError, RecursionError) as error:
            told, values = json_fault(error)
            faults.add(number, told, **values)
            continue
        if isinstance(value, dict):
            yield Row(number, value, "json")
        else:
            faults.add(number, _NOT_OBJECT)

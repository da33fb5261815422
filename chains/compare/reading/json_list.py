"""JSON: one list of questions."""

import re
from collections.abc import Iterator

from chains.compare.rows import DECODER, Row, json_fault
from chains.compare.set_faults import Faults

label = {"en": "JSON list", "ko": "JSON 목록"}
suffixes = (".json",)

_SPACE = re.compile(r"[ \t\n\r]*")
_NOT_LIST = {
    "en": "the file must be one list of questions: [{{…}}, {{…}}]. A public set (SQuAD's form) is loaded by "
    "its name instead.",
    "ko": "파일 전체가 질문 목록이어야 해요: [{{…}}, {{…}}]. SQuAD 같은 공개 모음은 이름으로 불러와 주세요.",
}
_NOT_OBJECT = {
    "en": "an entry of the list must be an object with a question.",
    "ko": "목록의 항목은 질문이 든 객체여야 해요.",
}
_NO_COMMA = {
    "en": 'broken JSON at column {column}: "," or "]" is missing.',
    "ko": "{column}번째 글자에서 JSON이 깨졌어요. 쉼표(,)나 닫는 대괄호(])가 빠졌어요.",
}
_GOES_ON = {
    "en": "something stands behind the end of the list (column {column}). Remove it.",
    "ko": "목록이 끝난 뒤에 다른 글자가 있어요({column}번째 글자). 지워 주세요.",
}


def rows(text: str, suffix: str, faults: Faults) -> Iterator[Row]:
    """The questions, one after the other; what breaks the list ends it, with a note in `faults`."""
    at = _behind_space(text, 0)
    if text[at : at + 1] != "[":
        faults.add(0, _NOT_LIST)
        return
    at = _behind_space(text, at + 1)
    place = _Place(text)
    while text[at : at + 1] != "]" or place.expecting:
        line, column = place.of(at)
        try:
            value, at = DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            told, values = json_fault(error)
            line = getattr(error, "lineno", line)
            faults.add(line, told, **values)
            return
        if isinstance(value, dict):
            yield Row(line, value, "json")
        else:
            faults.add(line, _NOT_OBJECT)
        at = _behind_space(text, at)
        place.expecting = text[at : at + 1] == ","
        if place.expecting:
            at = _behind_space(text, at + 1)
        elif text[at : at + 1] != "]":
            line, column = place.of(at)
            faults.add(line, _NO_COMMA, column=column)
            return
    _check_end(text, at + 1, place, faults)


class _Place:
    """Lines and columns of growing positions, counted once."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._line = text, 0, 1
        self.expecting = False

    def of(self, at: int) -> tuple[int, int]:
        """Line and column, both from 1."""
        self._line += self._text.count("\n", self._at, at)
        self._at = at
        return self._line, at - self._text.rfind("\n", 0, at)


def _check_end(text: str, at: int, place: _Place, faults: Faults) -> None:
    at = _behind_space(text, at)
    if at < len(text):
        line, column = place.of(at)
        faults.add(line, _GOES_ON, column=column)


def _behind_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at

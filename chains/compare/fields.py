"""Which column holds what: the fields of a question, and how a person's own headers are mapped to them."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from adapters.spec import Text
from chains.compare.rows import Row
from chains.compare.set_faults import Faults, shown

FIELDS = ("id", "question", "answers", "passage", "choices", "tags", "answerable")
LETTERS = "ABCDEFGHIJ"
"""A table may give each choice a column of its own, called by its letter."""

_LABELS: dict[str, Text] = {
    "id": {"en": "Id", "ko": "ID"},
    "question": {"en": "Question", "ko": "질문"},
    "answers": {"en": "Right answers", "ko": "정답"},
    "passage": {"en": "Passage", "ko": "지문"},
    "choices": {"en": "Choices", "ko": "보기"},
    "tags": {"en": "Tags", "ko": "태그"},
    "answerable": {"en": "Can be answered", "ko": "답할 수 있는지"},
}

_SYNONYMS = {
    "id": "qid guid key no number 번호 아이디 문항번호 순번",
    "question": "query prompt input sentence text q 질문 문제 물음 질의 문항",
    "answers": "answer reference references gold target output label a 정답 답 답변 답안 모범답안",
    "passage": "context paragraph document evidence source_text 지문 문단 본문 문맥 단락",
    "choices": "choice options option candidates 보기 선택지 선지",
    "tags": "tag category subject topic type 태그 분류 주제 과목 범주 유형",
    "answerable": "is_answerable 답변가능 답가능",
}
_FIELD_OF = {name: field for field, names in _SYNONYMS.items() for name in [field, *names.split()]}
_CHOICE_NAME = re.compile(r"(?:choice|option|answer|보기|선택지|선지)?[ _-]?\(?([a-j]|10|[1-9])\)?")

_UNKNOWN = {
    "en": 'unknown key "{key}".{near} Known keys: {known}. Rename it, or say which column is which.',
    "ko": "'{key}' 키는 없어요.{near} 쓸 수 있는 키: {known}. 이름을 바꾸거나 열을 직접 골라 주세요.",
}
_NEAR = {"en": ' Did you mean "{key}"?', "ko": " 혹시 '{key}' 아닌가요?"}
_NO_FIELD = {
    "en": 'there is no field "{key}" to map a column to. Fields: {known}.',
    "ko": "'{key}' 항목은 없어요. 고를 수 있는 항목: {known}.",
}
_NO_COLUMN = {
    "en": 'there is no column "{key}". Columns: {known}.',
    "ko": "'{key}' 열이 없어요. 있는 열: {known}.",
}
_TAKEN = {
    "en": 'the column "{key}" is chosen for two fields. Choose each column once.',
    "ko": "'{key}' 열을 두 곳에 골랐어요. 열마다 한 번만 골라 주세요.",
}
_NO_QUESTION = {
    "en": 'no column holds the question. Call one "question", or say which one it is. Columns: {known}.',
    "ko": "질문이 든 열이 없어요. 열 이름을 question으로 바꾸거나 어느 열인지 골라 주세요. 있는 열: {known}.",
}

BY_NAME: Text = {"en": "by its name", "ko": "이름을 보고 골랐어요"}
BY_MARKS: Text = {"en": "most of its texts end in a question mark", "ko": "대부분 물음표로 끝나요"}
BY_PASSAGE: Text = {"en": "its texts stand in the passage", "ko": "지문 안에 나오는 글이에요"}
BY_LENGTH: Text = {"en": "it holds the longest texts", "ko": "글이 가장 길어요"}
LONG_TEXT = 200


@dataclass(frozen=True)
class FieldColumns:
    """Which column fills which field: `columns[field]`; a field may also be a choice's letter. `numbered`:
    there is no column of ids, so that questions are counted. `unknown` are keys that were told to be."""

    columns: Mapping[str, str]
    numbered: bool
    unknown: frozenset[str] = frozenset()


def field_label(field: str) -> Text:
    """What a form calls the field."""
    return _LABELS.get(field, {"en": f"Choice {field}", "ko": f"보기 {field}"})


def chosen(headers: list[str], columns: Mapping[str, str], faults: Faults) -> FieldColumns:
    """A person's own mapping, checked; columns it leaves out are not read."""
    taken: set[str] = set()
    for field, column in columns.items():
        if field not in FIELDS and field not in LETTERS:
            faults.add(0, _NO_FIELD, key=shown(field), known=", ".join([*FIELDS, "A…J"]))
        elif column not in headers:
            faults.add(0, _NO_COLUMN, key=shown(column), known=_listed(headers))
        elif column in taken:
            faults.add(0, _TAKEN, key=shown(column))
        taken.add(column)
    if "question" not in columns:
        # a column that is called so, but was not chosen for it, was left out on purpose
        free = (one for one in headers if one not in taken and _folded(one) not in _FIELD_OF)
        misspelt = misspelt_for("question", free)
        if misspelt is None:
            faults.add(0, _NO_QUESTION, known=_listed(headers))
        else:
            tell_unknown(misspelt, 0, True, faults)
    return FieldColumns(dict(columns), "id" not in columns)


def by_name(headers: list[str], rows: list[Row], faults: Faults) -> FieldColumns:
    """The fields by their own names. Other names are faults, told once each, with the nearest known name."""
    columns: dict[str, str] = {}
    unknown: set[str] = set()
    table = bool(rows) and rows[0].kind == "table"
    for header, line in _first_lines(headers, rows):
        field = _own_name(header, table)
        if field is None or field in columns:
            tell_unknown(header, 1 if table else line, table, faults)
            unknown.add(header)
        else:
            columns[field] = header
    if table and "question" not in columns and not faults.found:
        faults.add(1, _NO_QUESTION, known=_listed(headers))
    return FieldColumns(columns, table and "id" not in columns, frozenset(unknown))


def tell_unknown(key: str, line: int, table: bool, faults: Faults) -> None:
    """Notes a key that is none of ours, with the nearest that is and with all of them."""
    faults.add(line, _UNKNOWN, key=shown(key), near=_near(key), known=_known(table))


def misspelt_for(field: str, keys: Iterable[str]) -> str | None:
    """The first of the keys that seems to mean that field."""
    return next((key for key in keys if _meant(key) == field), None)


def guess(headers: list[str], rows: list[Row]) -> dict[str, tuple[str, Text]]:
    """The column of each field that can be guessed, and why: by its name, else by what stands in it."""
    found: dict[str, tuple[str, Text]] = {}
    for header in headers:
        field = _own_name(header, True) or _FIELD_OF.get(_folded(header)) or _choice_letter(header)
        if field is not None and field not in found:
            found[field] = (header, BY_NAME)
    if "A" not in found or "B" not in found:
        found = {field: one for field, one in found.items() if field not in LETTERS}
    for field, look in (("question", _asks), ("passage", _long), ("answers", _stands_in)):
        free = [header for header in headers if header not in {column for column, _ in found.values()}]
        if field not in found:
            guessed = look(free, rows, found)
            if guessed is not None:
                found[field] = guessed
    return found


def _own_name(header: str, table: bool) -> str | None:
    folded = _folded(header)
    if folded in FIELDS:
        return folded
    if folded == "answer":
        return "answers"
    return header if table and len(header) == 1 and header in LETTERS else None


def _first_lines(headers: list[str], rows: list[Row]) -> Iterator[tuple[str, int]]:
    lines: dict[str, int] = {}
    for row in rows:
        for key in row.values:
            lines.setdefault(key, row.line)
    return ((header, lines.get(header, 0)) for header in headers)


def _near(header: str) -> Text | str:
    field = _meant(header)
    return {language: text.format(key=field) for language, text in _NEAR.items()} if field else ""


def _meant(header: str) -> str | None:
    folded = _folded(header)
    close = [folded] if folded in _FIELD_OF else get_close_matches(folded, _FIELD_OF, n=1, cutoff=0.7)
    return _FIELD_OF[close[0]] if close else None


def _known(table: bool) -> str:
    return ", ".join([*FIELDS, "A…J"] if table else FIELDS)


def _folded(header: str) -> str:
    return unicodedata.normalize("NFKC", header).strip().casefold().replace(" ", "_")


def _choice_letter(header: str) -> str | None:
    match = _CHOICE_NAME.fullmatch(_folded(header))
    if match is None:
        return None
    return LETTERS[int(match[1]) - 1] if match[1].isdigit() else match[1].upper()


Found = Mapping[str, tuple[str, Text]]


def _asks(free: list[str], rows: list[Row], found: Found) -> tuple[str, Text] | None:
    for header in free:
        texts = _texts(header, rows)
        if texts and sum(text.rstrip().endswith(("?", "？")) for text in texts) * 2 > len(texts):
            return header, BY_MARKS
    return None


def _long(free: list[str], rows: list[Row], found: Found) -> tuple[str, Text] | None:
    means = {header: _mean_length(_texts(header, rows)) for header in free}
    longest = max(means, key=means.__getitem__, default=None)
    return (longest, BY_LENGTH) if longest is not None and means[longest] > LONG_TEXT else None


def _stands_in(free: list[str], rows: list[Row], found: Found) -> tuple[str, Text] | None:
    if "passage" not in found:
        return None
    passage = found["passage"][0]
    for header in free:
        pairs = [(row.values.get(header), row.values.get(passage)) for row in rows]
        texts = [(a, b) for a, b in pairs if isinstance(a, str) and isinstance(b, str) and a.strip()]
        if texts and sum(a.strip() in b for a, b in texts) * 2 > len(texts):
            return header, BY_PASSAGE
    return None


def _texts(header: str, rows: list[Row]) -> list[str]:
    values = (row.values.get(header) for row in rows)
    return [value for value in values if isinstance(value, str) and value.strip()]


def _mean_length(texts: list[str]) -> float:
    return sum(map(len, texts)) / len(texts) if texts else 0.0


def _listed(headers: Iterable[str]) -> str:
    return ", ".join(shown(header) for header in list(headers)[:30]) or "–"

"""From the rows of a file to questions; everything that is wrong with a row is noted, not only the first."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from adapters.spec import Text
from chains.compare.fields import LETTERS, FieldColumns, misspelt_for, tell_unknown
from chains.compare.question_set import AnswerType, Item
from chains.compare.rows import MOST_QUESTIONS, Row
from chains.compare.set_faults import Faults, shown

MOST_CHARACTERS = 100_000
MOST_CHOICES = 26
NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?")

_HALVES = re.compile("[\ud800-\udfff]")
_NO_ID = {
    "en": "the id is missing. Give every question one.",
    "ko": "id가 없어요. 질문마다 id를 적어 주세요.",
}
_SAME_ID = {
    "en": 'the id "{id}" is already that of line {first}. Ids must differ.',
    "ko": "id '{id}' 값은 {first}번째 줄에서 이미 썼어요. id는 서로 달라야 해요.",
}
_NO_QUESTION = {"en": "the question is empty. Write it.", "ko": "질문이 비어 있어요. 질문을 적어 주세요."}
_NO_ANSWER = {
    "en": 'no right answer is given. Add "answers", or say "answerable": false.',
    "ko": '정답이 없어요. "answers"를 적거나 "answerable": false로 표시해 주세요.',
}
_BLANK_ANSWER = {
    "en": "one of the answers is empty. Fill it in or remove it.",
    "ko": "빈 정답이 있어요. 채우거나 지워 주세요.",
}
_ANSWERED = {
    "en": '"answerable" is false, yet there are answers. Remove one of the two.',
    "ko": '"answerable"이 false인데 정답이 있어요. 둘 중 하나를 지워 주세요.',
}
_TYPE = {
    "en": '"{field}" must be {wanted}, not {found}.',
    "ko": "'{field}' 값은 {wanted} 형식이어야 하는데, {found} 형식이에요.",
}
_TOO_LONG = {
    "en": '"{field}" has more than {most} characters. Shorten it.',
    "ko": "'{field}' 값이 {most}자를 넘어요. 줄여 주세요.",
}
_HALF = {
    "en": '"{field}" holds half of a character (\\ud800–\\udfff). Write the character itself.',
    "ko": "'{field}' 값에 반쪽짜리 글자(\\ud800–\\udfff)가 있어요. 글자를 그대로 적어 주세요.",
}
_FEW_CHOICES = {
    "en": "a choice needs 2 to {most} texts to choose from, here is {count}.",
    "ko": "보기는 2개에서 {most}개까지여야 하는데 {count}개예요.",
}
_SAME_CHOICE = {
    "en": 'the choice "{choice}" stands twice. Choices must differ.',
    "ko": "보기 '{choice}' 항목이 두 번 있어요. 보기는 서로 달라야 해요.",
}
_BLANK_CHOICE = {
    "en": "one of the choices is empty. Fill it in or remove it.",
    "ko": "빈 보기가 있어요. 채우거나 지워 주세요.",
}
_NOT_CHOICE = {
    "en": 'the answer "{answer}" is none of the choices ({choices}), nor one of their letters.',
    "ko": "정답 '{answer}' 항목이 보기({choices})에 없고, 보기의 글자도 아니에요.",
}
_WANTS_CHOICES = {
    "en": "there are no choices, but the answers of this set are choices. Add them.",
    "ko": "보기에서 고르는 질문 모음인데 보기가 없어요. 보기를 적어 주세요.",
}
_NO_NUMBER = {
    "en": 'the answer "{answer}" has no number, but the answers of this set are numbers.',
    "ko": "숫자로 답하는 질문 모음인데 정답 '{answer}' 항목에 숫자가 없어요.",
}
_TOO_MANY = {
    "en": "there are more than {most} questions. Split the file.",
    "ko": "질문이 {most}개를 넘어요. 파일을 나눠 주세요.",
}
_TEXT: Text = {"en": "a text", "ko": "글자"}
_TEXTS: Text = {"en": "a text or a list of texts", "ko": "글자 또는 글자 목록"}
_BOOLEAN: Text = {"en": "true or false", "ko": "true 또는 false"}
_TRUE = {"true", "yes", "y", "1", "o", "예", "네", "참", "가능"}
_FALSE = {"false", "no", "n", "0", "x", "아니요", "아니오", "거짓", "불가능"}


def items(
    rows: Iterable[Row], columns: FieldColumns, answer_type: AnswerType | None, faults: Faults
) -> list[tuple[int, Item]]:
    """The line and the question of every row that has no fault."""
    made: list[tuple[int, Item]] = []
    first_lines: dict[str, int] = {}
    unknown = set(columns.unknown)
    for number, row in enumerate(rows, start=1):
        if number > MOST_QUESTIONS:
            faults.add(row.line, _TOO_MANY, most=f"{MOST_QUESTIONS:,}")
            break
        before = len(faults.found)
        item = _Reader(row, columns, faults, unknown).item(number, answer_type)
        if item.id and first_lines.setdefault(item.id, row.line) != row.line:
            faults.add(row.line, _SAME_ID, id=shown(item.id), first=first_lines[item.id])
        if len(faults.found) == before:
            made.append((row.line, item))
    return made


class _Reader:
    """Reads one row field by field. What is faulty is noted, and reads as if it were not there. `unknown` are
    the keys that were told to be: each is told once."""

    def __init__(self, row: Row, columns: FieldColumns, faults: Faults, unknown: set[str]) -> None:
        self._row, self._columns, self._faults, self._unknown = row, columns, faults, unknown

    def item(self, number: int, answer_type: AnswerType | None) -> Item:
        """The question of this row."""
        answerable, choices = self._answerable(), self._choices()
        before = len(self._faults.found)
        question = self._text("question") or ""
        if not question.strip() and len(self._faults.found) == before:
            self._missing("question", _NO_QUESTION)
        item = Item(
            id=str(number) if self._columns.numbered else self._id(),
            question=question,
            answers=tuple(self._answers(choices, answerable)),
            passage=self._text("passage"),
            choices=choices,
            tags=tuple(self._texts("tags", "|,")),
            answerable=answerable,
        )
        for text, values in wrong_for(item, answer_type):
            self._note(text, **values)
        return item

    def _note(self, text: Text, **values: object) -> None:
        self._faults.add(self._row.line, text, **values)

    def _missing(self, field: str, text: Text) -> None:
        """Notes that the field is not there; where a key of this row seems to mean it, that is the fault."""
        read = set(self._columns.columns.values())
        there = self._columns.columns.get(field) in self._row.values
        key = None if there else misspelt_for(field, (one for one in self._row.values if one not in read))
        if key is None:
            self._note(text)
        elif key not in self._unknown:
            self._unknown.add(key)
            tell_unknown(key, self._row.line, self._row.kind == "table", self._faults)

    def _value(self, field: str) -> Any:
        column = self._columns.columns.get(field)
        return None if column is None else self._row.values.get(column)

    def _id(self) -> str:
        value = self._value("id")
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        text = self._checked("id", value, _TEXT) or ""
        if self._row.kind == "table":
            text = text.strip()
        if not text.strip() and (value is None or isinstance(value, str)):
            self._note(_NO_ID)
        return text

    def _text(self, field: str) -> str | None:
        value = self._checked(field, self._value(field), _TEXT)
        return None if self._row.kind == "table" and not (value or "").strip() else value

    def _checked(self, field: str, value: Any, wanted: Text) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            self._note(_TYPE, field=field, wanted=wanted, found=_kind(value))
            return None
        if len(value) > MOST_CHARACTERS:
            self._note(_TOO_LONG, field=field, most=f"{MOST_CHARACTERS:,}")
            return None
        if _HALVES.search(value):
            self._note(_HALF, field=field)
            return None
        return value

    def _texts(self, field: str, separators: str = "|") -> list[str]:
        value = self._value(field)
        if value is not None and not isinstance(value, str | list):
            self._note(_TYPE, field=field, wanted=_TEXTS, found=_kind(value))
            return []
        if isinstance(value, str):
            value = _cell(value, separators) if self._row.kind == "table" else [value]
        if None in (value or []):
            self._note(_TYPE, field=field, wanted=_TEXTS, found=_kind(None))
        checked = [self._checked(field, one, _TEXTS) for one in value or []]
        return [one for one in checked if one is not None]

    def _answers(self, choices: tuple[str, ...], answerable: bool) -> Iterator[str]:
        before = len(self._faults.found)
        answers = self._texts("answers")
        if not answers and answerable and len(self._faults.found) == before:
            self._missing("answers", _NO_ANSWER)
        if answers and not answerable:
            self._note(_ANSWERED)
        for answer in answers:
            if not answer.strip():
                self._note(_BLANK_ANSWER)
            yield _choice(answer, choices)

    def _choices(self) -> tuple[str, ...]:
        own = [(letter, self._text(letter)) for letter in LETTERS if letter in self._columns.columns]
        while own and not own[-1][1]:
            own.pop()  # this question has fewer choices than others
        return tuple(text or "" for _, text in own) if own else tuple(self._texts("choices"))

    def _answerable(self) -> bool:
        value = self._value("answerable")
        if isinstance(value, bool) or value is None:
            return value is not False
        if isinstance(value, str) and self._row.kind != "json":
            folded = value.strip().casefold()
            if not folded or folded in _TRUE | _FALSE:
                return folded not in _FALSE
        self._note(_TYPE, field="answerable", wanted=_BOOLEAN, found=_kind(value))
        return True


Wrong = tuple[Text, Mapping[str, object]]


def wrong_for(item: Item, answer_type: AnswerType | None) -> Iterator[Wrong]:
    """What is wrong with a question as such, and as one of a set of that type (None: not known yet)."""
    if item.choices:
        yield from _wrong_choices(item)
    elif answer_type == "choice":
        yield _WANTS_CHOICES, {}
    if answer_type == "number":
        for answer in item.answers:
            if not NUMBER.search(answer) and answer.strip():
                yield _NO_NUMBER, {"answer": shown(answer)}


def _wrong_choices(item: Item) -> Iterator[Wrong]:
    if not 2 <= len(item.choices) <= MOST_CHOICES:
        yield _FEW_CHOICES, {"most": MOST_CHOICES, "count": len(item.choices)}
        return
    if not all(choice.strip() for choice in item.choices):
        yield _BLANK_CHOICE, {}
        return
    for at, choice in enumerate(item.choices):
        if choice in item.choices[:at]:
            yield _SAME_CHOICE, {"choice": shown(choice)}
    for answer in item.answers:
        if answer not in item.choices and answer.strip():
            yield _NOT_CHOICE, {"answer": shown(answer), "choices": shown(", ".join(item.choices))}


def _choice(answer: str, choices: tuple[str, ...]) -> str:
    """The choice that is meant: by its text, else by its letter; what is neither stays as it is."""
    plain = answer.strip()
    if not choices or answer in choices:
        return answer
    for choice in choices:
        if choice.strip() == plain:
            return choice
    letter = plain.strip("().").upper()
    at = ord(letter) - ord("A") if len(letter) == 1 and letter.isascii() and letter.isalpha() else -1
    return choices[at] if 0 <= at < len(choices) else answer


def _cell(cell: str, separators: str) -> list[str]:
    """Several texts in one cell of a table."""
    if cell.lstrip().startswith("["):
        try:
            found = json.loads(cell)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list):
            return found
    parts = re.split(f"[{re.escape(separators)}]", cell)
    return (
        [part.strip() for part in parts if part.strip()]
        if len(parts) > 1 or not cell.strip()
        else [cell.strip()]
    )


def _kind(value: object) -> Text:
    """What a value is, in words."""
    named: tuple[tuple[type, str, str], ...] = (
        (bool, "true or false", "참/거짓"),
        (int, "a number (put it in quotation marks)", "숫자(따옴표로 감싸 주세요)"),
        (float, "a number (put it in quotation marks)", "숫자(따옴표로 감싸 주세요)"),
        (str, "a text", "글자"),
        (list, "a list", "목록"),
        (dict, "an object", "객체"),
    )
    for kind, en, ko in named:
        if isinstance(value, kind):
            return {"en": en, "ko": ko}
    return {"en": "nothing (null)", "ko": "빈 값(null)"}

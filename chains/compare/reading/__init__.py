"""Question sets from files, one file here a format: its name is its key.

A format has `label`, `suffixes` and `rows(text, suffix, faults)`, which yields the questions as they stand
there and notes what is broken. Everything else is the same for all: encodings, the mapping of columns, the
checks, the answer type. Every fault of a file is told, with its line.
"""

import json
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

from adapters.spec import Text
from chains.compare.answer_type import answer_type_of, language_of_items
from chains.compare.fields import FieldColumns, by_name, chosen, guess
from chains.compare.items import items, wrong_for
from chains.compare.question_set import AnswerType, Item, QuestionSet
from chains.compare.rows import MOST_QUESTIONS, Row, read_text
from chains.compare.set_faults import Faults, refused, shown
from chains.kept_files import write_whole

MOST_PREVIEWED = 300
"""Characters of a cell in a preview."""

_KIND = {
    "en": "files of this kind ({suffix}) are not read. Readable: {known}.",
    "ko": "{suffix} 파일은 읽을 수 없어요. 읽을 수 있는 형식: {known}.",
}
_EMPTY = {
    "en": "there is no question in it. Add one a line.",
    "ko": "질문이 하나도 없어요. 한 줄에 하나씩 적어 주세요.",
}
_COUNTED: Text = {
    "en": "There is no column of ids: the questions are numbered 1, 2, 3, …",
    "ko": "id 열이 없어서 1, 2, 3, … 순서로 번호를 붙여요.",
}
_PARTED: Text = {
    "en": "Several answers, choices or tags in one cell are parted by |, or written as a JSON list.",
    "ko": "한 칸에 정답, 보기, 태그를 여러 개 적을 때는 |로 나누거나 JSON 목록으로 적어요.",
}
_NOT_UTF8: Text = {"en": "The file was read as {encoding}.", "ko": "{encoding} 인코딩으로 읽었어요."}


@dataclass(frozen=True)
class Preview:
    """The beginning of a file, for a form in which columns are mapped.

    `rows` are cells in the order of `headers`, shortened. `columns[field]` is the guessed column, and may be
    handed to `read_set` as it is or changed; `reasons[field]` says why. `ignored` are the columns nothing was
    guessed for. `numbered`: there is no column of ids. `notes` are worth telling, `problems` are faults of
    the rows that were looked at.
    """

    name: str
    format: Text
    encoding: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    columns: Mapping[str, str]
    reasons: Mapping[str, Text]
    ignored: tuple[str, ...]
    numbered: bool
    notes: tuple[Text, ...]
    problems: tuple[Text, ...]


@cache
def formats() -> dict[str, ModuleType]:
    """Every format by its key."""
    return {one.name: import_module(f"{__name__}.{one.name}") for one in pkgutil.iter_modules(__path__)}


def suffixes() -> tuple[str, ...]:
    """The endings of files that can be read."""
    return tuple(suffix for one in formats().values() for suffix in one.suffixes)


def read_set(
    path: str | Path,
    *,
    answer_type: AnswerType | None = None,
    columns: Mapping[str, str] | None = None,
    name: str | None = None,
    language: str | None = None,
) -> QuestionSet:
    """The questions of a file.

    `columns[field]` names the column (key) a field is read from; without it they have the fields' own names.
    `answer_type`, `name` and `language` are guessed where they are not given. Raises BadSet with every fault.
    """
    path = Path(path)
    faults = Faults(name or path.name)
    module = _format(path, faults.name)
    text, _ = read_text(path, faults.name)
    rows = list(islice(module.rows(text, path.suffix.lower(), faults), MOST_QUESTIONS + 1))
    if not rows and not faults.found:
        raise refused(faults.name, _EMPTY)
    before = len(faults.found)
    found = _columns(rows, columns, faults) if rows else FieldColumns({}, False)
    mapped = columns is not None and len(faults.found) > before
    if not rows or mapped or (rows[0].kind == "table" and faults.found and "question" not in found.columns):
        raise faults.error()  # no row would make sense
    made = items(rows, found, answer_type, faults)
    read = tuple(item for _, item in made)
    decided = answer_type or answer_type_of(read)
    if answer_type is None and decided == "choice":
        for line, item in made:  # that the answers are choices shows only when all questions are read
            for wrong, values in wrong_for(item, decided):
                faults.add(line, wrong, **values)
    faults.check()
    return QuestionSet(name or path.stem, decided, read, language or language_of_items(read))


def preview(path: str | Path, rows: int = 20, *, name: str | None = None) -> Preview:
    """The beginning of a file, and the mapping that is guessed; `name` is what the person calls the file.
    Raises BadSet where nothing can be read."""
    path = Path(path)
    name = name or path.name
    faults = Faults(name)
    module = _format(path, name)
    text, encoding = read_text(path, name)
    first = list(islice(module.rows(text, path.suffix.lower(), faults), rows))
    if not first:
        raise faults.error() if faults.found else refused(name, _EMPTY)
    headers = _headers(first)
    guessed = guess(headers, first)
    numbered = "id" not in guessed
    taken = {column for column, _ in guessed.values()}
    return Preview(
        name=name,
        format=module.label,
        encoding=encoding,
        headers=tuple(headers),
        rows=tuple(tuple(_shown(row.values.get(header)) for header in headers) for row in first),
        columns={field: column for field, (column, _) in guessed.items()},
        reasons={field: reason for field, (_, reason) in guessed.items()},
        ignored=tuple(header for header in headers if header not in taken),
        numbered=numbered,
        notes=tuple(_notes(first, encoding, numbered)),
        problems=tuple({"en": one.text("en"), "ko": one.text("ko")} for one in faults.found),
    )


def write_set(questions: QuestionSet, path: str | Path) -> None:
    """Writes the questions as JSON Lines, whole or not at all; `read_set` reads the same questions."""
    lines = (json.dumps(as_values(item), ensure_ascii=False) + "\n" for item in questions.items)
    write_whole(Path(path), "".join(lines))


def as_values(item: Item) -> dict[str, Any]:
    """A question as it is written; what is empty is left out."""
    values: dict[str, Any] = {"id": item.id, "question": item.question, "answers": list(item.answers)}
    if item.passage is not None:
        values["passage"] = item.passage
    if item.choices:
        values["choices"] = list(item.choices)
    if item.tags:
        values["tags"] = list(item.tags)
    if not item.answerable:
        values["answerable"] = False
    return values


def checked_items(values: list[Any], answer_type: AnswerType, name: str) -> tuple[Item, ...]:
    """Questions from values as `as_values` makes them; the "line" of a fault is the question's number.

    Raises BadSet.
    """
    faults = Faults(name)
    rows = [
        Row(number, value if isinstance(value, dict) else {}, "json")
        for number, value in enumerate(values, start=1)
    ]
    made = items(rows, by_name(_headers(rows), rows, faults), answer_type, faults)
    faults.check()
    return tuple(item for _, item in made)


def _format(path: Path, name: str) -> ModuleType:
    for module in formats().values():
        if path.suffix.lower() in module.suffixes:
            return module
    raise refused(name, _KIND, suffix=shown(path.suffix) or "–", known=", ".join(suffixes()))


def _columns(rows: list[Row], columns: Mapping[str, str] | None, faults: Faults) -> FieldColumns:
    headers = _headers(rows)
    return by_name(headers, rows, faults) if columns is None else chosen(headers, columns, faults)


def _headers(rows: list[Row]) -> list[str]:
    return list(dict.fromkeys(key for row in rows for key in row.values))


def _notes(rows: list[Row], encoding: str, numbered: bool) -> Iterator[Text]:
    if encoding != "utf-8":
        spoken = {"euc_kr": "CP949", "cp949": "CP949"}.get(encoding, encoding.upper())
        yield {language: text.format(encoding=spoken) for language, text in _NOT_UTF8.items()}
    if numbered:
        yield _COUNTED
    if rows[0].kind == "table":
        yield _PARTED


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MOST_PREVIEWED else text[:MOST_PREVIEWED] + "…"

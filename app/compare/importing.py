"""A file of questions on its way to a set: where it waits, and what the form makes of its columns.

The file is moved out of Gradio's folder into one of our own, under a name of ours, and deleted when the set
is saved, another file comes, or the page is forgotten.
"""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from adapters.spec import Text
from app.adding import discard
from app.uploads import Upload
from chains.compare.fields import FIELDS, LETTERS
from chains.compare.question_set import ANSWER_TYPES, AnswerType, QuestionSet
from chains.compare.reading import Preview, preview, read_set, suffixes
from chains.compare.set_faults import refused
from chains.errors import BadSet

_NO_FILE: Text = {
    "en": "No file is here any more. Drop it again.",
    "ko": "파일이 이제 없어요. 다시 놓아 주세요.",
}

ROWS = 5
"""Rows of the file that are shown."""

MAPPED = (*FIELDS, *LETTERS)
"""The fields a column may be chosen for, in the form's order."""

NO_COLUMN, GUESS = "-", "-"


class Staged:
    """The file one session works on. Lives in gr.State, which copies its value for every session."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self.path: Path | None = None
        self.preview: Preview | None = None

    def __deepcopy__(self, memo: object) -> "Staged":
        return Staged()

    def take(self, upload: Upload) -> Preview:
        """Takes the upload in place of an earlier one. Raises BadSet where nothing of it can be read."""
        path, name = upload
        try:
            self.drop()
            ending = Path(name).suffix.lower()
            if ending not in suffixes():
                return preview(
                    Path(f"file{ending}"), name=name
                )  # refused by its kind, before it is looked for
            self._folder = Path(tempfile.mkdtemp(prefix="maru-questions-"))
            self.path = self._folder / f"questions{ending}"
            shutil.move(path, self.path)
            self.preview = preview(self.path, name=name)
            return self.preview
        except BadSet:
            self.drop()
            raise
        finally:
            discard([path])

    def read(self, columns: Mapping[str, str], wanted: object, language: object) -> QuestionSet:
        """The questions as the form says. Raises BadSet with every fault."""
        if self.path is None or self.preview is None:
            raise refused("–", _NO_FILE)
        return read_set(
            self.path,
            answer_type=answer_type_of(wanted),
            columns=columns,
            name=self.preview.name,
            language=language if language in ("en", "ko") else None,
        )

    def drop(self) -> None:
        """Deletes the file."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = self.path = self.preview = None


def column_choices(headers: Sequence[str], nothing: str) -> list[tuple[str, str]]:
    """(name on the screen, value) of every column; a value is the column's number, whatever it is called."""
    named = [(header.strip() or f"({number})", str(number)) for number, header in enumerate(headers, 1)]
    return [(nothing, NO_COLUMN), *named]


def chosen_values(shown: Preview) -> list[str]:
    """The guessed column of each of MAPPED, as the form's value."""
    numbers = {header: str(number) for number, header in enumerate(shown.headers, 1)}
    return [
        numbers.get(shown.columns.get(field, ""), NO_COLUMN) if field in shown.columns else NO_COLUMN
        for field in MAPPED
    ]


def columns_of(values: Sequence[Any], headers: Sequence[str]) -> dict[str, str]:
    """What the form says, as `read_set` takes it; what is no column of the file is none."""
    numbers = {str(number): header for number, header in enumerate(headers, 1)}
    return {
        field: numbers[value]
        for field, value in zip(MAPPED, values, strict=True)
        if isinstance(value, str) and value in numbers
    }


def answer_type_of(value: object) -> AnswerType | None:
    """The chosen answer type; None where it is to be guessed."""
    return value if value in ANSWER_TYPES else None

"""A finished comparison of one question as the browser keeps it: what is needed to compare the answers with
another one, and to vote. Our own JSON, checked when it comes back.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from app.compare.lanes import Board, Lane
from app.errors import BadColumns
from app.marked import clean
from chains.compare.cell import Cell
from chains.compare.differences import Difference, difference
from chains.compare.experiment import Column
from chains.compare.metrics import metric
from chains.compare.question_set import Item
from chains.compare.tools import NO_TOOLS
from chains.compare.votes import Vote
from chains.question import Sentence

METRICS = ("exact_match", "token_f1", "contains")
LONGEST = 100_000
LARGEST = 2_000_000
MOST = 8
EQUAL = "equal"


@checked(frozen=True, config=ConfigDict(extra="ignore"))
class Told:
    """One column's answer: `text` is None where there is none."""

    name: str
    settings: dict[str, Any]
    text: str | None = Field(default=None, max_length=LONGEST)
    sentences: tuple[Sentence, ...] = ()


@checked(frozen=True, config=ConfigDict(extra="ignore"))
class Compared:
    """The question and what every column said. `against` is the column that the others are compared with;
    `voted` what was chosen: the number of a column, "equal", or ""."""

    question: str
    columns: tuple[Told, ...]
    against: int = 0
    voted: str = Field(default="", max_length=8)

    @property
    def answered(self) -> list[int]:
        """The places of the columns that have an answer."""
        return [at for at, one in enumerate(self.columns) if one.text is not None]


_COMPARED = TypeAdapter(Compared)


def compared_of(question: str, board: Board) -> Compared:
    """What a finished board said; compared with the first answer there is."""
    told = Compared(clean(question), tuple(_told(lane) for lane in board))
    return against(told, next(iter(told.answered), 0))


def to_json(compared: Compared) -> dict[str, Any]:
    """As the browser keeps it."""
    kept: dict[str, Any] = _COMPARED.dump_python(compared, mode="json")
    return kept


def from_json(value: object) -> Compared:
    """As it came back. Raises BadColumns."""
    try:
        found = _COMPARED.validate_python(value)
        size = len(json.dumps(value, ensure_ascii=False))
    except (ValidationError, RecursionError):
        raise BadColumns("unreadable") from None
    if len(found.columns) > MOST or size > LARGEST:
        raise BadColumns("unreadable")
    return found


def against(compared: Compared, place: int) -> Compared:
    """The same, compared with that column; unchanged where it has no answer."""
    return replace(compared, against=place) if place in compared.answered else compared


def differences_of(compared: Compared) -> list[Difference | None]:
    """Of each column's text; None for the reference itself and where there is no text."""
    if compared.against not in compared.answered:
        return [None] * len(compared.columns)
    reference = compared.columns[compared.against].text or ""
    return [
        None if at == compared.against or one.text is None else difference(reference, one.text)
        for at, one in enumerate(compared.columns)
    ]


def scores_of(question: str, references: Sequence[str], text: str) -> dict[str, float]:
    """How an answer does against the right ones, 0..1 by metric; {} where none was given."""
    if not references:
        return {}
    item, cell = Item("", question, tuple(references)), Cell("", "", 0, "", text)
    scores = {key: metric(key).score(item, cell, NO_TOOLS) for key in METRICS}
    return {key: score for key, score in scores.items() if score is not None}


def vote_of(compared: Compared, choice: str) -> Vote:
    """That choice as it is kept; only columns with an answer took part. Raises BadColumns."""
    places = compared.answered
    chosen = int(choice) if choice.isdecimal() and len(choice) < 3 else None
    if len(places) < 2 or (choice != EQUAL and chosen not in places):
        raise BadColumns("unreadable")
    told = [compared.columns[at] for at in places]
    return Vote(
        compared.question,
        tuple(one.settings for one in told),
        tuple(one.text or "" for one in told),
        None if chosen is None else places.index(chosen),
        datetime.now(UTC).date().isoformat(),
    )


def settings_of(column: Column, model: str = "", precision: str = "") -> dict[str, Any]:
    """How a column answers; the model and the precision that it turned out to be, where that is known."""
    from chains.compare.results import settings

    return settings(replace(column, model=model or column.model, precision=precision or column.precision))


def _told(lane: Lane) -> Told:
    answer = lane.answer
    said = answer is not None and bool(answer.text.strip()) and lane.state != "failed"
    real = (answer.model.id, answer.model.precision) if answer is not None and said else ("", "")
    settings = settings_of(lane.column, *real)
    if answer is None or not said:
        return Told(lane.column.name, settings)
    return Told(lane.column.name, settings, clean(answer.text)[:LONGEST], answer.sentences)

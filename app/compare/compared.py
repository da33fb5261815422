"""A finished comparison of one question as the browser keeps it: what is needed to show it again, in any
language, to compare the answers with another one, and to vote. Our own JSON, checked when it comes back.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from adapters.spec import Text
from app.compare.lanes import Board, Lane
from app.errors import BadColumns, texts_of
from app.locales import DEFAULT_LANGUAGE
from app.marked import clean
from app.stored_answer import NOT_STORED, cleaned, shrink, size_bytes
from chains.compare.cell import Cell
from chains.compare.differences import Difference, difference
from chains.compare.experiment import Column
from chains.compare.metrics import metric
from chains.compare.question_set import Item
from chains.compare.tools import NO_TOOLS
from chains.compare.votes import Vote
from chains.question import Answer, Sentence

METRICS = ("exact_match", "token_f1", "contains")
LARGEST_BYTES = 5_000_000
PASSAGES_KEPT_BYTES = 500_000
MOST = 8
EQUAL = "equal"


def _has_default(text: Text) -> Text:
    if DEFAULT_LANGUAGE not in text:
        raise ValueError("not in the language that stands for all others")
    return text


Words = Annotated[Text, AfterValidator(_has_default)]


@checked(frozen=True, config=ConfigDict(extra="ignore"))
class Told:
    """What became of one column: its answer as far as it came, and why it came no further. `settings` are
    those of the column, with the model and the precision that answered."""

    name: Words
    settings: dict[str, Any]
    state: Literal["done", "stopped", "failed"] = "done"
    answer: Answer | None = None
    problem: Words | None = None

    @property
    def text(self) -> str | None:
        """What was answered; None where there is no answer to compare or to vote for."""
        said = self.answer is not None and self.state != "failed" and self.answer.text.strip()
        return self.answer.text if self.answer is not None and said else None

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """Of that text."""
        return self.answer.sentences if self.answer is not None else ()


@checked(frozen=True, config=ConfigDict(extra="ignore"))
class Compared:
    """The question, the right answers as far as they are known, and what became of every column. `against`
    is the column that the others are compared with; `voted` what was chosen: the number of a column, "equal",
    or ""."""

    question: str
    columns: tuple[Told, ...] = Field(max_length=MOST)
    references: tuple[str, ...] = ()
    against: int = 0
    voted: str = Field(default="", max_length=8)

    @property
    def answered(self) -> list[int]:
        """The places of the columns that have an answer."""
        return [at for at, one in enumerate(self.columns) if one.text is not None]


_COMPARED = TypeAdapter(Compared)


def compared_of(
    question: str, references: Sequence[str], names: Sequence[Text], board: Board, public: bool = False
) -> Compared:
    """What a finished board came to; compared with the first answer there is. `names` are the columns' in
    every language."""
    told = tuple(_told(lane, name, public) for lane, name in zip(board, names, strict=True))
    compared = Compared(clean(question), told, tuple(references))
    return against(compared, next(iter(compared.answered), 0))


def to_json(compared: Compared) -> dict[str, Any]:
    """As the browser keeps it. Prompts, then passages, are left out where they would take much room."""
    kept: dict[str, Any] = _COMPARED.dump_python(
        compared, mode="json", exclude={"columns": {"__all__": {"answer": NOT_STORED}}}
    )
    answers = [one["answer"] for one in kept["columns"] if one["answer"] is not None]
    shrink(answers)
    if size_bytes([one["passages"] for one in answers]) > PASSAGES_KEPT_BYTES:
        for one in answers:
            one["passages"] = []
    return dict(cleaned(kept))


def from_json(value: object) -> Compared:
    """As it came back. Raises BadColumns."""
    try:
        if size_bytes(value) > LARGEST_BYTES:
            raise BadColumns("unreadable")
        return _COMPARED.validate_python(cleaned(value))
    except (ValidationError, RecursionError):
        raise BadColumns("unreadable") from None


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


def _told(lane: Lane, name: Text, public: bool) -> Told:
    answer = lane.answer
    said = answer is not None and bool(answer.text.strip()) and lane.state != "failed"
    real = (answer.model.id, answer.model.precision) if answer is not None and said else ("", "")
    problem = texts_of(lane.error, public) if lane.error is not None else None
    state: Any = lane.state
    return Told(name, settings_of(lane.column, *real), state, answer, problem)

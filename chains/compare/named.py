"""Names in a specification: what they may stand for on this machine."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from chains.compare.faults import KINDS, BadSpecification, closest, listed, type_of
from chains.compare.question_set import AnswerType, Item, QuestionSet
from chains.compare.yaml_tree import Part, short
from chains.question import Example, Template

Kind = Literal["model", "precision", "retriever", "collection", "questions", "public"]
Found = TypeVar("Found")

SHOWN_IDS = 3


class Resolve(Protocol):
    """What a specification may name on this machine. Its own errors (with a `text(language)`) are passed on
    with the place where the name stands."""

    def known(self, kind: Kind) -> Sequence[str]:
        """All names of that kind."""

    def check_adapter(self, adapter: str, model: str) -> None:
        """Raises AdapterNotFound, AdapterUnusable."""

    def file(self, path: Path, answer_type: AnswerType | None) -> QuestionSet:
        """The set in a file. Raises BadSet."""

    def saved(self, name: str) -> QuestionSet:
        """A set that was saved earlier. Raises BadSet."""

    def public(self, key: str, folder: Path | None, limit: int | None, seed: int) -> QuestionSet:
        """A public set, from a folder or from where such sets are kept. Raises BadSet."""

    def examples(self, name: str) -> tuple[Example, ...]:
        """A set of few-shot examples. Raises BadExampleSet."""

    def template(self, name: str, version: int | None) -> Template:
        """A person's own template. Raises ChainError."""


def check_name(part: Part, kind: Kind, resolve: Resolve) -> str:
    """A name that is known on this machine. Raises BadSpecification."""
    name = part.text()
    check_known(part, name, kind, passed_on(part, lambda: resolve.known(kind)))
    return name


def check_known(part: Part, name: str, kind: str, known: Sequence[str]) -> None:
    """Raises BadSpecification, naming the known ones and the closest."""
    if name not in known:
        raise unknown(part, name, kind, known)


def unknown(part: Part, value: object, kind: str, known: Sequence[str]) -> BadSpecification:
    """The error for a name that nothing has."""
    if not isinstance(value, str):
        return part.fault("wrong_type", wanted=KINDS[kind], found=type_of(value))
    return part.fault(
        "unknown_value",
        kind=KINDS[kind],
        value=short(value),
        closest=closest(value, known),
        known=listed(known),
    )


def passed_on(part: Part, find: Callable[[], Found]) -> Found:
    """What `find` returns. An error of its own, which speaks both languages, becomes BadSpecification."""
    try:
        return find()
    except BadSpecification:
        raise
    except Exception as error:
        text = getattr(error, "text", None)
        if not callable(text):
            raise
        raise part.fault("refused", reason={"en": text("en"), "ko": text("ko")}) from error


def some_ids(items: Sequence[Item]) -> str:
    """The first ids, to be recognised by."""
    return ", ".join(short(item.id) for item in items[:SHOWN_IDS]) + (", …" if len(items) > SHOWN_IDS else "")

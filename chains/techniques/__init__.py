"""Prompting techniques: one file each, found by a scan of this folder; the file name is the key.

A technique file has these module attributes:

    label    its name on the screen, {"en": …, "ko": …}
    help     one sentence on what it does, {"en": …, "ko": …}
    paper    Paper(title, url): where it comes from
    build    build(question, passages) -> Prompt, where one call of the model is all
    read     optional, with build: read(text, done) -> (reasoning or None, answer), see chains.steps.Call
    run      instead of build: run(question, passages), a generator of calls and searches, see chains.steps
    order    optional: where it stands in the list, smaller first
    retrieval       optional: "optional" (the default), "needed" or "unused", see Technique
    retrieval_note  where retrieval is not optional: why, in one sentence, {"en": …, "ko": …}

Text of the person and of documents goes into messages as it is: never through a template.
"""

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Literal, NamedTuple

from adapters.spec import Text
from chains.errors import TechniqueNotFound
from chains.question import Question
from chains.steps import Run, all_is_answer, one_call
from vectorstore.passage import Passage

Retrieval = Literal["optional", "needed", "unused"]


class Paper(NamedTuple):
    """Where a technique comes from."""

    title: str
    url: str


@dataclass(frozen=True)
class Technique:
    """One way to ask.

    `run(question, passages)` begins an answer: a generator of calls and searches. `passages` is empty when
    the question is not grounded. `retrieval` says what passages are to it: where they are "optional", they
    are searched for before it begins; where "needed", it searches itself (and begins without); where
    "unused", nothing is searched. `retrieval_note` says why, where they are not optional.
    """

    key: str
    label: Text
    help: Text
    paper: Paper
    run: Callable[[Question, tuple[Passage, ...]], Run]
    order: int = 100
    retrieval: Retrieval = "optional"
    retrieval_note: Text | None = None


@cache
def techniques() -> dict[str, Technique]:
    """Every technique by its key, in the order of the screen."""
    found = [_load(module.name) for module in pkgutil.iter_modules(__path__)]
    return {one.key: one for one in sorted(found, key=lambda one: (one.order, one.key))}


def technique(key: str) -> Technique:
    """The technique of that key. Raises TechniqueNotFound, which names the known ones."""
    known = techniques()
    if key not in known:
        raise TechniqueNotFound(key=key, known=", ".join(known))
    return known[key]


def _load(name: str) -> Technique:
    module = import_module(f"{__name__}.{name}")
    return Technique(
        key=name,
        label=module.label,
        help=module.help,
        paper=module.paper,
        run=_run(module),
        order=getattr(module, "order", 100),
        retrieval=getattr(module, "retrieval", "optional"),
        retrieval_note=getattr(module, "retrieval_note", None),
    )


def _run(module: ModuleType) -> Callable[[Question, tuple[Passage, ...]], Run]:
    own: Callable[[Question, tuple[Passage, ...]], Run] | None = getattr(module, "run", None)
    return own or one_call(module.build, getattr(module, "read", all_is_answer))

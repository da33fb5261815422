"""Prompting techniques: one file each, found by a scan of this folder; the file name is the key.

A technique file has these module attributes:

    label    its name on the screen, {"en": …, "ko": …}
    help     one sentence on what it does, {"en": …, "ko": …}
    paper    Paper(title, url): where it comes from
    build    build(question, passages) -> Prompt
    read     optional: read(text, done) -> (reasoning or None, answer), see Technique.read
    order    optional: where it stands in the list, smaller first

Text of the person and of documents goes into messages as it is: never through a template.
"""

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import NamedTuple

from adapters.spec import Text
from chains.errors import TechniqueNotFound
from chains.question import Prompt, Question
from vectorstore.passage import Passage

Build = Callable[[Question, tuple[Passage, ...]], Prompt]
Read = Callable[[str, bool], tuple[str | None, str]]


class Paper(NamedTuple):
    """Where a technique comes from."""

    title: str
    url: str


@dataclass(frozen=True)
class Technique:
    """One way to ask.

    `build(question, passages)` makes the whole prompt, with `question.history` in it; `passages` is empty
    when the question is not grounded. `read(text, done)` parts what the model wrote into its reasoning (None:
    there is none) and its answer. It is called on every partial text with `done=False`, where both parts may
    only grow, and once at the end with `done=True`.
    """

    key: str
    label: Text
    help: Text
    paper: Paper
    build: Build
    read: Read
    order: int = 100


def all_is_answer(text: str, done: bool) -> tuple[str | None, str]:
    """How techniques without reasoning are read."""
    return None, text.strip() if done else text.lstrip()


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
        build=module.build,
        read=getattr(module, "read", all_is_answer),
        order=getattr(module, "order", 100),
    )

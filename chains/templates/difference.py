"""What changed between two versions of a template, line by line."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from chains.question import Template

Part = Literal["system", "user"]
Kind = Literal["same", "added", "removed"]


@dataclass(frozen=True)
class Line:
    """One line of the system or the user text, and what became of it."""

    part: Part
    kind: Kind
    text: str


def difference(old: Template, new: Template) -> tuple[Line, ...]:
    """All lines of both, in order; where lines were replaced, the removed ones come first."""
    return (*_lines("system", old.system, new.system), *_lines("user", old.user, new.user))


def _lines(part: Part, old: str, new: str) -> Iterator[Line]:
    before, after = old.splitlines(), new.splitlines()
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, low, high, start, end in matcher.get_opcodes():
        if tag == "equal":
            yield from (Line(part, "same", text) for text in before[low:high])
        else:
            yield from (Line(part, "removed", text) for text in before[low:high])
            yield from (Line(part, "added", text) for text in after[start:end])

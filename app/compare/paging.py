"""Which questions of a set are looked at: a search, and one page of what it finds."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from chains.compare.question_set import Item

A_PAGE = 25
T = TypeVar("T")


@dataclass(frozen=True)
class Page:
    """`items` are the questions from the `start`-th of `found`; `total` is how many the set has."""

    items: tuple[Item, ...]
    start: int
    found: int
    total: int


def page_of(items: Sequence[Item], words: object = "", start: object = 0) -> Page:
    """The page on which the `start`-th question stands that holds all the words."""
    found = matching(items, words if isinstance(words, str) else "")
    at = start if isinstance(start, int) else 0
    first = min(max(0, at), max(0, len(found) - 1)) // A_PAGE * A_PAGE
    return Page(tuple(found[first : first + A_PAGE]), first, len(found), len(items))


def matching(items: Sequence[Item], words: str) -> Sequence[Item]:
    """The questions in which every word stands, anywhere in their texts; capitals do not matter."""
    wanted = _folded(words).split()
    if not wanted:
        return items
    return [item for item in items if all(word in _everything(item) for word in wanted)]


def _everything(item: Item) -> str:
    return _folded("\n".join([item.id, item.question, *item.answers, item.passage or "", *item.tags]))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()

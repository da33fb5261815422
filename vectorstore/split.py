"""Cutting loaded text into passages, at exact offsets, so that the embedder reads each passage to its end.

Sizes are counted in the embedder's own tokens. Letters it does not read (Hangul, for an English embedder) are
not sent to it; they count by character instead, so that a passage stays a paragraph a person would quote.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from langchain_text_splitters import RecursiveCharacterTextSplitter

from vectorstore.scripts import Script, readable, unreadable_letters

UNREAD_LETTERS = 900
"""Letters of a script the embedder does not read that fill a passage."""

MAX_CHARACTERS = 4000
"""No passage is longer, whatever the tokenizer counts (it takes any word over 100 letters as one token)."""

STRETCH = 100_000
"""A longer page is worked off in stretches of so many characters, each ending at a line or a word, so that
cutting a very long text can be watched and stopped."""

SEPARATORS = [
    r"(?:\r\n|\r|\n)(?=#{1,6} )",  # a Markdown heading starts a passage
    r"(?:(?:\r\n|\r|\n)[ \t]*){2,}",  # paragraphs
    r"(?:\r\n|\r|\n)",  # lines
    r"(?<=[.!?…][\"'”’)\]])\s+|(?<=[.!?…])\s+|(?<=[。！？])",  # sentences; Korean ones end in 다. or 요.
    r"(?<=[다요죠까음함임])\s+",  # Korean sentences written without a full stop
    r"(?<=[,;:、，])\s*",  # clauses
    r"\s+",
    "",
]


class Cut(NamedTuple):
    """One passage of a text: `text[start:end]`, on `page` (None without pages)."""

    start: int
    end: int
    page: int | None


class Page(NamedTuple):
    """Where a page of a document lies in its loaded text."""

    start: int
    end: int
    number: int | None


def split(text: str, pages: Sequence[Page], cost: Callable[[str], float], limit: int) -> Iterator[Cut]:
    """The passages of a document in order, none of them across a page, none of them only white space.

    `cost` of a passage is at most `limit`. `text[cut.start:cut.end]` begins and ends visibly.
    """
    for page in pages:
        for at, stretch in _stretches(text[page.start : page.end]):
            for start, end in _split_stretch(stretch, cost, limit):
                yield Cut(page.start + at + start, page.start + at + end, page.number)


def cost_of(count_tokens: Callable[[str], int], script: Script, limit: int) -> Callable[[str], float]:
    """How much of `limit` a text takes: its tokens as far as they are read, its other letters by number."""

    @lru_cache(maxsize=4096)
    def cost(text: str) -> float:
        tokens = count_tokens(readable(text, script))
        letters = unreadable_letters(text, script)
        return max(tokens + letters * limit / UNREAD_LETTERS, len(text) * limit / MAX_CHARACTERS)

    return cost


def _stretches(page: str) -> Iterator[tuple[int, str]]:
    at = 0
    while len(page) - at > STRETCH:
        part = page[at : at + STRETCH]
        # the last paragraph's end, else the last line's, else the last word's, if in the second half
        ends = (part.rfind(mark) for mark in ("\n\n", "\n", " "))
        size = next((end + 1 for end in ends if end >= STRETCH // 2), STRETCH)
        yield at, part[:size]
        at += size
    yield at, page[at:]


def _split_stretch(text: str, cost: Callable[[str], float], limit: int) -> Iterator[tuple[int, int]]:
    splitter = RecursiveCharacterTextSplitter(
        separators=SEPARATORS,
        is_separator_regex=True,
        keep_separator="end",
        chunk_size=_even_size(cost(text), limit),
        chunk_overlap=0,
        # The splitter wants whole numbers, and adds them up: never let rounding make a passage too long.
        length_function=lambda piece: math.ceil(cost(piece)),
    )
    at = 0
    for piece in splitter.split_text(text):
        start = text.index(piece, at)
        at = start + len(piece)
        yield start, at


def _even_size(total: float, limit: int) -> int:
    """A text a little too long for one passage makes two halves, not a whole one and a crumb."""
    if total <= limit:
        return limit
    even = math.ceil(total / math.ceil(total / limit))
    return min(limit, math.ceil(even * 1.1))

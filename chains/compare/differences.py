"""Where an answer differs from another, word by word.

A word is a run of letters and digits; what stands between words (spaces, punctuation, Markdown's marks) does
not count. The longest common pieces are found by difflib (Ratcliff and Metzener, Pattern Matching: The
Gestalt Approach, 1988).
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal

_WORD = re.compile(r"[^\W_]+(?:['’.,][^\W_]+)*")
MOST_PAIRS = 300_000
"""Beyond so many pairs of equal words (two long texts that repeat themselves), only what they begin and end
with in common is looked for: it would take seconds otherwise."""

Kind = Literal["same", "added", "missing"]
Span = tuple[int, int]
Step = tuple[str, int, int, int, int]


@dataclass(frozen=True)
class Piece:
    """A part of the answer that the reference has as well, that only the answer has ("added"), or of the
    reference that the answer lacks ("missing")."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Difference:
    """An answer beside a reference. `added` are (start, end) ranges of the answer, each of words in a row in
    one line; the counts are words. `pieces` joined, without the missing ones, are the answer."""

    pieces: tuple[Piece, ...]
    added: tuple[Span, ...]
    words: int
    reference_words: int
    same: int

    @property
    def new(self) -> int:
        """How many words of the answer the reference lacks."""
        return self.words - self.same

    @property
    def missing(self) -> int:
        """How many words of the reference the answer lacks."""
        return self.reference_words - self.same

    @property
    def alike(self) -> float:
        """How much the two share, 0..1: twice the common words over all words; 1 where neither has any."""
        together = self.words + self.reference_words
        return 2 * self.same / together if together else 1.0


def difference(reference: str, answer: str) -> Difference:
    """What `answer` says otherwise than `reference`."""
    before, after = _words(reference), _words(answer)
    told = [reference[start:end] for start, end in before], [answer[start:end] for start, end in after]
    steps = _steps(*told)
    runs = [after[low:high] for kind, _, _, low, high in steps if kind != "equal" and low < high]
    added = tuple(part for run in runs for part in _lines(answer, run[0][0], run[-1][1]))
    same = sum(high - low for kind, low, high, _, _ in steps if kind == "equal")
    pieces = tuple(_pieces(reference, answer, (before, after), steps))
    return Difference(pieces, added, len(after), len(before), same)


def _steps(before: list[str], after: list[str]) -> list[Step]:
    """As difflib's opcodes: (kind, from, to of the reference, from, to of the answer), in words."""
    often, times = Counter(before), Counter(after)
    if sum(count * times[word] for word, count in often.items()) <= MOST_PAIRS:
        return list(SequenceMatcher(None, before, after, autojunk=False).get_opcodes())
    shortest = min(len(before), len(after))
    head = next((at for at in range(shortest) if before[at] != after[at]), shortest)
    rest = shortest - head
    tail = next((at for at in range(rest) if before[-1 - at] != after[-1 - at]), rest)
    ends = len(before) - tail, len(after) - tail
    steps: list[Step] = [
        ("equal", 0, head, 0, head),
        ("replace", head, ends[0], head, ends[1]),
        ("equal", ends[0], len(before), ends[1], len(after)),
    ]
    return [step for step in steps if step[1] < step[2] or step[3] < step[4]]


def _words(text: str) -> list[Span]:
    return [found.span() for found in _WORD.finditer(text)]


def _lines(text: str, start: int, end: int) -> Iterator[Span]:
    """That range, cut at the ends of lines; each part begins and ends with a word."""
    for line in re.finditer(r"[^\n]+", text[start:end]):
        words = [found.span() for found in _WORD.finditer(line.group())]
        if words:
            yield start + line.start() + words[0][0], start + line.start() + words[-1][1]


def _pieces(
    reference: str,
    answer: str,
    words: tuple[list[Span], list[Span]],
    steps: list[Step],
) -> Iterator[Piece]:
    """The answer cut where its words begin to be the same or others; what is between goes with the word
    before it."""
    before, after = words
    starts = [after[low][0] if low < len(after) else len(answer) for _, _, _, low, _ in steps]
    cuts = [0, *starts[1:], len(answer)] if steps else [0, len(answer)]
    if not steps and answer:
        yield Piece("same", answer)
    for (kind, low, high, first, last), (start, end) in zip(steps, pairwise(cuts), strict=False):
        if low < high and kind != "equal":
            yield Piece("missing", reference[before[low][0] : before[high - 1][1]])
        if start < end:
            yield Piece("same" if kind == "equal" or first == last else "added", answer[start:end])

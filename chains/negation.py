"""What a text denies: "did not win" denies winning, "참여하지 않았다" denies taking part."""

import re
from collections.abc import Iterable, Sequence

from chains.words import Word

Span = tuple[int, int]

# "not only" and "no fewer than" affirm; "cannot", "without" and "never" deny like "not".
_BEFORE = re.compile(
    r"\b(?:not(?!\s+(?:only|just|merely|least))|never|without|neither|nor|cannot|"
    r"no(?!\.|\s*\d|\s+(?:more|less|fewer|later|longer|sooner)\b)|[a-z]+n['’]t)\b"
    r"|(?<![\uac00-\ud7a3])(?:안|못)(?=\s)",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"(?<=지)(?:는|도|를)?\s*(?:않|못하|못했|못한|말)|(?<=[\s은는이가도])(?:없|아니|아닌|아닙)|없이"
)
_NEAR = 24
"""How many characters may lie between a negation and what it denies."""


def negations(text: str) -> list[Span]:
    """Where the negations stand."""
    return sorted(match.span() for pattern in (_BEFORE, _BEHIND) for match in pattern.finditer(text))


def denied(text: str, words: Sequence[Word]) -> set[Word]:
    """Those of the `words` of `text` that are denied."""
    found = set()
    for match in _BEFORE.finditer(text):
        after = next((word for word in words if word.start >= match.end()), None)
        if after is not None and after.start - match.end() <= _NEAR:
            found.add(after)
    for match in _BEHIND.finditer(text):
        before = next((word for word in reversed(words) if word.end <= match.start() + 1), None)
        if before is not None and match.start() - before.end <= _NEAR:
            found.add(before)
    return found


def stems(words: Iterable[Word]) -> frozenset[str]:
    """By what words are recognised when one text denies and another says them: a Korean verb by its first two
    syllables, which its endings leave alone."""
    return frozenset(word.keys[0] for word in words)

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
    r"(?<=지)(?:는|도|를)?\s*(?:않|못하|못했|못한|말)|(?<=[\s은는이가도])(?:없|아니(?!면)|아닌|아닙|아님|아닐|아녜)|없이"
)
_NEAR = 24
"""How many characters may lie between a negation and what it denies."""
# Between a negation and what it denies: "not likely to be positive", "'함의'라고 볼 수 없다".
_LITTLE = re.compile(
    r"(?:\s|[\"'“‘(\[*_]|\b(?:an?|the|be|been|being|is|was|are|to|of|it|this|that|think|believe|say|"
    r"really|very|actually|necessarily|likely|quite|entirely|truly|clearly|exactly|option|choice|answer)\b)*",
    re.IGNORECASE,
)
_ENDING = re.compile(r"[\"'”’)\]*_]*[가-힣]{0,6}(?:\s+(?:볼|할|말할|보기는|답이|정답이)(?:\s+수)?)?\s*")
_REJECTED = re.compile(
    r"[\"'”’)\]*_]*\s*(?:(?:is|was|would be|can|could)(?:\s+not|n['’]t)|cannot)\b(?:\s+be)?"
    r"(?:\s+(?:the|a|really|quite))*\s+(?:right|correct|true|answer|supported|possible)\b"
    r"|[\"'”’)\]*_]*\s*(?:is|was|would be)\s+(?:wrong|false|incorrect)\b",
    re.IGNORECASE,
)


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


def is_denied(text: str, start: int, end: int) -> bool:
    """Whether what stands at [start, end) is denied: "not a B", "B가 아니라", "B is not correct"."""
    early = max(0, start - 2 * _NEAR)
    for match in _BEFORE.finditer(text, early, start):
        if start - match.end() <= _NEAR and _LITTLE.fullmatch(text, match.end(), start):
            return True
    for match in _BEHIND.finditer(text, end, end + 2 * _NEAR):
        if match.start() - end <= _NEAR and _ENDING.fullmatch(text, end, match.start()):
            return True
    return _REJECTED.match(text, end) is not None


def stems(words: Iterable[Word]) -> frozenset[str]:
    """By what words are recognised when one text denies and another says them: a Korean verb by its first two
    syllables, which its endings leave alone."""
    return frozenset(word.keys[0] for word in words)

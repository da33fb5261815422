"""Where the sentences of a text begin and end, in English and Korean, lists and code included.

Rules, not a model: they are read in a minute, need no download, and are quick enough for every answer.
"""

import re
from collections.abc import Iterator

Span = tuple[int, int]

_FENCE = re.compile(r"^[ \t]*(```|~~~).*?(?:^[ \t]*\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_LINE = re.compile(r"[^\n]+")
# What a list item, a quotation or a heading begins with is no part of its sentence.
_OPENING = re.compile(r"\s*(?:(?:[-*+•·]|\d{1,3}[.)]|>|#{1,6})\s+)*")
_INLINE_CODE = re.compile(r"`[^`\n]+`")
_END = re.compile(
    r"[。！？]+[\"'”’」』)\]*_]*"
    r"|[.!?…]+[\"'”’」』)\]*_]*(?=\s|$)"
    r"|(?<=[\uac00-\ud7a3])[.!?…]+(?=[\uac00-\ud7a3])"  # "했다.그리고": no space behind the full stop
)
# Titles and initials are followed by a name: the sentence always goes on behind them.
_BEFORE_A_NAME = re.compile(
    r"(?<![^\W_])(?:mr|mrs|ms|dr|prof|st|vs|cf|fig|gen|col|capt|lt|sgt|rev|hon|gov|sen|rep|mt|e\.g|i\.e|"
    r"(?<![A-Za-z]\.)[a-z]|(?!u\.[skn]|e\.u|d\.c|[ap]\.[md]|b\.c)(?<![A-Za-z]\.)[a-z]\.[a-z])\.$",
    re.IGNORECASE,
)
# Behind these a sentence may end: it goes on unless a capital follows.
_SHORTENED = re.compile(
    r"(?<![^\W_])(?:jr|sr|etc|al|approx|dept|est|inc|ltd|co|corp|no|vol|pp?|jan|feb|mar|apr|jun|jul|aug|"
    r"sept?|oct|nov|dec|(?:[a-z]\.)+[a-z])\.$",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?<!\d)\d{1,4}\.\s?\d{1,2}\.$|^[\d.\s]+$")  # 1989. 3. 12.
_MORE_OF_A_DATE = re.compile(r"\s*\d{1,2}\.")
_CAPITAL = re.compile(r"\s+[\"'“‘(]*(?:[A-Z]|[\uac00-\ud7a3])")
_SMALL = re.compile(r"\s+[a-z]")


def sentences(text: str) -> list[Span]:
    """The (start, end) ranges of the sentences, in order, without white space at their ends, without list
    marks, and without fenced code, which has no sentences. A line always ends its last sentence."""
    return [span for line in _prose_lines(text) for span in _in_line(text, *line)]


def _prose_lines(text: str) -> Iterator[Span]:
    fences = [fence.span() for fence in _FENCE.finditer(text)]
    for line in _LINE.finditer(text):
        if not any(start <= line.start() < end for start, end in fences):
            yield line.span()


def _in_line(text: str, start: int, end: int) -> Iterator[Span]:
    opening = _OPENING.match(text, start, end)
    at = opening.end() if opening else start
    code = [span.span() for span in _INLINE_CODE.finditer(text, at, end)]
    for stop in _END.finditer(text, at, end):
        if any(first <= stop.start() < last for first, last in code) or _continues(text, at, stop.end(), end):
            continue
        yield from _trimmed(text, at, stop.end())
        at = stop.end()
    yield from _trimmed(text, at, end)


def _continues(text: str, start: int, stop: int, end: int) -> bool:
    """Whether the sentence goes on behind the full stop that ends at `stop`."""
    said = text[start:stop]
    if not said.endswith((".", "…")):
        return False
    if stop == end or _SMALL.match(text, stop, end):
        return stop < end
    if _MORE_OF_A_DATE.match(text, stop, end):
        return bool(re.search(r"(?<!\d)\d{1,4}\.$", said))
    if _DATE.search(said) or _BEFORE_A_NAME.search(said):
        return True
    return bool(_SHORTENED.search(said)) and not _CAPITAL.match(text, stop, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    piece = text[start:end]
    stripped = piece.strip()
    if any(letter.isalnum() for letter in stripped):
        begin = start + len(piece) - len(piece.lstrip())
        yield begin, begin + len(stripped)

"""A text that says one number and nothing else: "4", "It is $4.00.", "35,000원입니다".

"March 2010" and "before 2010" are no quantities: what stands beside the number says more than its unit.
"""

import re
from typing import NamedTuple

from chains.reading_answers.numbers import Number, numbers, plainly_written
from chains.words import english_stem, korean_stem

_SIGNS = {"$": "dollar", "€": "euro", "£": "pound", "₩": "won", "원": "won", "달러": "dollar", "%": "percent"}
_BEFORE = re.compile(
    r"(?:(?:so|the|final|correct|right|answer|result|it|it['’]s|that|that['’]s|there|is|are|was|were|makes|"
    r"a total of|in total|총|모두|전부|답은|답|정답은|정답|결과는)(?![A-Za-z가-힣])|[\s:=,\"'“‘(\[*_])*",
    re.IGNORECASE,
)
_WORD = r"[^\W\d_]+"
_BEHIND = re.compile(
    rf"\s*(?P<unit>%|{_WORD}(?:\s+old|\s*(?:per|/)\s*{_WORD})?)?[\s.!,\"'”’)\]*_]*", re.IGNORECASE
)
_LONGEST = 80
"""Characters beside the number; whoever writes more says more."""


class Quantity(NamedTuple):
    """A number and its unit, "" where none is named."""

    number: Number
    unit: str


def quantity(text: str) -> Quantity | None:
    """The one number of a text that says nothing but a number."""
    found = list(numbers(text))
    if len(found) != 1:
        return None
    (number,), plain = found, plainly_written(text)
    before, behind = plain[: number.start], plain[number.end :]
    if max(len(before), len(behind)) > _LONGEST or not _BEFORE.fullmatch(before):
        return None
    rest = _BEHIND.fullmatch(behind)
    unit = _unit(rest["unit"] or "") if rest else None
    if unit is None:
        return None
    sign = next((letter for letter in plain[number.start : number.end] if letter in _SIGNS), "")
    return Quantity(number, unit or _SIGNS.get(sign, ""))


def _unit(written: str) -> str | None:
    """In one form ("dollars" is "dollar", "원입니다" is "won"); None for a word that is none, as "or"."""
    if not written or written in _SIGNS:
        return _SIGNS.get(written, "")
    stem = korean_stem(written) if not written.isascii() else english_stem(written)
    if not stem:
        return None if written.isascii() else ""
    return _SIGNS.get(stem, stem)

"""The numbers of a text, by value, as people and models write them in English and Korean.

Thousands separators, decimals, signs, fractions (3/4, 1 1/2, ½, \\frac{3}{4}), percent, "2.5 million",
digits with 십, 백, 천, 만, 억 and 조 ("3만 5천"), and Korean number words where what follows shows that
they are one ("삼십이 개"). English number words ("forty-two"), dates and exponents are not read.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

NEAR = Fraction(1, 1_000_000)
"""So near two numbers count as equal when one of them is no whole number: 0.333333 is 1/3."""
_LONGEST = 60  # characters; longer runs of digits are noise

_PLAIN = r"(?:(?:\d{1,3}+(?:,\d{3})++(?!\d)|\d++)(?:\.\d++)?|\.\d++)"
_BEHIND_NOTHING = r"(?<![A-Za-z0-9_])(?<!\d\.)(?:(?<![\w)\]%])(?P<sign>[-−]))?[$₩€£]?"
_UNITS = r"\s?[십백천만억조]{1,3}(?!큼)"
_NUMBER = re.compile(
    rf"{_BEHIND_NOTHING}"
    rf"(?:(?P<korean>{_PLAIN}{_UNITS}(?:\s?{_PLAIN}{_UNITS})*(?:\s?\d{{1,4}}+(?![.,]?\d|\s?[십백천만억조]))?)"
    rf"|(?P<first>{_PLAIN})"
    r"(?:(?:[ ]{1,3}(?P<top>\d{1,6}))?[ ]{0,2}/[ ]{0,2}(?P<bottom>\d{1,6})(?![\d/]))?)"
)
_WORDS = re.compile(
    r"(?<![가-힣\d])[일이삼사오육칠팔구]{0,3}[십백천만억조][일이삼사오육칠팔구십백천만억조]{0,15}"
    r"(?=\s?(?:원|명|개|마리|살|시간|분|초|달러|미터|킬로|그램|점|권|장|대|번|회|퍼센트|%)"
    r"|(?:입니다|이에요|예요|이다)|[.!]?\s*\Z)"
)
_UNIT_ALONE = frozenset("십백천만억조")
_TERM = re.compile(rf"{_PLAIN}|[일이삼사오육칠팔구십백천만억조]")
_PERCENT = re.compile(r"\s?(?:%|퍼센트|프로(?![가-힣])|percent\b|per cent\b)", re.IGNORECASE)
_SCALE = re.compile(r"\s?(thousand|million|billion|trillion)\b", re.IGNORECASE)
_LATEX = re.compile(r"\\[dt]?frac\{(\d{1,6})\}\{(\d{1,6})\}")
_VULGAR = re.compile("[¼-¾⅐-⅞]")
_DIGITS = {word: Fraction(value) for value, word in enumerate("일이삼사오육칠팔구", start=1)}
_SMALL = {"십": 10, "백": 100, "천": 1000}
_LARGE = {"만": 10**4, "억": 10**8, "조": 10**12}
_ENGLISH = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}


@dataclass(frozen=True)
class Number:
    """A value, and where it stands in the plainly written text; of a `percent` number, 25 may mean 0.25."""

    value: Fraction
    percent: bool = False
    end: int = 0
    start: int = 0


def last_number(text: str) -> Number | None:
    """The number that ends last; None without one."""
    return max(numbers(text), key=lambda number: number.end, default=None)


def same_number(a: Number, b: Number) -> bool:
    """Whether they can mean the same value."""
    return any(_equal(x, y) for x in _meanings(a) for y in _meanings(b))


def numbers(text: str) -> Iterator[Number]:
    """All numbers: those written with digits in order, then those in Korean words."""
    plain = plainly_written(text)
    for match in _NUMBER.finditer(plain):
        if len(match[0]) <= _LONGEST:
            value = _terms(match["korean"]) if match["korean"] else _fraction(match)
            yield _with_suffix(-value if match["sign"] else value, plain, match)
    for match in _WORDS.finditer(plain):
        if match[0] not in _UNIT_ALONE:
            yield _with_suffix(_terms(match[0]), plain, match)


def plainly_written(text: str) -> str:
    """Full-width digits, ½ and LaTeX written plainly."""
    spaced = _VULGAR.sub(lambda match: " " + unicodedata.normalize("NFKC", match[0]), text)
    plain = unicodedata.normalize("NFKC", spaced).replace("\u2044", "/").replace("{,}", ",")
    return _LATEX.sub(r" \1/\2", plain)


def _fraction(match: re.Match[str]) -> Fraction:
    first = _value(match["first"])
    if not match["bottom"] or not int(match["bottom"]):
        return first
    if match["top"]:
        return first + Fraction(int(match["top"]), int(match["bottom"]))
    return first / int(match["bottom"])


def _terms(text: str) -> Fraction:
    """3만 5천 -> 35000: 십, 백 and 천 count within a group of four digits, 만, 억 and 조 close one."""
    total, group, digits = Fraction(0), Fraction(0), None
    for term in _TERM.findall(text):
        if term in _SMALL:
            group, digits = group + (1 if digits is None else digits) * _SMALL[term], None
        elif term in _LARGE:
            group += digits or 0
            total, group, digits = total + (group or 1) * _LARGE[term], Fraction(0), None
        else:
            digits = _DIGITS.get(term) or _value(term)
    return total + group + (digits or 0)


def _value(digits: str) -> Fraction:
    return Fraction(digits.replace(",", ""))


def _with_suffix(value: Fraction, text: str, match: re.Match[str]) -> Number:
    start, end = match.span()
    scale = _SCALE.match(text, end)
    if scale:
        return Number(value * _ENGLISH[scale[1].lower()], False, scale.end(), start)
    return Number(value, bool(_PERCENT.match(text, end)), end, start)


def _meanings(number: Number) -> tuple[Fraction, ...]:
    return (number.value, number.value / 100) if number.percent else (number.value,)


def _equal(a: Fraction, b: Fraction) -> bool:
    whole = a.denominator == b.denominator == 1
    return a == b if whole else abs(a - b) <= NEAR

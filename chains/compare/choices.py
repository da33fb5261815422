"""Which choice an answer to a multiple choice question means.

Read in the order of certainty: the choice's own text and nothing else; what is announced ("Answer: B",
"정답은 ②"); a mark at the beginning ("B. because …"); the text of one choice, at the beginning or anywhere; a
single letter somewhere. Whatever names several choices chooses none.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from chains.compare.normalise import language_of_texts, normalised
from chains.compare.question_set import Item

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨"

_OPEN, _CLOSE = r"[\s\"'“‘(\[{*_]*", r"[\"'”’)\]}*_]*"
# A letter, ② or 2번; not the first letter of a word. Hangul may follow at once: "B입니다".
_MARK = r"(?:(?P<letter>[A-Za-z])(?![A-Za-z0-9'’])|(?P<circled>[①-⑨])|(?P<number>[1-9])(?=\s?번))"
_ANNOUNCED = re.compile(
    r"(?:\b(?:answer|choice|option)\b(?:\s+(?:is|would be|should be))?|정답|답변|답)"
    rf"(?:은|는)?\s*[:：=-]?{_OPEN}(?:(?:option|choice|보기)\s*)?{_OPEN}{_MARK}",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    rf"\A{_OPEN}(?:{_MARK}|(?P<digit>[1-9]))(?:\s?번)?{_CLOSE}\s*(?:입니다|이에요|예요|이다)?[.:)]?{_CLOSE}\s*\Z"
)
_FIRST = re.compile(
    rf"\A{_OPEN}(?:{_MARK}(?:\s?번)?{_CLOSE}\s*"
    r"(?:[.:)\]},\n]|입니다|이에요|예요|[-–—])"
    r"|(?P<capital>[A-Z])(?=\s+(?:is|because|since|as)\b))"
)
_ONE = r"(?:[(\[]?(?<![A-Za-z])[A-Z](?![A-Za-z])|[(\[][a-z][)\]]|[①-⑨]|\d\s?번)"
_SEVERAL = re.compile(rf"{_ONE}[)\]]?[\s,]*(?:\b(?:or|and)\b|/|또는|혹은|이나|나|와|과)\s*{_ONE}")
_ENCLOSED = re.compile(rf"[(\[]\s*{_MARK}\s*[)\]]|(?P<bare>[①-⑨])|(?P<counted>[1-9])\s?번")
# "A" and "I" are words too, unless nothing follows.
_LONE = re.compile(
    r"(?<![A-Za-z0-9'’])(?:(?P<letter>[B-HJ-Z])(?![A-Za-z0-9'’])|(?P<last>[AI])(?=[\"'”’)\]*_]*[.!]?\s*\Z))"
)


def letters(choices: Sequence[str]) -> tuple[str, ...]:
    """The letter of each choice, as the prompt shows them: A, B, C, …"""
    return tuple(LETTERS[at] for at in range(min(len(choices), len(LETTERS))))


def right_choices(item: Item) -> frozenset[int]:
    """The places (from 0) of the choices that are right."""
    return _right(item.choices, item.answers)


@lru_cache(maxsize=4096)
def _right(choices: tuple[str, ...], answers: tuple[str, ...]) -> frozenset[int]:
    language = language_of_texts(choices)
    right = {normalised(one, language) for one in answers}
    return frozenset(at for at, one in enumerate(choices) if normalised(one, language) in right)


def likeliest(log_likelihoods: Sequence[float], lengths: Sequence[int] = ()) -> int | None:
    """The place of the likeliest choice, each value divided by its length where those are given; the first of
    several alike, None where a value is no number."""
    counts = lengths or [1] * len(log_likelihoods)
    values = [value / max(1, count) for value, count in zip(log_likelihoods, counts, strict=True)]
    if not values or any(math.isnan(value) for value in values):
        return None
    return max(range(len(values)), key=values.__getitem__)


def read_choice(text: str, choices: Sequence[str]) -> int | None:
    """The place (from 0) of the choice that the text means; None where it names none, or several."""
    said = _composed(text).strip()
    if not said or not choices:
        return None
    texts = _texts(tuple(choices))
    language = language_of_texts(choices)
    plain = normalised(said, language)
    if texts.count(plain) == 1:
        return texts.index(plain)
    marked = _marked(said, len(choices))
    if marked is not None:
        return marked
    named = _named(plain, texts, language)
    if named:
        return named.pop() if len(named) == 1 else None
    return None if _SEVERAL.search(said) else _only(_LONE.finditer(said), len(choices))


def _composed(text: str) -> str:
    """One form of every letter, but ② stays ② (NFKC would make it 2)."""
    return unicodedata.normalize("NFC", text)


@lru_cache(maxsize=4096)
def _texts(choices: tuple[str, ...]) -> list[str]:
    language = language_of_texts(choices)
    return [normalised(one, language) for one in choices]


def _marked(said: str, count: int) -> int | None:
    """By a letter or number: alone, announced (the last time counts), at the beginning, in parentheses."""
    whole = _WHOLE.match(said)
    if whole:
        return _place(whole, count)
    announced = [_announced(match, said, count) for match in _ANNOUNCED.finditer(said)]
    chosen = [at for at in announced if at is not None]
    if chosen:
        return chosen[-1]
    if _SEVERAL.search(said):
        return None
    first = _FIRST.match(said)
    if first and (at := _place(first, count)) is not None:
        return at
    return _only(_ENCLOSED.finditer(said), count)


def _announced(match: re.Match[str], said: str, count: int) -> int | None:
    """ "The answer is a dog" announces a dog, not choice A."""
    letter = match["letter"]
    article = letter and letter in "aAiI" and re.match(r"\s+[A-Za-z가-힣]", said[match.end() :])
    lower = letter and letter.islower() and not re.match(r"[)\].,:*\"']|\s*\Z", said[match.end() :])
    return None if article or lower else _place(match, count)


def _named(plain: str, texts: Sequence[str], language: str) -> set[int]:
    """The choices whose text the answer begins with, else those it holds; a text within a longer one that is
    there too does not count."""
    held = {at for at, one in enumerate(texts) if one and _holds(plain, one, language)}
    begun = {at for at in held if plain.startswith(texts[at])}
    found = begun or held
    return {at for at in found if not any(at != other and texts[at] in texts[other] for other in found)}


def _holds(plain: str, text: str, language: str) -> bool:
    if language == "ko":
        return text in plain
    return f" {text} " in f" {plain} "


def _only(matches: Iterable[re.Match[str]], count: int) -> int | None:
    found = {at for match in matches if (at := _place(match, count)) is not None}
    return found.pop() if len(found) == 1 else None


def _place(match: re.Match[str], count: int) -> int | None:
    for value in match.groupdict().values():
        if not value:
            continue
        if value in _CIRCLED:
            at = _CIRCLED.index(value)
        else:
            at = int(value) - 1 if value.isdigit() else LETTERS.index(value.upper())
        return at if at < count else None
    return None

"""Which choice an answer to a multiple choice question means.

Read in the order of certainty: the choice's own text and nothing else; what is announced last ("Answer: B",
"정답은 ②"); a mark at the beginning ("B. because …"); the text of one choice, at the beginning or anywhere; a
single letter somewhere. Whatever names several choices chooses none: a list of them all, "A or B", or the
letter of one with the text of another ("A. positive" where A is negative). What is denied is not chosen:
"not negative", "함의가 아니라 모순", "B is not correct".
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from chains.negation import is_denied
from chains.reading_answers.normalise import language_of_texts, normalised

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
    r"|(?P<ring>[①-⑨])|(?P<capital>[A-Z])(?=\s+(?:is|because|since|as)\b))"
)
# A label at the beginning of a line: an answer with several repeats the list.
_LABEL = re.compile(rf"^{_OPEN}{_MARK}{_CLOSE}\s?[.:)\]]", re.MULTILINE)
_BEHIND = 200  # characters
_MOST_NAMED = 1000  # places where a choice is looked at
_ONE = r"(?:[(\[]?(?<![A-Za-z])[A-Z](?![A-Za-z])|[(\[][a-z][)\]]|[①-⑨]|\d\s?번)"
_SEVERAL = re.compile(rf"{_ONE}[)\]]?[\s,]*(?:\b(?:or|and)\b|/|또는|혹은|이나|나|와|과)\s*{_ONE}")
_ENCLOSED = re.compile(rf"[(\[]\s*{_MARK}\s*[)\]]|(?P<bare>[①-⑨])|(?P<counted>[1-9])\s?번")
# "A" and "I" are words too, unless nothing follows.
_LONE = re.compile(
    r"(?<![A-Za-z0-9'’])(?:(?P<letter>[B-HJ-Z])(?![A-Za-z0-9'’])|(?P<last>[AI])(?=[\"'”’)\]*_]*[.!]?\s*\Z))"
)


def read_choice(text: str, choices: Sequence[str]) -> int | None:
    """The place (from 0) of the choice that the text means; None where it names none, several, or the letter
    of one with the text of another."""
    said = unicodedata.normalize("NFC", text).strip()
    if not said or not choices:
        return None
    known = _known(tuple(choices))
    bare = _bare(said)
    if known.bare.count(bare) == 1:
        return known.bare.index(bare)
    announced = _announced(said, known)
    if announced is not None:
        return announced.at
    if len(set(_places(_LABEL.finditer(said), said, known))) > 1 or _SEVERAL.search(said):
        return None
    marked = _marked(said, known)
    if marked is not None:
        return marked.at
    plain = normalised(said, known.language)
    held = known.held(plain)
    if held:
        named = known.named(plain, {at for at in held if not known.denied(at, said)})
        return named.pop() if len(named) == 1 else None
    return _only(_LONE.finditer(said), said, known)


@dataclass(frozen=True)
class _Known:
    """The choices: their texts in lower case (`bare`), as answers are compared (`texts`), and as they are
    found in an answer as it was written (`written`)."""

    bare: tuple[str, ...]
    texts: tuple[str, ...]
    written: tuple[re.Pattern[str], ...]
    language: str

    def held(self, plain: str) -> set[int]:
        """The choices whose text an answer holds."""
        return {at for at, one in enumerate(self.texts) if self._holds(plain, one)}

    def named(self, plain: str, held: set[int]) -> set[int]:
        """Of those it holds, the choices whose text it begins with, or else all; a text within a longer one
        that is there too does not count."""
        found = {at for at in held if self._begins(plain, self.texts[at])} or held
        longer = {at for at in found if any(at != other and self._within(at, other) for other in found)}
        return found - longer

    def denied(self, at: int, said: str) -> bool:
        """Whether the answer names that choice only to deny it."""
        spans = [match.span() for match in islice(self.written[at].finditer(said), _MOST_NAMED)]
        return bool(spans) and all(is_denied(said, *span) for span in spans)

    def contradicts(self, at: int, behind: str) -> bool:
        """Whether what stands behind the mark of one choice begins with the text of another only."""
        plain = normalised(behind, self.language)
        begun = {other for other, one in enumerate(self.texts) if one and self._begins(plain, one)}
        return bool(begun) and at not in begun

    def _within(self, at: int, other: int) -> bool:
        return self.texts[at] in self.texts[other] and self.texts[at] != self.texts[other]

    def _holds(self, plain: str, text: str) -> bool:
        return bool(text) and (text in plain if self.language == "ko" else f" {text} " in f" {plain} ")

    def _begins(self, plain: str, text: str) -> bool:
        return plain.startswith(text) if self.language == "ko" else f"{plain} ".startswith(f"{text} ")


@dataclass(frozen=True)
class _Marked:
    """A mark was found; `at` None: it chooses nothing."""

    at: int | None


@lru_cache(maxsize=4096)
def _known(choices: tuple[str, ...]) -> _Known:
    language = language_of_texts(choices)
    texts = tuple(normalised(one, language) for one in choices)
    written = tuple(_written(text, language) for text in texts)
    return _Known(tuple(_bare(one) for one in choices), texts, written, language)


def _written(text: str, language: str) -> re.Pattern[str]:
    """Finds a normalised text where punctuation and articles stand between its words."""
    between = r"[\W_]+(?:(?:an?|the)[\W_]+)?"
    words = between.join(map(re.escape, text.split()))
    return re.compile(words if language == "ko" else rf"(?<!\w){words}(?!\w)", re.IGNORECASE)


def _bare(text: str) -> str:
    """In lower case, without what encloses it."""
    return unicodedata.normalize("NFC", text).strip().strip("\"'“”‘’()[]*_.,:!").strip().lower()


def _announced(said: str, known: _Known) -> _Marked | None:
    """The last choice that is announced: "Answer: B". "The answer is a dog" announces no letter."""
    found = None
    for match in _ANNOUNCED.finditer(said):
        behind = _behind(match, said)
        letter = match["letter"] or ""
        article = letter in ("a", "A", "i", "I") and re.match(r"\s+[A-Za-z가-힣]", behind)
        lower = letter.islower() and not re.match(r"[)\].,:*\"']|\s*\Z", behind)
        at = _place(match, len(known.texts))
        if not article and not lower and at is not None and not is_denied(said, *_mark(match)):
            found = _Marked(None if known.contradicts(at, behind) else at)
    return found


def _behind(match: re.Match[str], said: str) -> str:
    """The rest of the mark's line, where the choice's text may follow."""
    return said[match.end() : match.end() + _BEHIND].split("\n")[0]


def _marked(said: str, known: _Known) -> _Marked | None:
    """By a letter or number: alone, at the beginning, in parentheses."""
    whole = _WHOLE.match(said)
    if whole:
        return _Marked(_place(whole, len(known.texts)))
    first = _FIRST.match(said)
    if first and is_denied(said, *_mark(first)):
        first = None
    at = _place(first, len(known.texts)) if first else None
    if first and at is not None:
        return _Marked(None if known.contradicts(at, _behind(first, said)) else at)
    only = _only(_ENCLOSED.finditer(said), said, known)
    return None if only is None else _Marked(only)


def _only(matches: Iterable[re.Match[str]], said: str, known: _Known) -> int | None:
    found = set(_places(matches, said, known))
    return found.pop() if len(found) == 1 else None


def _places(matches: Iterable[re.Match[str]], said: str, known: _Known) -> Iterator[int]:
    """Those that are not denied."""
    for match in matches:
        at = _place(match, len(known.texts))
        if at is not None and not is_denied(said, *_mark(match)):
            yield at


def _mark(match: re.Match[str]) -> tuple[int, int]:
    """Where the letter or number itself stands."""
    return next((match.span(name) for name, one in match.groupdict().items() if one), match.span())


def _place(match: re.Match[str], count: int) -> int | None:
    value = next((one for one in match.groupdict().values() if one), None)
    if value is None:
        return None
    if value in _CIRCLED:
        at = _CIRCLED.index(value)
    else:
        at = int(value) - 1 if value.isdigit() else LETTERS.index(value.upper())
    return at if at < count else None

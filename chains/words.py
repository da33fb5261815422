"""The words of a text that carry its meaning, in a form in which two texts can be compared.

English words are folded (case, accents, possessives, common endings); Hangul, Han and kana runs become
character bigrams, without the particle at the end of a Korean word, because a bigram needs no dictionary and
survives particles and endings; numbers are compared by value. Stop words carry nothing.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_CJK = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
_LETTER = rf"[^\W\d_{_CJK}]"
_TOKEN = re.compile(
    r"(?P<number>\d+(?:[.,:]\d+)*)(?:st|nd|rd|th)?"
    rf"|(?P<cjk>[{_CJK}]+)"
    rf"|(?P<word>{_LETTER}+(?:['’]{_LETTER}+)*)"
)
_ENGLISH = """a about above after again all also am an and any are as at be because been before being below
between both but by can could did do does doing down during each few for from further had has have having he
her here hers him his how however i if in into is it its itself just me more most my no nor not of off on once
one only or other our out over own same she should so some such than that the their theirs them then there
these they this those through to too under until up very was we were what when where which while who whom
whose why will with would you your yes okay ok sure well thus therefore hence according passage passages
answer question based given text provided mentioned stated context information note following don doesn didn
isn aren wasn weren cannot can't don't doesn't didn't isn't aren't wasn't weren't it's that's there's i'm
let's"""
# Forms of the Korean copula, of "to do" and of "to be", words like "but", and what an answer says of itself.
_KOREAN = """그리고 그러나 하지만 그래서 따라서 또한 그런데 그러므로 즉 및 등 수 것 네 예
아니요 때문 때문입니다 때문이에요 있다 있습니다 있어요 있었다 있었습니다 있는 없다 없습니다 없어요 했다
했습니다 했어요 하였다 하였습니다 한다 합니다 해요 하는 하고 된다 됩니다 돼요
되었다 되었습니다 됐다 됐습니다 됐어요 이다 입니다 이에요 예요 이었다 였다
이었습니다 였습니다 이었어요 였어요 대한 대해 위해 통해 문단 답 정답 질문 따르면
의하면 문단에 답은 정답은"""
_UP_TO_TWENTY = """zero - two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen twenty"""
_STOP = frozenset(_ENGLISH.split())
_KOREAN_STOP = frozenset(_KOREAN.split())
_PARTICLES = re.compile(
    r"(?:이었습니다|였습니다|이었어요|였어요|이었다|였다|입니다|이에요|예요|에게서|으로서|으로써|에서는|에서도|으로는|"
    r"까지는|이라고|라고|이라는|라는|에게|께서|에서|으로|부터|까지|처럼|보다|마다|조차|이며|이고|이나|은|는|이|가|을|를|의|"
    r"에|로|와|과|도|만|며)$"
)
_COPULA = re.compile(r"..(?:입니다|이에요|예요|이다|이었습니다|였습니다|이었어요|였어요|이었다|였다)$")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_NUMBERS = {word: str(value) for value, word in enumerate(_UP_TO_TWENTY.split())}
_ENDINGS = (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ied", "y"), ("ed", ""), ("es", ""), ("s", ""))


@dataclass(frozen=True)
class Word:
    """One word of a text, `text[start:end]`, and the keys by which it is compared (bigrams: several).

    `names`: it names what the sentence is about, so that no other word can stand for it: a number, a capital
    inside a sentence, a Korean noun before the copula ("도서관입니다"). `stem` is there too where a Korean
    word is one syllable and perhaps a particle, which bigrams cannot tell apart: "왕의" is also "왕".
    """

    start: int
    end: int
    keys: tuple[str, ...]
    number: bool = False
    names: bool = False
    stem: str = ""


def words(text: str) -> list[Word]:
    """All words that carry meaning, in order."""
    found = []
    for match in _TOKEN.finditer(text):
        word = _word(match)
        if word is not None:
            found.append(word)
    return found


def content_words(text: str) -> list[str]:
    """The words themselves, as written."""
    return [text[word.start : word.end] for word in words(text)]


def _word(match: re.Match[str]) -> Word | None:
    if match["number"]:
        return Word(*match.span(), (number_key(match["number"]),), number=True, names=True)
    if match["cjk"]:
        stem = korean_stem(match["cjk"])
        syllable = _PARTICLES.sub("", match["cjk"])
        short = syllable if len(syllable) == 1 else ""
        names = bool(_COPULA.search(match["cjk"]))
        return Word(*match.span(), bigrams(stem), names=names, stem=short) if stem else None
    key = _NUMBERS.get(match["word"].casefold()) or english_stem(match["word"])
    names = match["word"][0].isupper() and match.start() > 0
    return Word(*match.span(), (key,), names=names) if key else None


def number_key(number: str) -> str:
    """Numbers by value: 1,234 is 1234 and 2.50 is 2.5; what is no plain number (1.2.3) stays as written."""
    plain = re.sub(r",(?=\d{3}(?!\d))", "", number)
    if re.fullmatch(r"\d+\.\d+", plain):
        plain = plain.rstrip("0").rstrip(".")
    return plain.lstrip("0") or "0" if plain.isdigit() else plain


@lru_cache(maxsize=20_000)
def english_stem(word: str) -> str:
    """Lower case, without accents, possessive and the commonest endings; empty for a stop word."""
    folded = unicodedata.normalize("NFKD", word.replace("’", "'")).casefold()
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    if plain in _STOP:
        return ""
    plain = re.sub(r"'s?$", "", plain)
    if plain in _STOP or (len(plain) == 1 and plain.isascii()):
        return ""
    return _without_ending(plain)


def _without_ending(word: str) -> str:
    for ending, put in _ENDINGS:
        stem = word[: -len(ending)] if word.endswith(ending) else ""
        if len(stem) >= 3 and not (ending == "s" and stem.endswith(("s", "u", "i"))):
            word = stem + put
            break
    return word.removesuffix("e") if len(word) > 4 else word


@lru_cache(maxsize=20_000)
def korean_stem(run: str) -> str:
    """Without the particle or copula at its end; empty for a stop word. Han and kana stay as they are."""
    if run in _KOREAN_STOP:
        return ""
    if not _HANGUL.search(run):
        return run
    stem = _PARTICLES.sub("", run)
    return stem if len(stem) >= 2 or (stem and len(run) - len(stem) >= 2) else run


def bigrams(run: str) -> tuple[str, ...]:
    """Neighbouring pairs of characters; a single character stands for itself."""
    return tuple(run[at : at + 2] for at in range(len(run) - 1)) or (run,)

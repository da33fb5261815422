"""Normalisations before two texts are compared, each as its published evaluation script has it.

    squad     SQuAD v1.1 and v2.0 (Rajpurkar et al., 2016; https://rajpurkar.github.io/SQuAD-explorer/):
              lower case, no ASCII punctuation, no articles, single spaces
    korquad   KorQuAD 1.0 (Lim et al., 2019; https://korquad.github.io/KorQuad%201.0/): quotation marks and
              brackets become spaces, lower case, no ASCII punctuation, single spaces

Which one a text gets follows from its language: `language_of_texts`.
"""

import re
import string
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from chains.language import HANGUL

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_KORQUAD_MARKS = str.maketrans(dict.fromkeys("'\"《》<>〈〉()‘’", " "))
_SURROGATE = re.compile("[\ud800-\udfff]")
_REMEMBERED = 4096


def language_of_texts(texts: Iterable[str]) -> str:
    """ "ko" where one of the texts holds Hangul, else "en"."""
    return "ko" if any(HANGUL.search(text) for text in texts) else "en"


def squad(text: str) -> str:
    """As `normalize_answer` of SQuAD's script."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def korquad(text: str) -> str:
    """As `normalize_answer` of KorQuAD 1.0's script."""
    return " ".join(text.translate(_KORQUAD_MARKS).lower().translate(_PUNCTUATION).split())


@lru_cache(maxsize=_REMEMBERED)
def normalised(text: str, language: str) -> str:
    """The text as its language's script compares it.

    One thing is ours: a text of nothing but punctuation and articles ("-", "The The") stays as it is, in
    lower case, where the scripts compare two empty texts and call "-" and "+" the same. Decomposed Hangul
    (NFD) is composed first: the same letters must be the same text.
    """
    composed = unicodedata.normalize("NFC", text)
    plain = korquad(composed) if language == "ko" else squad(composed)
    return plain or " ".join(composed.lower().split())


@lru_cache(maxsize=_REMEMBERED)
def f1_tokens(text: str, language: str) -> tuple[str, ...]:
    """What token F1 counts: words in English, characters in Korean, where a word's particle is part of it."""
    plain = normalised(text, language)
    return tuple(plain.replace(" ", "")) if language == "ko" else tuple(plain.split())


def encodable(text: str) -> str:
    """The text without halves of surrogate pairs, which libraries in C refuse."""
    return _SURROGATE.sub("\ufffd", text)

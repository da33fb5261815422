"""Which of Maru's two languages a question is spoken in."""

import re
from collections.abc import Mapping

from chains.question import Question

HANGUL = re.compile(r"[\uac00-\ud7a3\u1100-\u11ff\u3130-\u318f]")
LATIN = re.compile(r"[A-Za-z]{2}")


def language_of(question: Question) -> str:
    """ "ko" where the question is written in Hangul, "en" where it is in Latin letters, else what was chosen.

    Korean words around an English question confuse a small model: it answers with the words around it.
    """
    if HANGUL.search(question.text):
        return "ko"
    if LATIN.search(question.text):
        return "en"
    return "ko" if question.language == "ko" else "en"


def reader_language(question: Question) -> str:
    """The language of what Maru itself says to the person: the question's where it is Korean, else theirs."""
    return "ko" if HANGUL.search(question.text) or question.language == "ko" else "en"


def said(texts: Mapping[str, str], language: str) -> str:
    """One of our own texts {"en": …, "ko": …} in that language."""
    return texts["ko" if language == "ko" else "en"]

"""Which of Maru's two languages a question is spoken in."""

import re
from collections.abc import Mapping

from chains.question import Question

HANGUL = re.compile(r"[\uac00-\ud7a3\u1100-\u11ff\u3130-\u318f]")


def language_of(question: Question) -> str:
    """ "ko" where the question itself is written in Hangul, else the language the person chose."""
    if HANGUL.search(question.text):
        return "ko"
    return "ko" if question.language == "ko" else "en"


def said(texts: Mapping[str, str], language: str) -> str:
    """One of our own texts {"en": …, "ko": …} in that language."""
    return texts["ko" if language == "ko" else "en"]

"""Questions with known answers: what a comparison asks."""

from dataclasses import dataclass
from typing import Literal, get_args

AnswerType = Literal["exact", "number", "choice", "span", "text"]
"""exact: one fixed wording; number: the last number counts; choice: one of `choices`; span: a piece of the
passage; text: free wording."""

ANSWER_TYPES: tuple[AnswerType, ...] = get_args(AnswerType)


@dataclass(frozen=True)
class Item:
    """One question. Any of `answers` is right; () where the question cannot be answered (`answerable` False).

    `choices` are the texts to choose from, in the order of their letters A, B, C, …; an answer is then one of
    these texts. `passage` is the text that holds the answer.
    """

    id: str
    question: str
    answers: tuple[str, ...] = ()
    passage: str | None = None
    choices: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    answerable: bool = True


@dataclass(frozen=True)
class QuestionSet:
    """Questions of one answer type. `language` ("en", "ko") is that of the questions, for our own words in
    the prompts. `source` and `licence` say where a public set comes from."""

    name: str
    answer_type: AnswerType
    items: tuple[Item, ...]
    language: str = "en"
    source: str = ""
    licence: str = ""

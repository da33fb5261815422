"""What can go wrong between a question and its answer, written for the person who meets it.

ChainError
├── EmptyQuestion        nothing was asked
├── TechniqueNotFound    no technique of that key
├── MetricNotFound       no metric of that key
├── BadExampleSet        a few-shot set that cannot be read or saved, with the reason
├── BadSet               a set of questions that cannot be read or saved: every faulty line and its reason
├── PublicSetMissing     a public set that is not known, not there, or cannot be read here
├── CollectionNeeded     the technique searches, and no collection was chosen
├── QuestionTooLong      does not fit the model's context even alone
└── PassageTooLong       fits alone, but not together with a single passage

Each error carries its text in English and Korean: `str(error)` is English, `error.text("ko")` Korean.
"""

from collections.abc import Mapping
from typing import ClassVar


class ChainError(Exception):
    """The base of all errors of this package; `values` fill the gaps of the text.

    A value {"en": …, "ko": …} is itself said in the language that is asked for.
    """

    en: ClassVar[str]
    ko: ClassVar[str]

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(self.text("en"))

    def text(self, language: str) -> str:
        """The message for the user in "en" or "ko"."""
        spoken = "ko" if language == "ko" else "en"
        values = {key: one[spoken] if isinstance(one, Mapping) else one for key, one in self.values.items()}
        return (self.ko if spoken == "ko" else self.en).format(**values)


class EmptyQuestion(ChainError):
    """The question has no visible character."""

    en = "The question is empty. Type something to ask."
    ko = "질문이 비어 있어요. 물어볼 내용을 적어 주세요."


class TechniqueNotFound(ChainError):
    """No technique of that key exists."""

    en = 'There is no technique called "{key}". Known techniques: {known}.'
    ko = "'{key}' 기법이 없어요. 있는 기법: {known}."


class MetricNotFound(ChainError):
    """No metric of that key exists."""

    en = 'There is no metric called "{key}". Known metrics: {known}.'
    ko = "'{key}' 지표가 없어요. 있는 지표: {known}."


class BadExampleSet(ChainError):
    """A set of few-shot examples cannot be read or saved."""

    en = 'The example set "{name}" cannot be used: {reason}'
    ko = "'{name}' 예시 모음을 쓸 수 없어요: {reason}"


class BadSet(ChainError):
    """A set of questions cannot be read or saved. `faults` tells every faulty line (the first of many).

    `lines` are the numbers of the lines that are told, from 1; 0 stands for the whole file.
    """

    en = 'The question set "{name}" cannot be used. {faults}'
    ko = "'{name}' 질문 모음을 쓸 수 없어요. {faults}"

    @property
    def lines(self) -> tuple[int, ...]:
        """The faulty lines, in order."""
        lines = self.values.get("lines", ())
        return lines if isinstance(lines, tuple) else ()


class PublicSetMissing(ChainError):
    """A public set cannot be had; `reason` says why and what mends it, in both languages."""

    en = 'The public set "{name}" cannot be loaded: {reason}'
    ko = "'{name}' 공개 질문 모음을 불러올 수 없어요: {reason}"


class CollectionNeeded(ChainError):
    """The technique searches documents, and there are none to search in."""

    en = '"{label}" searches documents by itself. Choose a collection, or another technique.'
    ko = "'{label}' 기법은 문서를 직접 검색해요. 컬렉션을 고르거나 다른 기법을 써 주세요."


class QuestionTooLong(ChainError):
    """The question alone is longer than the model can read."""

    en = (
        "The question has {tokens} tokens, but this model reads {limit}, of which {reserved} are kept for "
        "the answer. Shorten the question, or lower the number of new tokens."
    )
    ko = (
        "질문이 {tokens}토큰인데, 이 모델은 {limit}토큰까지 읽고 그중 {reserved}토큰은 답변 몫이에요. "
        "질문을 줄이거나 최대 생성 토큰을 낮춰 주세요."
    )


class PassageTooLong(ChainError):
    """The question fits, but not together with even one passage."""

    en = (
        "The question and one passage together have {tokens} tokens, but this model reads {limit}, of "
        "which {reserved} are kept for the answer. Lower the number of new tokens, or choose a model that "
        "reads more."
    )
    ko = (
        "질문과 문단 하나를 합치면 {tokens}토큰인데, 이 모델은 {limit}토큰까지 읽고 그중 {reserved}토큰은 "
        "답변 몫이에요. 최대 생성 토큰을 낮추거나 더 길게 읽는 모델을 골라 주세요."
    )

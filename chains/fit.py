"""Make a prompt that fits what the model can read, and say what had to be left out."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from langchain_core.language_models import BaseChatModel, BaseLanguageModel

from chains.errors import PassageTooLong, QuestionTooLong
from chains.neutral import neutralise
from chains.prompting import turns
from chains.question import Prompt, Question
from chains.steps import Build
from vectorstore.passage import Passage

# A chat template puts marks around each message, and some put a line of their own before all of them.
MARKS_PER_MESSAGE = 8
MARKS_PER_PROMPT = 32

Count = Callable[[str], int]


@dataclass(frozen=True)
class Fitted:
    """The prompt, the passages in it (numbered from 1 in this order), and what was left out."""

    prompt: Prompt
    passages: tuple[Passage, ...]
    notices: tuple[str, ...] = ()


def fit(question: Question, passages: tuple[Passage, ...], build: Build, model: BaseChatModel) -> Fitted:
    """The longest prompt that leaves room for the answer.

    The oldest turns go first, then the passages ranked lowest; one passage stays. A model that does not say
    how much it reads, or cannot count, gets everything. Raises QuestionTooLong or PassageTooLong.
    """
    limit, count = getattr(model, "context_length", None), token_counter(model)
    if not isinstance(limit, int) or count is None:
        return Fitted(_built(question, passages, build), passages)
    room = limit - question.options.max_tokens
    past, spare = len(turns(question.history)), max(0, len(passages) - 1)

    def shortened(dropped: int) -> tuple[Question, tuple[Passage, ...]]:
        kept = turns(question.history)[dropped:]
        history = tuple(message for turn in kept for message in turn)
        return replace(question, history=history), passages[: len(passages) - max(0, dropped - past)]

    def fits(dropped: int) -> bool:
        return _tokens(_built(*shortened(dropped), build), count) <= room

    dropped = bisect_left(range(past + spare), True, key=fits)
    shorter, kept = shortened(dropped)
    prompt = _built(shorter, kept, build)
    if dropped == past + spare and _tokens(prompt, count) > room:
        raise _too_long(shorter, kept, build, count, limit)
    notices = ("history_trimmed",) if dropped and past else ()
    return Fitted(prompt, kept, (*notices, "passages_trimmed") if len(kept) < len(passages) else notices)


def token_counter(model: BaseChatModel) -> Count | None:
    """How the model itself counts the tokens of a text; None when it has no tokenizer of its own.

    LangChain's default counts by GPT-2's tokenizer, which is another model's and has to be downloaded.
    """
    kind = type(model)
    own = (
        model.custom_get_token_ids is not None
        or kind.get_num_tokens is not BaseLanguageModel.get_num_tokens
        or kind.get_token_ids is not BaseLanguageModel.get_token_ids
    )
    return cache(model.get_num_tokens) if own else None


def _built(question: Question, passages: tuple[Passage, ...], build: Build) -> Prompt:
    prompt = build(question, passages)
    return replace(
        prompt, messages=tuple(replace(one, content=neutralise(one.content)) for one in prompt.messages)
    )


def _tokens(prompt: Prompt, count: Count) -> int:
    """At most this many tokens, template marks included."""
    return MARKS_PER_PROMPT + sum(count(one.content) + MARKS_PER_MESSAGE for one in prompt.messages)


def _too_long(
    question: Question, passages: tuple[Passage, ...], build: Build, count: Count, limit: int
) -> QuestionTooLong | PassageTooLong:
    alone = _tokens(_built(question, (), build), count)
    reserved = question.options.max_tokens
    if alone > limit - reserved:
        return QuestionTooLong(tokens=alone, limit=limit, reserved=reserved)
    together = _tokens(_built(question, passages, build), count)
    return PassageTooLong(tokens=together, limit=limit, reserved=reserved)

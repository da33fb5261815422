"""The quality and speed card of one loaded model: what it costs, and what its precision or adapter changes.

Everything is measured through the model as people use it. Perplexity needs the probabilities of given
tokens, which only an engine in this process tells. Speed: `prefill` is a prompt that was never read before,
until the first text; `decode` is a long greedy answer, counted from its first text to its end. Answers are
greedy. The texts and questions in card_data were written for this card, so that no model has read them.
"""

import secrets
import statistics
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage

from adapters.card_text import Question
from adapters.perplexity import WINDOW, likelihoods, perplexity, windows
from adapters.served import ServedModel
from adapters.spec import Text

ROUNDS = 3
PROMPT_CHARACTERS = 2400
DECODE_TOKENS, ANSWER_TOKENS, QUESTIONS_AT_ONCE = 96, 24, 4
TASK = "Write a long and detailed story about a wooden house by a river and the people who live in it."
REMOTE: Text = {
    "en": "a server does not tell the probabilities of given tokens",
    "ko": "서버는 주어진 토큰의 확률을 알려 주지 않아요",
}


@dataclass(frozen=True)
class CardProgress:
    """How far measuring is: "perplexity", "prefill", "decode" or "answers", and the share of it all."""

    step: str
    fraction: float


@dataclass(frozen=True)
class Card:
    """What was measured. `perplexity` is None with the reason; `first_tokens` are those of the answers (None
    where the tokenizer is another machine's); speeds are medians, in tokens per second."""

    model: str
    precision: str
    adapter: str | None
    engine: str
    perplexity: float | None
    perplexity_reason: Text | None
    text_tokens: int | None
    prefill_tokens: int
    prefill_per_s: float
    first_token_s: float
    decode_tokens: int
    decode_per_s: float | None
    memory_bytes: int | None
    questions: tuple[Question, ...]
    answers: tuple[str, ...]
    first_tokens: tuple[int | None, ...]

    @property
    def right(self) -> int:
        """How many answers contain the expected word."""
        pairs = zip(self.questions, self.answers, strict=True)
        return sum(is_right(question, answer) is True for question, answer in pairs)


@dataclass(frozen=True)
class Flip:
    """A question that is answered otherwise than in full precision; `before` is the reference's answer.
    `was_right` and `is_right` are None without an expected word."""

    question: str
    before: str
    after: str
    was_right: bool | None
    is_right: bool | None


@dataclass(frozen=True)
class Turn:
    """One generation, timed: seconds from the call to the first text and to the end."""

    prompt_tokens: int
    new_tokens: int
    first_s: float
    total_s: float


def measure(
    model: ServedModel, text: str, questions: Sequence[Question], stop: threading.Event | None = None
) -> Iterator[CardProgress | Card]:
    """Measures a loaded model, already `serving` the adapter in question; the card comes last.

    Set `stop` to end early: then no card comes. Raises what the model raises.
    """
    stop = stop or threading.Event()
    measured: dict[str, Any] = {}
    steps = (
        _perplexity(model, text),
        _prefill(model, text),
        _decode(model),
        _answers(model, questions),
    )
    for step in steps:
        for heard in step:
            if stop.is_set():
                step.close()
                return
            if isinstance(heard, CardProgress):
                yield heard
            else:
                measured |= heard
    yield Card(
        model=model.spec.id,
        precision=model.spec.precision,
        adapter=model.spec.adapter,
        engine=model.engine_key,
        memory_bytes=model.memory_bytes,
        questions=tuple(questions),
        **measured,
    )


def flips(card: Card, reference: Card) -> list[Flip]:
    """The answers that differ from the reference's. Both must have been asked the same."""
    rows = zip(card.questions, reference.answers, card.answers, strict=True)
    return [
        Flip(question.question, before, after, is_right(question, before), is_right(question, after))
        for question, before, after in rows
        if before.strip() != after.strip()
    ]


def first_token_agreement(card: Card, reference: Card) -> float | None:
    """The share of questions whose answers begin with the same token."""
    pairs = list(zip(card.first_tokens, reference.first_tokens, strict=True))
    known = [a == b for a, b in pairs if a is not None and b is not None]
    return sum(known) / len(known) if known else None


def is_right(question: Question, answer: str) -> bool | None:
    """Whether the answer contains the expected word; None when nothing is expected."""
    return question.answer.casefold() in answer.casefold() if question.answer else None


Step = Generator[CardProgress | dict[str, Any], None, None]
"""A part of the measuring: says how far it is, and gives fields of the card."""


def _perplexity(model: ServedModel, text: str) -> Step:
    engine = getattr(model, "engine", None)
    if model.engine_key == "server" or engine is None:
        yield {"perplexity": None, "perplexity_reason": REMOTE, "text_tokens": None}
        return
    tokens = _tokens(model, text)
    size = min(WINDOW, model.context_length)
    count, logarithms = len(windows(len(tokens), size)), list[float]()
    yield CardProgress("perplexity", 0.0)
    scored = likelihoods(tokens, lambda window: engine.score(window, getattr(model, "mix", ())), size)
    for number, (_window, values) in enumerate(scored, start=1):
        logarithms += values
        yield CardProgress("perplexity", 0.4 * number / count)
    yield {"perplexity": perplexity(logarithms), "perplexity_reason": None, "text_tokens": len(tokens)}


def _tokens(model: ServedModel, text: str) -> list[int]:
    """The text's tokens, with the start mark where the model knows one: some are lost without it."""
    tokens = model.get_token_ids(text)
    tokenizer = getattr(model, "tokenizer", None)
    mark: int | None = getattr(tokenizer, "bos_token_id", None)
    with_marks = tokenizer("x", verbose=False)["input_ids"] if tokenizer is not None else []
    if mark is None or len(with_marks) < 2 or with_marks[0] != mark:
        return tokens
    return [mark, *tokens]


def _prefill(model: ServedModel, text: str) -> Step:
    """Each round is a prompt and a person of its own, so that nothing read before can help."""
    turns = []
    for number in range(ROUNDS + 1):
        yield CardProgress("prefill", 0.4 + 0.15 * number / (ROUNDS + 1))
        fresh = model.serving(model.spec.adapter, owner=f"card-{secrets.token_hex(8)}")
        turns.append(timed(fresh, f"{secrets.token_hex(4)}\n{text[:PROMPT_CHARACTERS]}", max_tokens=2))
    counted = turns[1:]  # the first one warms up
    yield {
        "prefill_tokens": counted[-1].prompt_tokens,
        "prefill_per_s": statistics.median(turn.prompt_tokens / turn.first_s for turn in counted),
        "first_token_s": statistics.median(turn.first_s for turn in counted),
    }


def _decode(model: ServedModel) -> Step:
    turns = []
    for number in range(ROUNDS):
        yield CardProgress("decode", 0.55 + 0.15 * number / ROUNDS)
        turns.append(timed(model, TASK, max_tokens=DECODE_TOKENS))
    speeds = [(turn.new_tokens - 1) / (turn.total_s - turn.first_s) for turn in turns if turn.new_tokens > 8]
    yield {
        "decode_tokens": turns[-1].new_tokens,
        "decode_per_s": statistics.median(speeds) if speeds else None,
    }


def _answers(model: ServedModel, questions: Sequence[Question]) -> Step:
    answers: list[str] = []
    for first in range(0, len(questions), QUESTIONS_AT_ONCE):
        yield CardProgress("answers", 0.7 + 0.3 * first / len(questions))
        asked: list[Any] = [one.question for one in questions[first : first + QUESTIONS_AT_ONCE]]
        answers += [_content(one) for one in model.batch(asked, temperature=0, max_tokens=ANSWER_TOKENS)]
    own = getattr(model, "tokenizer", None) is not None
    starts = [model.get_token_ids(answer)[:1] if own else [] for answer in answers]
    yield {"answers": tuple(answers), "first_tokens": tuple(ids[0] if ids else None for ids in starts)}


def timed(model: ServedModel, prompt: str, max_tokens: int) -> Turn:
    """One greedy generation."""
    began, first = time.perf_counter(), None
    whole: AIMessageChunk | None = None
    for chunk in model.stream([HumanMessage(prompt)], temperature=0, max_tokens=max_tokens):
        if chunk.content and first is None:
            first = time.perf_counter() - began
        whole = chunk if whole is None else whole + chunk
    total = time.perf_counter() - began
    usage = whole.usage_metadata if whole is not None else None
    prompt_tokens, new = (usage["input_tokens"], usage["output_tokens"]) if usage else (0, 0)
    return Turn(prompt_tokens, new, total if first is None else first, total)


def _content(message: AIMessage) -> str:
    return message.content if isinstance(message.content, str) else str(message.content)

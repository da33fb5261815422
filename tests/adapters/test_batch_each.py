"""Many prompts with options of their own in one batch, on the real model."""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from langchain_core.messages import AIMessage

from adapters.engines.transformers import TransformersEngine
from adapters.errors import BadOption, ModelClosed, PromptTooLong, WaitedTooLong
from adapters.request import Chunk, Engine, Request

if TYPE_CHECKING:
    from adapters.chat_model import LocalChatModel

pytestmark = pytest.mark.model
PROMPTS = ["Name a colour.", "Tell me about cats and their long history.", "2+2?", "Name a colour."]
OPTIONS = [
    {"max_tokens": 8, "temperature": 1.2, "seed": 1},
    {"max_tokens": 5, "temperature": 0.0, "seed": 0},
    {"max_tokens": 12, "temperature": 0.0, "seed": 0, "stop": ["4"]},
    {"max_tokens": 8, "temperature": 1.2, "seed": 2},
]


def told(answer: AIMessage | Exception) -> tuple:
    assert isinstance(answer, AIMessage)
    usage = answer.usage_metadata
    assert usage is not None
    return answer.content, answer.response_metadata["seed"], usage["output_tokens"]


def test_each_answer_is_that_of_a_single_call_with_its_options(reference_model: "LocalChatModel") -> None:
    answers = reference_model.batch_each(PROMPTS, OPTIONS)
    singles = [reference_model.invoke(one, **of) for one, of in zip(PROMPTS, OPTIONS, strict=True)]
    assert [told(answer) for answer in answers] == [told(single) for single in singles]
    assert answers[0].content != answers[3].content


@pytest.mark.slow
def test_a_second_run_of_a_batch_is_the_same_on_openvino(openvino_model: "LocalChatModel") -> None:
    """Once what the first one read is forgotten: docs/models.md says what a seed promises in company."""
    sampled = [{"max_tokens": 16, "temperature": 1.0, "seed": n} for n in range(12)]
    runs = []
    for _ in range(2):
        openvino_model.forget()
        answers = openvino_model.batch_each(["Tell me a story."] * 12, sampled)
        runs.append([told(one) for one in answers])
    assert runs[0] == runs[1]
    assert len({text for text, _, _ in runs[0]}) > 6


def test_an_error_stands_in_its_place(chat_model: "LocalChatModel") -> None:
    prompts = ["Hi", "word " * 9000, "Hi"]
    options = [{"max_tokens": 3}, {"max_tokens": 3}, {"max_tokens": -1}]
    fine, long, wrong = chat_model.batch_each(prompts, options)
    assert told(fine)[2] > 0
    assert isinstance(long, PromptTooLong) and isinstance(wrong, BadOption)
    assert chat_model.batch_each([], []) == []


def test_stop_ends_all_of_them(chat_model: "LocalChatModel") -> None:
    stop, passes = threading.Event(), threading.Semaphore(0)
    hook = chat_model.engine.model.register_forward_pre_hook(lambda *_: passes.release())
    with ThreadPoolExecutor(1) as pool:
        options = [{"max_tokens": 1500, "temperature": 1.0, "seed": n} for n in range(4)]
        running = pool.submit(chat_model.batch_each, ["Tell me a long story."] * 4, options, stop)
        for _ in range(20):  # all are read by then, and some words written
            assert passes.acquire(timeout=60)
        stop.set()
        answers = running.result(timeout=60)
    hook.remove()
    for answer in answers:
        assert isinstance(answer, AIMessage) and answer.content
        assert answer.response_metadata["finish_reason"] == "stopped" and told(answer)[2] < 1500
    while chat_model.engine.busy:  # or pytest's own limit ends it
        time.sleep(0.02)


def test_who_found_no_place_is_not_asked_again_one_by_one(chat_model: "LocalChatModel") -> None:
    full = TransformersEngine(
        chat_model.engine.model, chat_model.tokenizer, most_rows=1, most_waiting=1, prefix_bytes=0
    )
    model = chat_model.model_copy(update={"engine": Counting(full), "time_limit_s": 0.2})
    long = Request(chat_model.get_token_ids("Once"), max_tokens=4000)
    running = full.generate([long])
    while not next(running).text:
        pass
    answers = model.batch_each(["Hi", "Hello", "Good day"], [{"max_tokens": 3}] * 3)
    assert [type(answer) for answer in answers] == [WaitedTooLong] * 3
    assert model.engine.asked == [3]
    full.stop(long)
    full.close()
    model.engine.asked.clear()
    answers = model.batch_each(["Hi", "Hello"], [{"max_tokens": 3}] * 2)
    assert [type(answer) for answer in answers] == [ModelClosed] * 2
    assert model.engine.asked == [2]


def test_after_a_batch_that_broke_each_is_asked_alone(chat_model: "LocalChatModel") -> None:
    model = chat_model.model_copy(update={"engine": Counting(chat_model.engine)})
    broken: list[int] = []

    def break_once(*_: object) -> None:
        if not broken:
            broken.append(1)
            raise RuntimeError("too much at once")

    hook = chat_model.engine.model.register_forward_pre_hook(break_once)
    try:
        answers = model.batch_each(["Hi", "Hello"], [{"max_tokens": 3}] * 2)
    finally:
        hook.remove()
    assert all(told(answer)[2] > 0 for answer in answers)
    assert model.engine.asked == [2, 1, 1]


class Counting:
    """A real engine; `asked` are the sizes of what it was asked."""

    def __init__(self, engine: Engine) -> None:
        self.asked: list[int] = []
        self._engine = engine

    def generate(self, requests: Sequence[Request]) -> Iterator[Chunk]:
        self.asked.append(len(requests))
        return self._engine.generate(requests)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

"""Many prompts with options of their own in one batch, on the real model."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from langchain_core.messages import AIMessage

from adapters.errors import BadOption, PromptTooLong

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
    stop = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        options = [{"max_tokens": 1500, "temperature": 1.0, "seed": n} for n in range(4)]
        running = pool.submit(chat_model.batch_each, ["Tell me a long story."] * 4, options, stop)
        time.sleep(2)
        stop.set()
        answers = running.result(timeout=5)
    reasons = {one.response_metadata["finish_reason"] for one in answers if isinstance(one, AIMessage)}
    assert "stopped" in reasons
    until = time.monotonic() + 2
    while chat_model.engine.busy and time.monotonic() < until:
        time.sleep(0.02)
    assert not chat_model.engine.busy

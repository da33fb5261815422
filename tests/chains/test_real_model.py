"""The whole story on the embedded model: small enough to be quick, real enough to break."""

import threading
import time
from typing import TYPE_CHECKING

import pytest
from langchain_core.messages import convert_to_messages

from adapters.spec import GenerationOptions
from chains.answer import ask, ask_many
from chains.fit import fit
from chains.question import Message, Question
from chains.techniques import Technique, few_shot, techniques
from tests.fakes import passage

if TYPE_CHECKING:
    from adapters.chat_model import LocalChatModel

pytestmark = pytest.mark.model

GREEDY = GenerationOptions(max_tokens=16, temperature=0.0)
LIGHTHOUSE = passage(
    "The lighthouse on Gull Point was built in 1871 from grey granite. It stands 34 metres tall.",
    "harbour.txt",
)
BRIDGE = passage("The old bridge was designed by Ana Ferreira and painted green in 1956.", "bridge.txt")


def test_a_question_about_a_document_is_answered_and_cited(chat_model: "LocalChatModel") -> None:
    question = Question(
        "What colour was the old bridge painted?", passages=(LIGHTHOUSE, BRIDGE), options=GREEDY
    )
    *_, final = ask(question, chat_model)
    assert "green" in final.text
    assert [citation.source for citation in final.citations] == ["bridge.txt"]
    assert final.sentences[0].citations == (2,)
    assert final.model.id == chat_model.spec.id
    assert final.tokens.prompt == sum(final.tokens.by_message) > 50
    assert 0 < final.tokens.completion <= 16
    assert BRIDGE.text in final.prompt_text


def test_many_are_answered_like_one(chat_model: "LocalChatModel") -> None:
    question = Question("When was the lighthouse built?", passages=(LIGHTHOUSE,), options=GREEDY)
    first, second = ask_many([question, question], chat_model)
    assert first.text == second.text
    assert "1871" in first.text
    assert first.tokens.prompt == sum(first.tokens.by_message) > 50


@pytest.mark.parametrize("one", techniques().values(), ids=lambda one: one.key)
@pytest.mark.parametrize("text", ["What is 3 + 4?", "3 더하기 4는 얼마인가요?"])
def test_every_technique_shows_an_answer(one: Technique, text: str, chat_model: "LocalChatModel") -> None:
    *_, final = ask(Question(text, technique=one.key, options=GREEDY), chat_model)
    assert final.text
    assert final.text in final.raw


def test_no_prompt_that_was_fitted_is_too_long(chat_model: "LocalChatModel") -> None:
    history = tuple(
        message
        for n in range(400)
        for message in (Message("user", f"말해 줘 {n} " * 9), Message("assistant", "word, " * 20))
    )
    question = Question("Why?", history, options=GREEDY)
    fitted = fit(question, (LIGHTHOUSE,), few_shot.build, chat_model)
    assert fitted.notices == ("history_trimmed",)
    sent = convert_to_messages([(message.role, message.content) for message in fitted.prompt.messages])
    used = chat_model.get_num_tokens_from_messages(sent)
    room = chat_model.context_length - GREEDY.max_tokens
    assert 0.7 * room < used <= room


def test_stop_ends_the_real_model(chat_model: "LocalChatModel") -> None:
    stop, options = threading.Event(), GenerationOptions(max_tokens=2000, temperature=1.0, seed=1)
    stopped_at = None
    for answer in ask(Question("Tell me a long story.", options=options), chat_model, stop=stop):
        if answer.text and stopped_at is None:
            stop.set()
            stopped_at = time.perf_counter()
    assert stopped_at is not None
    assert time.perf_counter() - stopped_at < 2
    assert answer.finish_reason == "stopped"
    assert 0 < answer.tokens.completion < options.max_tokens

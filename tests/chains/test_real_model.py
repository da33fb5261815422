"""The whole story on the embedded model: small enough to be quick, real enough to break."""

import threading
import time
from typing import TYPE_CHECKING

import pytest
from langchain_core.messages import convert_to_messages

from adapters.spec import GenerationOptions
from chains.answer import ask, ask_many
from chains.fit import fit
from chains.question import Message, Question, Template
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


@pytest.mark.slow
@pytest.mark.parametrize("one", techniques().values(), ids=lambda one: one.key)
@pytest.mark.parametrize(
    ("text", "grounded"),
    [("When was the lighthouse built?", True), ("등대는 언제 지었나요?", False)],
    ids=["grounded", "alone"],
)
def test_every_technique_shows_an_answer(
    one: Technique, text: str, grounded: bool, chat_model: "LocalChatModel"
) -> None:
    template = Template("mine", "", "{question}")
    passages = (LIGHTHOUSE, BRIDGE) if grounded or one.retrieval == "needed" else None
    question = Question(text, technique=one.key, passages=passages, template=template, options=GREEDY)
    *growing, final = ask(question, chat_model)
    assert growing and final.done
    assert final.text and final.finish_reason in {"stop", "length"}
    assert all(step.raw or step.query is not None for step in final.steps)
    assert final.tokens.completion == sum(step.tokens.completion for step in final.steps) > 0
    asked = [message.content for message in final.prompt.messages]
    assert any(text in said for said in asked)
    if one.retrieval == "unused" or passages is None:
        assert final.passages == () and not any(LIGHTHOUSE.text in said for said in asked)
    else:
        assert any(LIGHTHOUSE.text in said for said in asked)
        assert set(final.passages) <= {LIGHTHOUSE, BRIDGE} and final.passages


@pytest.mark.slow
def test_techniques_of_several_steps_answer_many_like_one(reference_model: "LocalChatModel") -> None:
    """Greedy and in float32, so that a batch writes what a single call does."""
    keys = ("step_back", "chain_of_verification", "self_consistency")
    options = GenerationOptions(max_tokens=8, temperature=0.0, seed=5)
    text, passages = "Who designed the bridge?", (LIGHTHOUSE, BRIDGE)
    questions = [Question(text, technique=key, passages=passages, options=options) for key in keys]
    for question, many in zip(questions, ask_many(questions, reference_model), strict=True):
        *_, one = ask(question, reference_model)
        if question.technique != "self_consistency":
            assert [step.raw for step in many.steps] == [step.raw for step in one.steps], question.technique
        assert [step.seed for step in many.steps] == [step.seed for step in one.steps]
        assert (many.agreement is None) == (question.technique != "self_consistency")


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

"""What is left out when a prompt is longer than the model reads, in which order, and how it is said."""

import random

import pytest
from langchain_core.language_models import FakeListChatModel

from adapters.spec import GenerationOptions
from chains.errors import PassageTooLong, QuestionTooLong
from chains.fit import MARKS_PER_MESSAGE, MARKS_PER_PROMPT, fit, token_counter
from chains.question import Message, Prompt, Question
from chains.techniques import zero_shot
from tests.fakes import CountingModel, passage

BUILD = zero_shot.build


def tokens(prompt: Prompt) -> int:
    sizes = [len(message.content.split()) + MARKS_PER_MESSAGE for message in prompt.messages]
    return MARKS_PER_PROMPT + sum(sizes)


def talk(turns: int, words: int = 20) -> tuple[Message, ...]:
    said = [(f"q{n} " * words, f"a{n} " * words) for n in range(turns)]
    return tuple(m for q, a in said for m in (Message("user", q), Message("assistant", a)))


def asked(turns: int = 0, text: str = "Why?", reserved: int = 50) -> Question:
    return Question(text, talk(turns), options=GenerationOptions(max_tokens=reserved))


def test_what_fits_is_left_alone() -> None:
    pieces = tuple(passage(f"p{n} " * 10) for n in range(3))
    fitted = fit(asked(3), pieces, BUILD, CountingModel(context_length=1000))
    assert (fitted.passages, fitted.notices, len(fitted.prompt.messages)) == (pieces, (), 1 + 6 + 1)


def test_the_oldest_turns_go_first() -> None:
    pieces = tuple(passage(f"p{n} " * 10) for n in range(3))
    fitted = fit(asked(10), pieces, BUILD, CountingModel(context_length=400))
    assert fitted.notices == ("history_trimmed",)
    assert fitted.passages == pieces
    kept = fitted.prompt.messages[1:-1]
    assert kept and kept == talk(10)[-len(kept) :]
    assert kept[0].role == "user"


def test_then_the_passages_ranked_lowest() -> None:
    pieces = tuple(passage(f"p{n} " * 100) for n in range(5))
    fitted = fit(asked(3), pieces, BUILD, CountingModel(context_length=500))
    assert fitted.notices == ("history_trimmed", "passages_trimmed")
    assert fitted.passages == pieces[: len(fitted.passages)]
    assert 1 <= len(fitted.passages) < 5
    assert len(fitted.prompt.messages) == 2


def test_a_prompt_is_as_long_as_it_may_be() -> None:
    draw = random.Random(1)
    for _ in range(200):
        question = asked(draw.randrange(6), reserved=draw.choice([1, 50, 200]))
        pieces = tuple(passage("word " * draw.randrange(1, 60)) for _ in range(draw.randrange(5)))
        model = CountingModel(context_length=draw.randrange(400, 900))
        room = model.context_length - question.options.max_tokens
        fitted = fit(question, pieces, BUILD, model)
        assert tokens(fitted.prompt) <= room
        if "passages_trimmed" in fitted.notices:
            one_more = BUILD(Question("Why?"), pieces[: len(fitted.passages) + 1])
            assert tokens(one_more) > room
        elif "history_trimmed" in fitted.notices:
            dropped = len(question.history) - (len(fitted.prompt.messages) - 2)
            longer = Question("Why?", question.history[dropped - 2 :], options=question.options)
            assert tokens(BUILD(longer, pieces)) > room


def test_a_question_that_does_not_fit_says_by_how_much() -> None:
    with pytest.raises(QuestionTooLong) as raised:
        fit(asked(2, "word " * 500), (passage("p"),), BUILD, CountingModel(context_length=300))
    assert raised.value.values["limit"] == 300
    assert raised.value.values["reserved"] == 50
    assert raised.value.values["tokens"] > 500
    assert "300" in raised.value.text("ko")


def test_a_passage_that_does_not_fit_is_not_called_a_question() -> None:
    with pytest.raises(PassageTooLong) as raised:
        fit(asked(), (passage("word " * 500), passage("p")), BUILD, CountingModel(context_length=300))
    assert raised.value.values["tokens"] > 500


def test_a_model_without_its_own_tokenizer_is_never_asked_to_count() -> None:
    model = FakeListChatModel(responses=["x"])
    assert token_counter(model) is None
    fitted = fit(asked(50), (), BUILD, model)
    assert (len(fitted.prompt.messages), fitted.notices) == (102, ())


def test_a_long_conversation_is_cut_quickly() -> None:
    fitted = fit(asked(20_000, reserved=10), (), BUILD, CountingModel(context_length=500))
    assert len(fitted.prompt.messages) > 4

"""What is searched for, and which of what is found is put before the model."""

import pytest

from chains.question import Message, Question
from chains.retrieve import passages_for, relevant, search_text
from tests.fakes import FixedRetriever, passage
from vectorstore.passage import RELEVANT

HISTORY = (
    Message("user", "Who designed the Eiffel Tower?"),
    Message("assistant", "Gustave Eiffel's company."),
)


@pytest.mark.parametrize(
    "text",
    [
        "And when was it built?",
        "How tall is it?",
        "What about the second floor of the building?",
        "Why?",
        "그럼 언제 지어졌어요?",
        "그것의 높이는 얼마인가요?",
        "높이는?",
    ],
)
def test_a_question_that_leans_back_is_searched_with_the_one_before(text: str) -> None:
    assert search_text(Question(text, HISTORY)) == f"Who designed the Eiffel Tower?\n{text}"


@pytest.mark.parametrize(
    "text",
    [
        "Where is Seoul?",
        "How many people live in the capital of Portugal?",
        "세종대왕이 한글을 만든 해는 언제인가요?",
        "What happened in 1889?",
    ],
)
def test_a_question_that_stands_alone_is_searched_alone(text: str) -> None:
    assert search_text(Question(text, HISTORY)) == text


def test_without_a_conversation_the_question_is_all_there_is() -> None:
    assert search_text(Question("Why is it so?")) == "Why is it so?"


def test_known_to_be_irrelevant_is_left_out_and_unknown_is_not() -> None:
    pieces = [
        passage("a", relevance=None),
        passage("b", relevance=RELEVANT),
        passage("c", relevance=RELEVANT - 1e-6),
        passage(" \n"),
    ]
    assert [one.text for one in relevant(pieces)] == ["a", "b"]


def test_no_retriever_is_not_the_same_as_nothing_found() -> None:
    assert passages_for(Question("Why?"), None) is None
    assert passages_for(Question("Why?"), FixedRetriever()) == ()
    assert passages_for(Question("Why?", passages=()), None) == ()


def test_a_passage_comes_back_from_langchain_as_it_was() -> None:
    piece = passage("text", start=12, page=3, score=0.7, relevance=0.9)
    assert passages_for(Question("Why?"), FixedRetriever(passages=(piece,))) == (piece,)

"""The conversation's JSON: there and back, hostile files, trimming."""

import json
from dataclasses import replace

import pytest

from app.conversation import (
    LARGEST_BYTES,
    MOST_TURNS,
    Conversation,
    Turn,
    asked,
    before,
    from_json,
    history,
    read_export,
    to_json,
)
from app.errors import BadConversation
from app.stored_answer import PROMPTS_KEPT_BYTES
from chains.question import Answer, Citation, Message, Prompt, Question, Sentence, Timings, Tokens

ANSWER = Answer(
    Question("왜?", collection="사규", history=(Message("user", "before"),)),
    Prompt((Message("system", "Be brief."), Message("user", "왜?")), stop=("\n",)),
    text="Because. 그래서요.",
    raw="Because. 그래서요.",
    reasoning="First,",
    citations=(Citation(1, "a.pdf", 3, "Because it is so", 10, 26, 0.5, ((10, 17),)),),
    sentences=(Sentence(0, 8, (1,), True), Sentence(9, 14, (), False)),
    prompt_text="<|im_start|>system",
    seed=7,
    timings=Timings(0.1, 0.2, 1.5),
    tokens=Tokens(20, 9, (12, 8)),
    finish_reason="stop",
    notices=("history_trimmed",),
    done=True,
)
TALK = Conversation("abc-123", "이름", "2026-01-01T00:00:00Z", (Turn("왜?", ANSWER), Turn("And?")))


def through_a_browser(conversation: Conversation) -> Conversation:
    return from_json(json.loads(json.dumps(to_json(conversation))))


def test_what_is_shown_survives_the_browser():
    stored = replace(ANSWER, question=replace(ANSWER.question, history=()))
    assert through_a_browser(TALK) == replace(TALK, turns=(Turn("왜?", stored), Turn("And?")))


def test_history_and_passages_are_not_stored_again_in_every_turn():
    answer = to_json(TALK)["turns"][0]["answer"]
    assert "history" not in answer["question"]
    assert "passages" not in answer


def test_prompts_of_older_turns_go_first_when_there_are_too_many():
    large = replace(ANSWER, prompt_text="x" * (PROMPTS_KEPT_BYTES // 2 - 1000))
    stored = to_json(Conversation("a", turns=tuple(Turn("q", large) for _ in range(4))))["turns"]
    assert [bool(turn["answer"]["prompt_text"]) for turn in stored] == [False, False, True, True]
    assert stored[0]["answer"]["prompt"] == {"messages": [], "stop": []}
    assert stored[0]["answer"]["text"] == ANSWER.text


def test_nothing_is_an_empty_conversation():
    assert from_json(None) == from_json({}) == Conversation()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([], "not a conversation"),
        ("text", "not a conversation"),
        ({"turns": []}, "not a conversation"),
        ({"lc": 1, "type": "secret", "id": ["HOME"]}, "not a conversation"),
        ({"maru": 2, "turns": []}, "format 2"),
        ({"maru": "1", "turns": []}, "format 1"),
        ({"maru": [[]], "turns": []}, "format"),
        ({"maru": 1, "turns": {}}, "damaged"),
        ({"maru": 1, "turns": [{"text": 3}]}, "damaged"),
        ({"maru": 1, "turns": [{}]}, "damaged"),
        ({"maru": 1, "turns": [{"text": "q", "answer": {"text": "no question"}}]}, "damaged"),
        ({"maru": 1, "id": "../../etc/passwd", "turns": []}, "damaged"),
        ({"maru": 1, "id": "a\0b", "turns": []}, "damaged"),
        ({"maru": 1, "name": "n" * 201, "turns": []}, "damaged"),
        ({"maru": 1, "turns": [{"text": "q"}] * (MOST_TURNS + 1)}, "more than"),
    ],
)
def test_what_is_not_ours_is_refused_with_the_reason(data, words):
    with pytest.raises(BadConversation, match=words):
        from_json(data)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "\ud800", "[1", "NaN", '"' + "x" * 100 + '"'])
def test_a_file_that_is_no_conversation_is_refused(text):
    with pytest.raises(BadConversation):
        read_export(text)


def test_a_file_that_is_too_large_is_refused_before_it_is_read():
    with pytest.raises(BadConversation, match="5 MB"):
        read_export("[" * (LARGEST_BYTES + 1))


@pytest.mark.parametrize("text", ["x" * LARGEST_BYTES, "가" * (LARGEST_BYTES // 3)])
def test_a_conversation_that_is_too_large_is_refused_however_it_comes(text):
    for turns in ([{"text": text}], [{"text": "q", "answer": {"unknown": [text]}}]):
        with pytest.raises(BadConversation, match="5 MB"):
            from_json({"maru": 1, "turns": turns})


def test_a_conversation_nested_without_end_is_refused():
    data = []
    for _ in range(100_000):
        data = [data]
    with pytest.raises(BadConversation):
        from_json({"maru": 1, "turns": data})


def test_errors_speak_korean():
    with pytest.raises(BadConversation) as caught:
        from_json({"maru": 9})
    assert "업데이트해 주세요" in caught.value.text("ko")


def test_langchain_serialisation_inside_is_data():
    secret = '{"lc": 1, "type": "secret", "id": ["HOME"]}'
    read = from_json({"maru": 1, "turns": [{"text": secret, "answer": None, "lc": 1, "type": "constructor"}]})
    assert read.turns == (Turn(secret),)


def test_lone_surrogates_and_our_own_signs_are_replaced():
    read = from_json({"maru": 1, "turns": [{"text": "a\ud800b\ue000c"}]})
    assert read.turns[0].text == "a\ufffdb\ufffdc"
    json.dumps(to_json(read), ensure_ascii=False).encode()


def test_history_has_alternating_roles():
    failed = replace(ANSWER, text="  ")
    turns = (Turn("one", ANSWER), Turn("two"), Turn("three", failed), Turn("four", ANSWER))
    assert [(m.role, m.content) for m in history(Conversation("", turns=turns))] == [
        ("user", "one"),
        ("assistant", ANSWER.text),
        ("user", "four"),
        ("assistant", ANSWER.text),
    ]


def test_asking_an_earlier_turn_again_drops_what_came_after():
    assert before(TALK, None) == TALK
    assert before(TALK, 1).turns == TALK.turns[:1]
    assert before(TALK, -5).turns == before(TALK, 0).turns == ()
    assert before(TALK, 99) == TALK
    assert asked(before(TALK, 1), "new").turns[-1] == Turn("new")

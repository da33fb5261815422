"""Techniques of several steps, driven for one question: streamed, sampled side by side, stopped, broken."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import pairwise

import pytest
from langchain_core.language_models import GenericFakeChatModel

from adapters.spec import GenerationOptions
from chains import answer
from chains.errors import CollectionNeeded, PassageTooLong, QuestionTooLong
from chains.question import Answer, Message, Question
from chains.steps import Call, Outcome, Run
from tests.chains.stepwise import ANSWER, LOOK, PLAN, SAMPLE, as_technique, asking, find
from tests.fakes import AnsweringModel, FixedRetriever, passage
from vectorstore.passage import Passage

ask = partial(answer.ask, find=find)
TOWER = passage("The tower was finished in 1889.", "paris.txt")
BRIDGE = passage("The old bridge was built from oak in 1702.", "bridge.txt")


def planner(asked: str, seed: int | None) -> list[str]:
    return ["First ", "add."] if asked.startswith("Plan:") else ["It ", "is ", "7."]


def voter(asked: str, seed: int | None) -> list[str]:
    return ["It ", "is ", "7." if (seed or 0) % 5 else "8."]


def last(answers: Iterator[Answer]) -> Answer:
    *_, final = answers
    return final


# one after the other --------------------------------------------------------------------------------------


def test_every_call_is_a_step_with_its_prompt_and_tokens() -> None:
    model = AnsweringModel(answers=planner)
    final = last(ask(Question("3 + 4?", technique="plan"), model))
    assert [step.name for step in final.steps] == [PLAN, ANSWER]
    first, second = final.steps
    assert (first.text, first.raw, first.finish_reason) == ("First add.", "First add.", "stop")
    assert first.prompt.messages[-1] == Message("user", "Plan: 3 + 4?")
    assert second.prompt.messages[-1] == Message("user", "With First add.: 3 + 4?")
    assert (final.text, final.reasoning, final.raw) == ("It is 7.", "First add.", "It is 7.")
    assert (final.prompt, final.prompt_text) == (second.prompt, second.prompt_text)
    assert (final.tokens.prompt, final.tokens.completion) == (6 + 8, 2 + 3)
    assert final.tokens.by_message == second.tokens.by_message
    assert all(step.total_s is not None and step.query is None for step in final.steps)
    assert (final.finish_reason, final.agreement, final.done) == ("stop", None, True)


def test_the_running_step_grows_and_the_answer_begins_with_the_final_call() -> None:
    answers = list(ask(Question("3 + 4?", technique="plan"), AnsweringModel(answers=planner)))
    planning = [one for one in answers if len(one.steps) == 1]
    assert list(dict.fromkeys(one.steps[0].raw for one in planning)) == ["", "First ", "First add."]
    assert {one.text for one in planning} == {""}
    assert {one.steps[0].total_s for one in planning} == {None}
    answering = [one.text for one in answers if len(one.steps) == 2]
    assert answering[0] == "" and answering[-1] == "It is 7."
    assert all(later.startswith(sooner) for sooner, later in pairwise(answering))
    assert [one.done for one in answers] == [False] * (len(answers) - 1) + [True]


def test_one_call_is_one_step() -> None:
    final = last(answer.ask(Question("Hi"), AnsweringModel()))
    (step,) = final.steps
    assert (step.prompt, step.raw, step.text) == (final.prompt, final.raw, final.text)
    assert (step.tokens, step.seed) == (final.tokens, final.seed)


def test_stop_within_an_early_call_ends_all() -> None:
    stop, model = threading.Event(), AnsweringModel(answers=planner)
    answers = []
    for one in ask(Question("3 + 4?", technique="plan"), model, stop=stop):
        answers.append(one)
        if one.steps[0].raw:
            stop.set()
    final = answers[-1]
    assert (final.done, final.finish_reason, final.text, final.agreement) == (True, "stopped", "", None)
    assert [step.finish_reason for step in final.steps] == ["stopped"]
    assert (len(model.asked), model.closed, model.open) == (1, 1, 0)


def test_a_call_that_breaks_keeps_the_steps_before_it() -> None:
    def broken(asked: str, seed: int | None) -> list:
        return ["First."] if asked.startswith("Plan:") else ["It ", RuntimeError("out of memory")]

    answers: list[Answer] = []
    with pytest.raises(RuntimeError, match="out of memory"):
        answers.extend(ask(Question("3 + 4?", technique="plan"), AnsweringModel(answers=broken)))
    final = answers[-1]
    assert (final.done, final.finish_reason, final.text) == (True, "error", "It")
    assert [(step.raw, step.finish_reason) for step in final.steps] == [("First.", "stop"), ("It ", "error")]


def test_a_technique_that_breaks_is_told_like_a_model_that_breaks() -> None:
    def careless(question: Question, passages: tuple[Passage, ...]) -> Run:
        (planned,) = yield [Call(PLAN, asking("Plan"))]
        raise ValueError(planned.text)

    answers: list[Answer] = []
    with pytest.raises(ValueError, match="Yes"):
        answers.extend(answer.ask(Question("?!a"), AnsweringModel(), find=lambda key: as_technique(careless)))
    assert (answers[-1].done, answers[-1].finish_reason) == (True, "error")


# side by side ---------------------------------------------------------------------------------------------


def test_samples_run_side_by_side_and_their_agreement_is_told() -> None:
    everyone = threading.Barrier(5, timeout=10)  # nobody passes before all five have begun

    def together(asked: str, seed: int | None) -> list[str]:
        everyone.wait()
        return voter(asked, seed)

    question = Question("3 + 4?", technique="sample", options=GenerationOptions(seed=3))
    final = last(ask(question, AnsweringModel(answers=together)))
    seeds = [step.seed for step in final.steps]
    assert len(set(seeds)) == 5
    assert [step.text for step in final.steps] == ["".join(voter("", seed)) for seed in seeds]
    assert [step.name for step in final.steps] == [SAMPLE] * 5
    votes = [step.text for step in final.steps].count(final.text)
    assert final.agreement == votes / 5 >= 0.6
    assert (final.seed, final.tokens.completion) == (3, 15)
    assert last(ask(question, AnsweringModel(answers=together))).text == final.text


def test_no_more_are_open_at_once_than_the_model_writes() -> None:
    def slow(asked: str, seed: int | None) -> list[str]:
        time.sleep(0.05)
        return ["Yes."]

    model = AnsweringModel(answers=slow, capacity=2)
    final = last(ask(Question("3 + 4?", technique="sample"), model))
    assert (final.agreement, final.seed, len(model.asked), model.most_open) == (1.0, None, 5, 2)


def test_any_chat_model_of_langchain_takes_samples() -> None:
    model = GenericFakeChatModel(messages=iter(["seven", "seven", "eight", "seven", "nine"]))
    final = last(ask(Question("3 + 4?", technique="sample"), model))
    assert (final.text, final.agreement, final.tokens.prompt) == ("seven", 0.6, 0)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["stop", "close"])
def test_stopping_or_leaving_closes_every_stream(how: str) -> None:
    stop, model = threading.Event(), AnsweringModel(answers=lambda asked, seed: ["a "] * 1_000_000)
    growing = ask(Question("3 + 4?", technique="sample"), model, stop=stop)
    while model.open < 5 or not all(step.raw for step in next(growing).steps):
        next(growing)
    if how == "stop":
        stop.set()
        final = last(growing)
        assert (final.done, final.finish_reason, final.text) == (True, "stopped", "")
        assert {step.finish_reason for step in final.steps} == {"stopped"}
    else:
        growing.close()
    assert (model.open, model.closed) == (0, 5)


def test_a_sample_that_breaks_ends_the_others() -> None:
    seen = threading.Event()

    def broken(asked: str, seed: int | None) -> list:
        first = not seen.is_set()
        seen.set()
        return ["a ", RuntimeError("lost")] if first else ["b "] * 1_000_000

    model = AnsweringModel(answers=broken)
    answers: list[Answer] = []
    with pytest.raises(RuntimeError, match="lost"):
        answers.extend(ask(Question("3 + 4?", technique="sample"), model))
    assert (answers[-1].done, answers[-1].finish_reason) == (True, "error")
    assert model.open == 0


# searching ------------------------------------------------------------------------------------------------


def test_searches_are_steps_and_what_they_found_is_cited() -> None:
    found = FixedRetriever(passages=(BRIDGE, TOWER))
    model = AnsweringModel(answers=lambda asked, seed: ["It was finished in 1889 [2]."])
    question = Question("When was the tower finished?", technique="look_up", collection="c")
    final = last(ask(question, model, found))
    assert found.searched == [question.text, f"more {question.text}"]
    assert [(step.name, step.query) for step in final.steps[:2]] == list(
        zip([LOOK] * 2, found.searched, strict=True)
    )
    assert [len(step.passages) for step in final.steps] == [2, 2, 2]
    assert final.passages == (BRIDGE, TOWER)
    assert final.cited_text == "It was finished in 1889. [2]"
    assert final.timings.retrieve_s is not None


def test_without_a_collection_it_says_what_is_missing() -> None:
    question, model = Question("When?", technique="look_up"), AnsweringModel()
    with pytest.raises(CollectionNeeded, match="Choose a collection"):
        next(ask(question, model))
    assert model.asked == []
    given = last(ask(replace(question, passages=(TOWER,)), model))
    assert given.passages == (TOWER,)
    assert given.prompt.messages[-1].content.startswith(TOWER.text)


def test_nothing_is_searched_where_passages_are_of_no_use() -> None:
    found = FixedRetriever(passages=(TOWER,))
    final = last(ask(Question("3 + 4?", technique="sample", collection="c"), AnsweringModel(), found))
    assert (found.searched, final.passages, final.timings.retrieve_s) == ([], (), None)


# what fits ------------------------------------------------------------------------------------------------


def test_every_prompt_is_made_to_fit() -> None:
    many = tuple(passage("word " * 100 + str(n), start=1000 * n) for n in range(20))
    options = GenerationOptions(max_tokens=100)
    question = Question("When?", technique="look_up", collection="c", options=options)
    final = last(ask(question, AnsweringModel(context_length=1000), FixedRetriever(passages=many)))
    assert 0 < len(final.steps[-1].passages) < 20
    assert final.notices == ("passages_trimmed",)
    assert len(final.prompt.messages[-1].content.split()) < 900
    with pytest.raises(PassageTooLong):
        last(ask(question, AnsweringModel(context_length=200), FixedRetriever(passages=many)))


def test_a_later_prompt_that_does_not_fit_is_told_behind_what_was_done() -> None:
    def wordy(asked: str, seed: int | None) -> list[str]:
        return ["word "] * 2000

    answers: list[Answer] = []
    with pytest.raises(QuestionTooLong):
        answers.extend(ask(Question("3 + 4?", technique="plan"), AnsweringModel(answers=wordy)))
    assert (answers[-1].finish_reason, len(answers[-1].steps)) == ("error", 1)


def test_a_call_may_have_options_of_its_own() -> None:
    short = GenerationOptions(max_tokens=3, temperature=0.9, seed=5)

    def run(question: Question, passages: tuple[Passage, ...]) -> Run:
        (first,) = yield [Call(PLAN, asking("Plan"), options=short)]
        yield []  # nothing wanted: goes on at once
        (second,) = yield [Call(ANSWER, asking("Now"), final=True)]
        return Outcome(f"{first.text} {second.text}")

    model = AnsweringModel()
    question = Question("3 + 4?", options=GenerationOptions(max_tokens=50, temperature=0.0))
    final = last(answer.ask(question, model, find=lambda key: as_technique(run)))
    assert model.options == [
        {"max_tokens": 3, "temperature": 0.9, "top_p": 0.9, "seed": 5},
        {"max_tokens": 50, "temperature": 0.0, "top_p": 0.9},
    ]
    assert final.text == "Yes. Yes."

"""Many questions of several steps: in waves, each with its own answer or its own error."""

import threading
from functools import partial

import pytest

from adapters.spec import GenerationOptions
from chains import answer
from chains.answer import GROUP
from chains.errors import CollectionNeeded, EmptyQuestion, QuestionTooLong, TechniqueNotFound
from chains.question import Answer, Question
from tests.chains.stepwise import TECHNIQUES, find
from tests.chains.test_answer_steps import last, planner, voter
from tests.fakes import AnsweringModel, FixedRetriever, PretendModel, passage

ask, ask_many = partial(answer.ask, find=find), partial(answer.ask_many, find=find)
answers_or_errors = partial(answer.answers_or_errors, find=find)
TOWER = passage("The tower was finished in 1889.", "paris.txt")


def mixed(asked: str, seed: int | None) -> list[str]:
    return voter(asked, seed) if "Sample" in asked else planner(asked, seed)


def told(answer: Answer) -> tuple:
    steps = [(one.name, one.prompt, one.raw, one.tokens, one.query, one.seed) for one in answer.steps]
    return (
        answer.text,
        answer.reasoning,
        answer.agreement,
        answer.tokens,
        answer.prompt,
        answer.passages,
        steps,
    )


def test_many_are_answered_as_one_by_one() -> None:
    found = FixedRetriever(passages=(TOWER,))
    questions = [
        Question(f"{n}?!", technique=key, collection="c", options=GenerationOptions(seed=n))
        for n in range(4)
        for key in TECHNIQUES
    ]
    model = AnsweringModel(answers=mixed)
    alone = [told(last(ask(question, model, found))) for question in questions]
    found.searched.clear()
    assert [told(one) for one in ask_many(questions, model, found)] == alone
    assert [told(one) for one in ask_many(questions, model, found)] == alone


def test_a_wave_holds_all_that_is_wanted_at_the_same_time() -> None:
    questions = [Question(f"{n}?!", technique="plan") for n in range(GROUP + 2)]
    model = AnsweringModel(answers=planner)
    assert len(list(ask_many(questions, model))) == GROUP + 2
    assert model.batches == [GROUP, GROUP, 2, 2]
    model = AnsweringModel(answers=voter)
    list(ask_many([Question("a", technique="sample"), Question("b", technique="sample")], model))
    assert model.batches == [10]


def test_equal_searches_of_a_wave_are_one() -> None:
    found = FixedRetriever(passages=(TOWER,))
    questions = [Question("When?", technique="look_up", collection="c")] * 3
    answers = list(ask_many(questions, AnsweringModel(), found))
    assert found.searched == ["When?", "more When?"]
    assert [one.passages for one in answers] == [(TOWER,)] * 3


def test_one_bad_question_costs_only_itself() -> None:
    def sometimes(asked: str, seed: int | None) -> list:
        return [RuntimeError("lost")] if "break" in asked else ["Fine."]

    questions = [
        Question("good 1", technique="plan"),
        Question("  "),
        Question("what", technique="unheard_of"),
        Question("break", technique="plan"),
        Question("word " * 2000, technique="plan"),
        Question("where?", technique="look_up"),
        Question("good 2", technique="sample"),
    ]
    known = {**TECHNIQUES, "zero_shot": answer.technique("zero_shot")}

    def look(key: str) -> object:
        return known[key] if key in known else answer.technique(key)

    model = AnsweringModel(answers=sometimes)
    got = list(answer.answers_or_errors(questions, model, find=look))
    kinds = [
        Answer,
        EmptyQuestion,
        TechniqueNotFound,
        RuntimeError,
        QuestionTooLong,
        CollectionNeeded,
        Answer,
    ]
    assert [type(one) for one in got] == kinds
    assert [one.text for one in got if isinstance(one, Answer)] == ["Fine.", "Fine."]
    with pytest.raises(RuntimeError, match="lost"):
        list(ask_many([questions[0], questions[3]], model))


def test_a_search_that_fails_costs_only_its_question() -> None:
    class Moody(FixedRetriever):
        def _get_relevant_documents(self, query: str, *, run_manager: object) -> list:
            if "gone" in query:
                raise OSError("gone")
            return super()._get_relevant_documents(query, run_manager=run_manager)

    found = Moody(passages=(TOWER,))
    questions = [Question("where?", technique=key, collection="c") for key in ("plan", "look_up")]
    questions += [Question("gone", technique=key, collection="c") for key in ("plan", "look_up")]
    got = list(answers_or_errors(questions, AnsweringModel(), found))
    assert [type(one) for one in got] == [Answer, Answer, OSError, OSError]


def test_the_time_of_a_group_is_shared_by_the_tokens_written() -> None:
    model = AnsweringModel(answers=planner)
    questions = [Question("a", technique="plan"), Question("b", technique="plan"), Question("c?")]
    found = {**TECHNIQUES, "zero_shot": answer.technique("zero_shot")}.__getitem__
    answers = list(answer.ask_many(questions, model, find=found))
    (total,) = {one.timings.total_s for one in answers}
    shares = [one.timings.shared_s for one in answers]
    assert sum(shares) == pytest.approx(total)
    assert shares[0] / shares[2] == pytest.approx(5 / 3)
    assert all(one.timings.first_token_s is None for one in answers)
    assert last(ask(questions[0], model)).timings.shared_s is None


def test_stop_gives_the_running_group_up() -> None:
    stop, seen = threading.Event(), []

    def counted(asked: str, seed: int | None) -> list[str]:
        seen.append(asked)
        if len(seen) == GROUP + 3:
            stop.set()
        return ["Yes."]

    model = AnsweringModel(answers=counted)
    questions = [Question(f"{n}?!", technique="sample") for n in range(3 * GROUP)]
    assert list(answers_or_errors(questions, model, stop=stop)) == []
    assert len(seen) <= 5 * GROUP


def test_a_served_model_gets_every_call_with_its_own_options() -> None:
    model = PretendModel(script=["Yes."], at_once=4)
    questions = [
        Question("a", technique="sample", options=GenerationOptions(seed=1)),
        Question("b", technique="sample", options=GenerationOptions(seed=2, max_tokens=9)),
    ]
    first, second = ask_many(questions, model)
    assert (first.agreement, second.agreement, model.batches) == (1.0, 1.0, [])
    assert len({options["seed"] for options in model.options}) == 10
    assert sorted(options["max_tokens"] for options in model.options) == [9] * 5 + [256] * 5

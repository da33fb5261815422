"""From cells to arrays of scores."""

import math
import time
from dataclasses import replace

import numpy as np
import pytest

from chains.compare.agreement import agreement
from chains.compare.cell import Cell
from chains.compare.experiment import Column, Experiment
from chains.compare.metrics import metric, metrics
from chains.compare.question_set import ANSWER_TYPES, AnswerType, Item, QuestionSet
from chains.compare.scores import offered, score_all, suited
from chains.compare.tools import Tools, Verdict
from chains.errors import MetricNotFound

ITEMS = (
    Item("1", "Who?", ("Anna Berg",), choices=("Anna Berg", "Bo Holm")),
    Item("2", "When?", ("1932",)),
    Item("3", "Why?", answerable=False),
)
FAILED = {"en": "It broke.", "ko": "고장 났어요."}


def experiment(*metrics: str, columns: tuple[str, ...] = ("a", "b"), repeats: int = 1) -> Experiment:
    chosen = tuple(Column(name) for name in columns)
    return Experiment(QuestionSet("set", "span", ITEMS), chosen, metrics, columns[0], repeats)


def test_values_lie_by_metric_column_question_and_repeat() -> None:
    cells = [
        Cell("a", "1", 0, "k", text="Anna Berg"),
        Cell("a", "1", 1, "k", text="Anna"),
        Cell("a", "2", 0, "k", text="in 1932"),
        Cell("b", "2", 1, "k", text="1932"),
        Cell("gone", "1", 0, "k", text="Anna Berg"),
        Cell("a", "gone", 0, "k", text="Anna Berg"),
        Cell("a", "1", 2, "k", text="a repeat too many"),
    ]
    scores = score_all(experiment("exact_match", "token_f1", repeats=2), cells)
    nan = math.nan
    assert scores.items == ("1", "2", "3")
    assert scores.columns == ("a", "b")
    np.testing.assert_allclose(scores.values["exact_match"]["a"], [[1, 0], [0, nan], [nan, nan]])
    np.testing.assert_allclose(scores.values["token_f1"]["a"], [[1, 2 / 3], [2 / 3, nan], [nan, nan]])
    np.testing.assert_allclose(scores.values["exact_match"]["b"], [[nan, nan], [nan, 1], [nan, nan]])


def test_an_answer_that_failed_is_wrong_where_there_was_something_to_get_right() -> None:
    cells = [Cell("a", id, 0, "k", error=FAILED) for id in ("1", "2", "3")]
    keys = ("exact_match", "refusal", "length", "choice_likelihood", "groundedness", "judge")
    scores = score_all(experiment(*keys, columns=("a",)), cells)
    nan = math.nan
    expected = {
        "exact_match": [0, 0, nan],  # the third has no right answer
        "refusal": [0, 0, 0],
        "length": [nan, nan, nan],  # neither long nor short is better
        "choice_likelihood": [0, nan, nan],  # only the first has choices
        "groundedness": [nan, nan, nan],  # the column has no passages
        "judge": [0, 0, 0],
    }
    for key, row in expected.items():
        np.testing.assert_array_equal(scores.values[key]["a"][:, 0], row, err_msg=key)


def test_what_failed_for_a_reason_that_passes_has_no_value() -> None:
    cells = [Cell("a", "1", 0, "k", text="Anna Berg"), Cell("a", "2", 0, "k", error=FAILED, passing=True)]
    scores = score_all(experiment("exact_match", "refusal", "judge", columns=("a",)), cells)
    np.testing.assert_array_equal(scores.values["exact_match"]["a"][:, 0], [1, math.nan, math.nan])
    assert np.isnan(scores.values["refusal"]["a"][1, 0]) and np.isnan(scores.values["judge"]["a"][1, 0])


LIKELIHOODS = ("choice_likelihood", "choice_likelihood_text")
CHOICES = tuple(Item(str(n), "Who?", ("Bo",), choices=("Anna", "Bo")) for n in range(3))


def told(column: str, id: str, *values: float) -> Cell:
    return Cell(column, id, 0, "k", log_likelihoods=values or None, text_log_likelihoods=values or None)


def test_a_question_without_passages_counts_as_not_chosen() -> None:
    of = replace(experiment(*LIKELIHOODS), questions=QuestionSet("set", "choice", CHOICES))
    nothing = [Cell(name, "2", 0, "k", finish_reason="nothing_found") for name in "ab"]
    cells = [told("a", "0", -9.0, -1.0), told("a", "1", -1.0, -2.0), told("b", "0", -9.0, -1.0), *nothing]
    scores = score_all(of, cells)
    for key in LIKELIHOODS:
        np.testing.assert_array_equal(scores.values[key]["a"][:, 0], [1, 0, 0])
        assert "no passage was found" in scores.reasons[key]["en"] and "0점" in scores.reasons[key]["ko"]


def test_a_model_without_likelihoods_has_no_value_even_where_nothing_was_found() -> None:
    of = replace(experiment(*LIKELIHOODS), questions=QuestionSet("set", "choice", CHOICES))
    nothing = [Cell(name, "2", 0, "k", finish_reason="nothing_found") for name in "ab"]
    scores = score_all(of, [told("a", "0", -9.0, -1.0), told("b", "0"), told("b", "1"), *nothing])
    for key in LIKELIHOODS:
        np.testing.assert_array_equal(scores.values[key]["a"][:, 0], [1, math.nan, 0])
        assert np.isnan(scores.values[key]["b"]).all()
        assert "runs on this machine" in scores.reasons[key]["en"]


def test_each_text_is_embedded_once_and_in_batches() -> None:
    asked: list[list[str]] = []

    def embed(texts: object) -> np.ndarray:
        asked.append(list(texts))  # type: ignore[call-overload]
        return np.asarray([[1.0, 0.0] if "Anna" in text else [0.0, 1.0] for text in asked[-1]], np.float32)

    cells = [
        Cell("a", "1", 0, "k", text="Anna Berg"),
        Cell("b", "1", 0, "k", text="Bo"),
        Cell("a", "2", 0, "k"),
    ]
    scores = score_all(experiment("semantic_similarity"), cells, Tools(embed=embed, script="latin"))
    assert asked == [["Bo", "Anna Berg"]]
    assert scores.values["semantic_similarity"]["a"][:, 0].tolist()[:2] == [1.0, 0.0]
    assert scores.values["semantic_similarity"]["b"][0, 0] == 0.0
    assert scores.reasons == {}


def test_a_metric_without_its_tool_says_why_it_has_no_value() -> None:
    cells = [Cell("a", "1", 0, "k", text="Anna Berg")]
    scores = score_all(experiment("semantic_similarity", "judge", "choice_likelihood", "exact_match"), cells)
    assert set(scores.reasons) == {"semantic_similarity", "judge", "choice_likelihood"}
    assert all(set(reason) == {"en", "ko"} for reason in scores.reasons.values())
    assert np.isnan(scores.values["judge"]["a"]).all()


def test_verdicts_are_counted_and_compared_with_exact_match() -> None:
    cells = [
        Cell("a", "1", 0, "k", text="Anna Berg"),
        Cell("a", "2", 0, "k", text="1900"),
        Cell("b", "1", 0, "k", text="Bo"),
        Cell("b", "2", 0, "k", error=FAILED),
    ]
    verdicts = {
        ("a", "1", 0): Verdict(1.0),
        ("a", "2", 0): Verdict(0.75),
        ("b", "1", 0): Verdict(None, "no idea"),
    }
    scores = score_all(experiment("exact_match", "judge"), cells, Tools(verdicts=verdicts))
    assert scores.unreadable == {"a": 0, "b": 1}
    assert scores.agreement["a"].n == 2
    assert scores.agreement["a"].share == 0.5
    assert scores.verdicts["b", "1", 0].raw == "no idea"
    assert "b" not in scores.agreement  # its only verdict cannot be read, its other answer failed


def test_kappa_by_hand() -> None:
    # of 50: both right 20, only the judge 10, only exact match 5, both wrong 15 -> kappa 0.4
    judged = np.array([1.0] * 20 + [0.75] * 10 + [0.5] * 5 + [0.0] * 15)
    exact = np.array([1.0] * 20 + [0.0] * 10 + [1.0] * 5 + [0.0] * 15)
    found = agreement(judged, exact)
    assert found is not None
    assert (found.n, found.share) == (50, 0.7)
    assert found.kappa == pytest.approx(0.4)


def test_kappa_needs_two_kinds_of_answers() -> None:
    found = agreement(np.array([1.0, 1.0]), np.array([1.0, 1.0]))
    assert found is not None and found.kappa is None
    assert agreement(np.array([math.nan]), np.array([1.0])) is None


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("answer_type", ANSWER_TYPES)
def test_a_form_begins_with_few_that_need_nothing(answer_type: AnswerType, language: str) -> None:
    keys = suited(answer_type, language)
    assert len(keys) == len(set(keys)) <= 4
    assert metric(keys[0]).better == "higher"
    assert set(keys) <= set(offered(answer_type))
    assert all(not metric(key).needs for key in keys)


def test_every_metric_is_offered_somewhere() -> None:
    assert {key for one in ANSWER_TYPES for key in offered(one)} == set(metrics())


def test_what_decides() -> None:
    assert suited("span", "ko")[0] == "token_f1"
    assert suited("number")[0] == "last_number"
    assert suited("choice")[0] == "choice_letter"
    assert (suited("text", "en")[0], suited("text", "ko")[0]) == ("rouge_l", "chrf")


def test_an_unknown_metric_is_refused() -> None:
    with pytest.raises(MetricNotFound):
        score_all(experiment("bleu"), [])


@pytest.mark.slow
def test_ten_thousand_questions_in_eight_columns_take_seconds() -> None:
    items = tuple(
        Item(str(n), f"Which bridge is number {n}?", (f"the old bridge {n}",)) for n in range(10_000)
    )
    columns = tuple(Column(f"c{n}") for n in range(8))
    keys = ("exact_match", "token_f1", "contains", "last_number", "rouge_l", "length")
    asked = Experiment(QuestionSet("set", "span", items), columns, keys, "c0")
    cells = [
        Cell(c.name, i.id, 0, "k", text=f"It is bridge {i.id}, {c.name}.") for c in columns for i in items
    ]
    started = time.process_time()
    scores = score_all(asked, cells)
    assert time.process_time() - started < 30
    assert not np.isnan(scores.values["token_f1"]["c7"]).any()


@pytest.mark.model
def test_the_embedded_embedder_tells_near_from_far() -> None:
    from vectorstore.embed import PackagedMiniLM

    embedder = PackagedMiniLM()
    cells = [Cell("a", "1", 0, "k", text="Berg, Anna"), Cell("b", "1", 0, "k", text="because of the weather")]
    tools = Tools(embed=embedder.embed_passages, script=embedder.script)
    found = score_all(experiment("semantic_similarity"), cells, tools).values["semantic_similarity"]
    assert found["b"][0, 0] < 0.4 < 0.8 < found["a"][0, 0] < 1.0

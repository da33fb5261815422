"""The document of a results file: the contract's keys, verdicts on known truths, the same bytes again."""

import json
from dataclasses import asdict, replace
from itertools import combinations

import numpy as np
import pytest

from chains.compare.cell import AnsweredBy, Cell
from chains.compare.pareto import pareto_front
from chains.compare.report.html import page as html
from chains.compare.report.markdown import markdown
from chains.compare.results import results
from chains.compare.scores import Scores, score_all
from chains.compare.stored import gathered
from tests.chains.compare.believable import cells, experiment


def document(of, made=None):
    made = cells(of) if made is None else made
    return results(of, score_all(of, made), made)


@pytest.fixture(scope="module")
def museum():
    return experiment(questions=120)


@pytest.fixture(scope="module")
def found(museum):
    return document(museum)


def scores_of(museum, **values):
    """Given scores (questions × repeats) of the first two columns on exact match."""
    shape = next(iter(values.values())).shape
    return Scores(
        tuple(item.id for item in museum.questions.items)[: shape[0]],
        tuple(values), shape[1], {"exact_match": values},
    )  # fmt: skip


def test_it_has_what_the_contract_says(museum, found):
    names = [column.name for column in museum.columns]
    assert [column["name"] for column in found["columns"]] == names
    for column in found["columns"]:
        assert set(column["cost"]) >= {"prompt_tokens", "completion_tokens", "seconds", "peak_memory_bytes"}
        for score in column["scores"].values():
            assert score["low"] <= score["mean"] <= score["high"] and score["n"] == 120
    asked = {(one["a"], one["b"], one["metric"]) for one in found["pairs"]}
    assert asked == {(a, b, key) for a, b in combinations(names, 2) for key in museum.metrics}
    assert {one["verdict"] for one in found["pairs"]} <= {"a", "b", "no detectable difference"}
    for key in museum.metrics:
        assert set().union(*found["bands"][key]) == set(names)


def test_json_holds_it_as_it_is(found):
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_the_same_cells_give_the_same_bytes(museum, found):
    again = json.dumps(document(museum), allow_nan=False, ensure_ascii=False)
    assert again == json.dumps(found, allow_nan=False, ensure_ascii=False)
    shuffled = cells(museum)
    np.random.default_rng(1).shuffle(shuffled)
    scores_alone = [
        {key: one[key] for key in ("name", "scores")} for one in document(museum, shuffled)["columns"]
    ]
    assert scores_alone == [{key: one[key] for key in ("name", "scores")} for one in found["columns"]]


def test_a_verdict_needs_the_corrected_p_and_names_the_better_one(found):
    for one in found["pairs"]:
        decided = one["p_holm"] <= 0.05
        assert one["p_holm"] >= one["p"]
        assert (one["verdict"] != "no detectable difference") == decided
        if decided:
            assert one["verdict"] == ("a" if one["difference"] > 0 else "b")
            assert one["more_questions"] is None
    best = {
        frozenset((one["a"], one["b"])): one["verdict"]
        for one in found["pairs"]
        if one["metric"] == "token_f1"
    }
    assert best[frozenset(("cot", "gold"))] == "b"
    assert best[frozenset(("few", "sc-5"))] == "no detectable difference"


def test_bands_join_exactly_the_pairs_without_a_verdict(found):
    for key, groups in found["bands"].items():
        together = {frozenset(pair) for group in groups for pair in combinations(group, 2)}
        alike = {
            frozenset((one["a"], one["b"]))
            for one in found["pairs"]
            if one["metric"] == key and one["verdict"] == "no detectable difference"
        }
        assert together == alike


def test_two_identical_columns_have_no_winner():
    museum = experiment(questions=60, columns=2)
    ours = [cell for cell in cells(museum) if cell.column == "zero"]
    found = document(museum, ours + [replace(cell, column="few") for cell in ours])
    assert {one["verdict"] for one in found["pairs"]} == {"no detectable difference"}
    pair = found["pairs"][0]
    assert (pair["difference"], pair["p"], pair["more_questions"]) == (0.0, 1.0, None)
    assert pair["low"] < 0 < pair["high"]
    assert found["bands"]["exact_match"] == [["zero", "few"]]


def test_a_metric_of_which_less_is_better_names_the_lower_column():
    from chains.compare.metrics import metric
    from chains.compare.pairs import Means, all_bands, compared

    values = np.stack([np.full(40, 3.0), np.arange(40) % 2 + 1.0], axis=1)
    less = replace(metric("exact_match"), better="lower", unit={"en": "s", "ko": "초"})
    neither = replace(less, better=None)
    means = Means(
        ("slow", "quick"), {"seconds": less, "length": neither}, {"seconds": values, "length": values}
    )
    pairs = compared(means)
    assert [(one["metric"], one["verdict"]) for one in pairs] == [("seconds", "b")]
    assert all_bands(means, pairs) == {"seconds": [["quick"], ["slow"]]}


def test_the_mean_over_repeats_is_the_unit():
    museum = replace(experiment(questions=4, columns=2), metrics=("exact_match",), repeats=2)
    a = np.array([[1.0, 0.0], [1.0, 1.0], [np.nan, 1.0], [np.nan, np.nan]])
    found = results(museum, scores_of(museum, zero=a, few=np.zeros((4, 2))), [])
    assert found["columns"][0]["scores"]["exact_match"]["mean"] == pytest.approx((0.5 + 1 + 1) / 3, abs=1e-6)
    assert found["columns"][0]["scores"]["exact_match"]["n"] == 3
    assert found["pairs"][0]["n"] == 3 and found["pairs"][0]["test"] == "permutation"
    assert found["spread"]["few"]["exact_match"]["between_repeats"] == 0


def test_a_column_that_was_not_run_is_empty_and_in_no_pair(museum):
    made = [cell for cell in cells(museum) if cell.column != "cot"]
    found = document(museum, made)
    cot = next(one for one in found["columns"] if one["name"] == "cot")
    assert cot["scores"]["exact_match"] == {"mean": None, "low": None, "high": None, "n": 0}
    assert cot["cost"]["answers"] == 0
    assert not [one for one in found["pairs"] if "cot" in (one["a"], one["b"])]
    assert "cot" not in set().union(*found["bands"]["exact_match"])
    json.dumps(found, allow_nan=False)


FAILED = {"en": "It broke.", "ko": "고장 났어요."}


def failing(made, name, passing, also=lambda cell: True):
    """The cells, those of one column without their answers."""
    return [
        Cell(cell.column, cell.item, cell.repeat, cell.key, error=FAILED, passing=passing)
        if cell.column == name and also(cell)
        else cell
        for cell in made
    ]


def test_a_column_whose_model_never_ran_loses_nothing(museum):
    found = document(museum, failing(cells(museum), "gold", passing=True))
    gold = next(one for one in found["columns"] if one["name"] == "gold")
    assert gold["scores"]["exact_match"] == {"mean": None, "low": None, "high": None, "n": 0}
    assert (gold["cost"]["answers"], gold["cost"]["failed"], gold["cost"]["unanswered"]) == (120, 120, 120)
    assert set(gold["cost"]["per_answer"].values()) == {None}
    assert found["pairs"] and not [one for one in found["pairs"] if "gold" in (one["a"], one["b"])]
    assert all("gold" not in names for names in found["pareto"].values())
    assert "gold" not in set().union(*found["bands"]["exact_match"])
    assert found["changes"]["gold"] == {"fixed": [], "broke": []}


def test_a_prompt_that_cannot_be_asked_counts_as_wrong_but_costs_nothing(museum):
    found = document(museum, failing(cells(museum), "gold", passing=False))
    gold = next(one for one in found["columns"] if one["name"] == "gold")
    assert (gold["scores"]["exact_match"]["mean"], gold["scores"]["exact_match"]["n"]) == (0, 120)
    assert (gold["cost"]["failed"], gold["cost"]["unanswered"]) == (120, 0)
    assert found["pareto"] and all("gold" not in names for names in found["pareto"].values())


def test_the_cost_of_an_answer_is_that_of_those_that_were_given(museum, found):
    made = failing(cells(museum), "sc-5", passing=True, also=lambda cell: cell.item < "q060")
    before, after = (
        next(one for one in each["columns"] if one["name"] == "sc-5")
        for each in (found, document(museum, made))
    )
    assert (after["cost"]["prompt_tokens"], after["cost"]["failed"]) == (18_000, 60)
    assert (
        after["cost"]["per_answer"]["prompt_tokens"] == before["cost"]["per_answer"]["prompt_tokens"] == 300
    )
    assert after["scores"]["exact_match"]["n"] == 60


def test_answers_that_were_cut_off_are_counted(museum):
    made = [
        replace(cell, finish_reason="length") if cell.column == "cot" and cell.item < "q030" else cell
        for cell in cells(museum)
    ]
    counts = {one["name"]: one["cost"]["cut_off"] for one in document(museum, made)["columns"]}
    assert counts.pop("cot") == 30 and set(counts.values()) == {0}


def test_fixed_broken_and_divided_are_counted_by_question(museum, found):
    scored = {one["id"]: one["scores"]["exact_match"] for one in found["per_question"]}
    names = [column["name"] for column in found["columns"]]
    for name, changed in found["changes"].items():
        at = names.index(name)
        assert changed["fixed"] == [key for key, row in scored.items() if row[0] < 0.5 <= row[at]]
        assert changed["broke"] == [key for key, row in scored.items() if row[at] < 0.5 <= row[0]]
    divided = {key for key, row in scored.items() if len({value >= 0.5 for value in row}) == 2}
    assert set(found["disagreements"]) == divided and divided
    first = scored[found["disagreements"][0]]
    assert abs(sum(value >= 0.5 for value in first) - 3) <= 1


def test_tags_are_scored_apart(museum, found):
    assert found["tags"]["history"]["n"] == 60 and found["tags"]["long"]["n"] == 24
    scored = [one["scores"]["exact_match"][0] for one in found["per_question"] if "long" in one["tags"]]
    assert found["tags"]["long"]["scores"]["zero"]["exact_match"]["mean"] == pytest.approx(
        np.mean(scored), abs=1e-6
    )


def test_costs_are_sums_and_means(found):
    few = next(one for one in found["columns"] if one["name"] == "sc-5")
    assert (few["cost"]["prompt_tokens"], few["cost"]["calls"], few["cost"]["answers"]) == (36_000, 600, 120)
    assert few["cost"]["per_answer"]["prompt_tokens"] == 300
    assert few["cost"]["peak_memory_bytes"] == 310_000_000


def test_no_example_text_is_copied_into_the_settings(museum):
    from chains.question import Example

    column = replace(museum.columns[1], examples=(Example("a secret question", "a secret answer"),))
    of = replace(museum, columns=(museum.columns[0], column))
    assert "secret" not in json.dumps(document(of))


def test_it_says_what_really_answered_in_the_results_and_in_the_report():
    of = experiment(questions=6, columns=2)
    half, whole = (AnsweredBy("default", one, "openvino", f"weights={one}-1") for one in ("int8", "bf16"))
    made = [replace(one, answered_by=whole) if one.column == "zero" else one for one in cells(of)]
    made[0] = replace(made[0], answered_by=half)
    found = results(of, score_all(of, made), made, "python -m app compare museum.yaml --out DIR")
    told = [one["settings"]["answered_by"] for one in found["columns"]]
    assert told == [[asdict(whole), asdict(half)], []]
    for page in (markdown(found, "en"), html(of, gathered(of, made), found, "en").decode()):
        assert "default, int8, openvino" in page and "weights=int8-1" in page
        assert found["questions"]["fingerprint"] in page
        assert "python -m app compare museum.yaml --out DIR" in page


def test_other_questions_have_another_fingerprint(museum, found):
    first, *others = museum.questions.items
    changed = replace(first, answers=("somebody else",))
    other = replace(museum, questions=replace(museum.questions, items=(changed, *others)))
    mark = document(other)["questions"]["fingerprint"]
    assert found["questions"]["fingerprint"] == document(museum)["questions"]["fingerprint"] != mark


@pytest.mark.parametrize(
    ("points", "front"),
    [
        ([("a", 1, 0.5), ("b", 2, 0.6), ("c", 3, 0.55), ("d", 2, 0.4)], ["a", "b"]),
        ([("a", 1, 0.5), ("b", 1, 0.5), ("c", 1, 0.4)], ["a", "b"]),
        ([("a", 2, 0.5), ("b", 1, 0.5)], ["b"]),
        ([], []),
    ],
)
def test_the_front_holds_what_no_other_beats(points, front):
    assert pareto_front(points) == front


@pytest.mark.slow
def test_ten_thousand_questions_and_eight_columns():
    random = np.random.default_rng(3)
    from chains.compare.experiment import Column
    from chains.compare.question_set import Item, QuestionSet

    items = tuple(Item(f"q{n}", "?", ("x",)) for n in range(10_000))
    columns = tuple(Column(f"c{n}") for n in range(8))
    of = replace(experiment(2), questions=QuestionSet("large", "span", items), columns=columns, baseline="c0")
    graded = {one.name: random.random((10_000, 1)) for one in columns}
    values = {"token_f1": graded, "exact_match": {name: rows.round() for name, rows in graded.items()}}
    found = results(
        of, Scores(tuple(item.id for item in items), tuple(one.name for one in columns), 1, values), []
    )
    assert len(found["pairs"]) == 56 and len(found["per_question"]) == 10_000

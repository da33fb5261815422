"""The judge's phase: one load, kept verdicts, nothing asked of answers that failed."""

import json
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from chains.compare.experiment import Judge
from chains.compare.judge_phase import judge
from chains.compare.judging import GROUP
from chains.compare.kept import Kept
from chains.compare.report import html, write
from chains.compare.report.markdown import markdown
from chains.compare.results import results
from chains.compare.scores import score_all
from chains.compare.tools import Tools, Verdict, place
from tests.chains.compare.test_run import LONG, Bench, answers, experiment
from tests.fakes import InterruptedModel


@pytest.fixture
def kept(tmp_path):
    with Kept(tmp_path) as kept:
        yield kept


@pytest.fixture
def judged():
    return replace(experiment(), metrics=("judge",), judge=Judge("small-1"))


def answered(experiment, kept):
    """Answers that differ by column and repeat: what is the same is judged once."""
    cells = answers(experiment, Bench(), kept).cells
    return [replace(cell, text=f"{cell.column} {cell.repeat}") for cell in cells]


def test_verdicts_are_kept_until_the_judge_or_an_answer_changes(kept, judged):
    cells = answered(judged, kept)
    bench = Bench()
    bench.script = ["Short and right. ", "Score: 4"]
    *_, first = judge(judged, cells, bench, kept)
    assert {one.score for one in first.verdicts.values()} == {0.75}
    assert (first.done, first.total, [one.id for one in bench.loaded], bench.closed) == (
        6,
        6,
        ["small-1"],
        ["small-1"],
    )
    again = Bench()
    *_, second = judge(judged, cells, again, kept)
    assert (again.loaded, second.verdicts) == ([], first.verdicts)
    for changed in (
        replace(judged, judge=Judge("small-1", rubric="Be kind.")),
        replace(judged, judge=Judge("two")),
    ):
        other = Bench()
        assert [*judge(changed, cells, other, kept)] and other.asked == 6
    said = [replace(cells[0], text="something else"), *cells[1:]]
    assert [*judge(judged, said, again, kept)] and again.asked == 3


def kept_verdicts(kept):
    """What is kept of the judge, by key."""
    with closing(sqlite3.connect(kept.path)) as file:
        keys = [key for (key,) in file.execute("SELECT key FROM cells WHERE key LIKE 'judge-%'")]
    return {key: json.loads(text) for key, text in kept.get(keys).items()}


def test_only_the_judges_words_are_kept_and_the_points_are_read_out_of_them_each_time(kept, judged):
    cells = answered(judged, kept)
    bench = Bench()
    bench.script = ["Short and right. Score: 4"]
    assert [*judge(judged, cells, bench, kept)]
    found = kept_verdicts(kept)
    assert list(found.values()) == [["Short and right. Score: 4"] * 3] * 2
    of_today = [["Poor. Score: 1", "I cannot say.", "Score: 5"]] * 2
    misread = [[[0.5, "Poor. Score: 1"], [0.5, "I cannot say."], [None, "Score: 5"]]] * 2
    for texts in (of_today, misread):  # earlier versions kept what they had read, too
        kept.put({key: json.dumps(text) for key, text in zip(found, texts, strict=True)})
        *_, state = judge(judged, cells, Bench(), kept)
        assert [state.verdicts[place(cell)].score for cell in cells] == [0.0, None, 1.0] * 2


def test_answers_that_failed_are_not_judged_and_a_stop_is_obeyed(kept, judged):
    cells = answers(judged, Bench(), kept).cells
    failed = [replace(cell, error={"en": "x", "ko": "x"}) for cell in cells]
    assert [*judge(judged, failed, Bench(), kept)] == []
    stop = threading.Event()
    many = [replace(cells[0], item=item.id) for item in LONG.items]
    done = []
    for state in judge(replace(judged, questions=LONG), many, Bench(), kept, stop):
        done.append((state.done, state.total))
        stop.set()
    assert done == [(GROUP, len(many))]


def test_another_column_or_repeat_has_nothing_judged_again(kept, judged):
    cells = answered(replace(judged, repeats=2), kept)
    first = [cell for cell in cells if cell.column == "few" and cell.repeat == 1]
    assert [*judge(replace(judged, repeats=2), first, Bench(), kept)]
    bench = Bench()
    *_, state = judge(replace(judged, repeats=2), cells, bench, kept)
    assert (state.done, bench.asked) == (12, 9)


def test_a_judge_that_cannot_be_loaded_costs_its_metric_and_says_why(kept, judged):
    both = replace(judged, metrics=("exact_match", "judge"))
    cells = answers(both, Bench(), kept).cells
    bench = Bench()
    bench.missing = {"small-1"}
    *_, state = judge(both, cells, bench, kept)
    assert len(state.verdicts) == 0 and "small-1" in state.problem["ko"]
    tools = Tools(verdicts=state.verdicts, unjudged=state.problem)
    document = results(both, score_all(both, cells, tools), cells)
    assert document["metrics"]["judge"]["reason"] == state.problem
    assert document["judged_by"] == {"model": "small-1", "precision": "auto", "rubric": None}
    assert "Judged by small-1, precision auto, by the rubric" in markdown(document, "en")
    assert "심사 모델: small-1" in html.summary(document, "ko")
    assert "Judged by" not in markdown({**document, "judged_by": None}, "en"), "as of earlier versions"
    assert document["columns"][0]["scores"]["judge"]["mean"] is None
    assert document["columns"][0]["scores"]["exact_match"]["mean"] is not None


def test_without_a_judge_an_answer_that_failed_scores_no_0_either(kept, judged):
    both = replace(judged, metrics=("exact_match", "judge"))
    cells = [replace(cell, error={"en": "x", "ko": "x"}) for cell in answers(both, Bench(), kept).cells]
    none = score_all(both, cells, Tools(unjudged={"en": "no judge", "ko": "없음"}))
    assert np.isnan(none.values["judge"]["zero"]).all()
    assert (none.values["exact_match"]["zero"] == 0).all()
    verdicts = {("zero", "0", 0): Verdict(1.0)}
    some = score_all(both, [replace(cells[0], error=None), *cells[1:]], Tools(verdicts=verdicts))
    assert some.values["judge"]["zero"][:, 0].tolist() == [1.0, 0.0, 0.0]


class Interrupted(Bench):
    """A machine whose model is stopped while it writes its second answer."""

    def __init__(self, stop: threading.Event) -> None:
        super().__init__()
        self.stop = stop

    def load(self, spec, report, cancelled):
        model = InterruptedModel(spec=spec, script=["Fine. Score: 5"], event=self.stop, last=2)
        self.models.append(model)
        return model


def test_a_stop_inside_a_group_gives_the_group_up_and_the_next_time_asks_it_again(kept, judged):
    cells = answered(judged, kept)
    stop = threading.Event()
    bench = Interrupted(stop)
    assert [*judge(judged, cells, bench, kept, stop)] == []
    assert bench.asked == 2
    again = Bench()
    *_, state = judge(judged, cells, again, kept)
    assert (again.asked, state.done) == (len(cells), len(cells))


def test_a_stop_while_the_judge_loads_ends_it(kept, judged):
    cells = answers(judged, Bench(), kept).cells
    bench, stop = Bench(), threading.Event()
    bench.gate.clear()
    stop.set()
    assert [*judge(judged, cells, bench, kept, stop)] == []
    assert bench.loaded == []


def test_what_the_judge_said_stands_beside_every_answer(kept, judged, tmp_path):
    cells = list(answers(judged, Bench(), kept).cells)
    cells[0] = replace(cells[0], error={"en": "x", "ko": "x"})
    bench = Bench()
    bench.script = ["Short and right. ", "**Score: 4/5**"]
    *_, state = judge(judged, cells, bench, kept)
    tools = Tools(verdicts=state.verdicts)
    document = results(judged, score_all(judged, cells, tools), cells)
    for texts in (True, False):
        write(tmp_path, judged, cells, document, texts=texts, verdicts=state.verdicts)
        lines = (tmp_path / "answers.jsonl").read_bytes().splitlines()
        first, *rest = (json.loads(line)["judge"] for line in lines)
        said = {"reason": "Short and right.", "raw": "Short and right. **Score: 4/5**", "error": None}
        assert (first, rest) == (None, [{"score": 0.75} | (said if texts else {})] * 5)
    write(tmp_path, judged, cells, document)
    assert b'"judge"' not in (tmp_path / "answers.jsonl").read_bytes()

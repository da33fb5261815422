"""The judge's phase: one load, kept verdicts, nothing asked of answers that failed."""

import threading
from dataclasses import replace

import pytest

from chains.compare.experiment import Judge
from chains.compare.judge_phase import judge
from chains.compare.judging import GROUP
from chains.compare.kept import Kept
from tests.chains.compare.test_run import Bench, answers, experiment


@pytest.fixture
def kept(tmp_path):
    with Kept(tmp_path) as kept:
        yield kept


@pytest.fixture
def judged():
    return replace(experiment(), metrics=("judge",), judge=Judge("small-1"))


def test_verdicts_are_kept_until_the_judge_or_an_answer_changes(kept, judged):
    cells = answers(judged, Bench(), kept).cells
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
    assert [*judge(judged, said, again, kept)] and again.asked == 6


def test_answers_that_failed_are_not_judged_and_a_stop_is_obeyed(kept, judged):
    cells = answers(judged, Bench(), kept).cells
    failed = [replace(cell, error={"en": "x", "ko": "x"}) for cell in cells]
    assert [*judge(judged, failed, Bench(), kept)] == []
    stop = threading.Event()
    many = [replace(cell, repeat=number) for number in range(GROUP) for cell in cells[:2]]
    done = []
    for state in judge(judged, many, Bench(), kept, stop):
        done.append((state.done, state.total))
        stop.set()
    assert done == [(GROUP, 2 * GROUP)]

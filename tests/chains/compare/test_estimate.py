"""What an experiment will cost: the answers, the searches and likelihoods beside them, and the judge."""

import time
from dataclasses import replace

import pytest

from adapters.spec import ModelSpec
from chains.compare.estimate import SAMPLE, Estimates, estimate
from chains.compare.experiment import Column, Judge
from chains.compare.judge_phase import judge
from chains.compare.judging import OPTIONS
from chains.compare.kept import Kept
from chains.compare.question_set import Item, QuestionSet
from chains.compare.rates import rate_key
from chains.compare.run import run
from tests.chains.compare.test_run import ITEMS, SHORT, ZERO, Bench, Recording, experiment
from tests.fakes import FixedRetriever, passage

TEN = QuestionSet("drawers", "text", ITEMS[:10])
PAUSE_S = 0.1


@pytest.fixture
def kept(tmp_path):
    with Kept(tmp_path) as kept:
        yield kept


def test_a_sample_is_asked_and_scaled_to_what_is_not_kept(kept):
    [*_] = run(experiment(ZERO, questions=TEN), Bench(), kept)
    two = experiment(ZERO, Column("few", "few_shot"), questions=TEN)
    bench = Bench()
    found = estimate(two, bench, kept, {})
    zero, few = found.columns
    assert (zero.kept, zero.calls, few.kept, few.calls, bench.asked) == (10, 0, 0, 10, SAMPLE)
    assert (few.completion_tokens, few.measured, found.judge) == (20, False, None)
    assert few.most_completion_tokens == 10 * few_limit(two)
    assert bench.closed == ["default"]


def few_limit(two):
    return two.columns[1].options.max_tokens


def test_the_model_is_timed_by_earlier_runs_and_what_is_beside_it_by_the_sample(kept):
    class Slow(FixedRetriever):
        def _get_relevant_documents(self, query, *, run_manager):
            time.sleep(PAUSE_S)
            return super()._get_relevant_documents(query, run_manager=run_manager)

    class Library(Bench):
        def retriever(self, collection, key, k):
            return Slow(passages=[passage("Drawer 1 holds thing 1.", relevance=0.9)])

    grounded = experiment(Column("grounded", collection="museum"), questions=TEN)
    (one,) = estimate(grounded, Library(), kept, {rate_key(ModelSpec()): 1e9}).columns
    assert one.measured
    assert one.seconds > PAUSE_S * 10 / SAMPLE, "the search counts, however quick the model was"


def test_weighing_the_choices_counts(kept):
    class Telling(Recording):
        def log_likelihood(self, messages, continuation):
            time.sleep(PAUSE_S)
            return -1.0

    class Weighing(Bench):
        def load(self, spec, report, cancelled):
            return Telling(spec=spec, script=self.script)

    items = tuple(Item(str(n), f"Which, {n}?", ("a",), choices=("a", "b")) for n in range(4))
    choices = replace(
        experiment(ZERO, questions=QuestionSet("c", "choice", items)), metrics=("choice_letter",)
    )
    quick = {rate_key(ModelSpec()): 1e9}
    (without,) = estimate(choices, Weighing(), kept, quick).columns
    weighed = replace(choices, metrics=("choice_likelihood",))
    (one,) = estimate(weighed, Weighing(), kept, quick).columns
    assert without.seconds < PAUSE_S < 8 * PAUSE_S <= one.seconds


def test_the_judge_counts_and_only_what_it_has_not_read(kept):
    judged = replace(experiment(ZERO, questions=TEN), metrics=("judge",), judge=Judge("small-1"))
    bench = Bench()
    found = estimate(judged, bench, kept, {})
    assert [spec.id for spec in bench.loaded] == ["default", "small-1"]
    assert (found.judge.cells, found.judge.kept, found.judge.calls) == (10, 0, 10)
    assert found.judge.most_completion_tokens == 10 * OPTIONS["max_tokens"]
    assert found.seconds == pytest.approx(found.columns[0].seconds + found.judge.seconds)
    *_, answered = run(judged, Bench(), kept)
    cells = tuple(answered.cells)
    again = Bench()
    left = estimate(judged, again, kept, {})
    assert (left.columns[0].calls, left.judge.calls) == (0, 10)
    assert [spec.id for spec in again.loaded] == ["small-1"]
    [*_] = judge(judged, cells, Bench(), kept)
    nothing = Bench()
    done = estimate(judged, nothing, kept, {})
    assert (done.judge.kept, done.judge.calls, nothing.loaded, done.seconds) == (10, 0, [], 0.0)


def test_what_cannot_run_says_why_and_costs_the_others_nothing(kept):
    class Half(Bench):
        def retriever(self, collection, key, k):
            raise RuntimeError(f"no {collection}")

    columns = (Column("lost", collection="gone"), ZERO)
    bench = Half()
    bench.missing = {"small-1"}
    judged = replace(experiment(*columns), metrics=("judge",), judge=Judge("small-1"))
    found = estimate(judged, bench, kept, {})
    lost, zero = found.columns
    assert "no gone" in lost.problem["en"] and (zero.problem, zero.calls) == (None, 3)
    assert "small-1" in found.judge.problem["ko"]


def test_a_model_that_cannot_be_loaded_is_tried_once(kept):
    class Counting(Bench):
        tried = 0

        def load(self, spec, report, cancelled):
            self.tried += 1
            return super().load(spec, report, cancelled)

    bench = Counting()
    bench.missing = {"default"}
    found = estimate(experiment(questions=SHORT), bench, kept, {})
    assert bench.tried == 1
    assert all("default" in one.problem["en"] for one in found.columns)


def test_a_stop_ends_it_with_nothing(kept):
    class Stopping(Bench):
        def load(self, spec, report, cancelled):
            cancelled.set()
            return super().load(spec, report, cancelled)

    assert estimate(experiment(), Stopping(), kept, {}) == Estimates()

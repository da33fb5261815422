"""The statistics against scipy, statsmodels and networkx, and on cases worked out by hand."""

import tracemalloc
import warnings
from itertools import combinations

import networkx
import numpy as np
import pytest
from scipy import stats

from chains.compare.statistics.bands import bands
from chains.compare.statistics.bootstrap import intervals, limits_without_spread, resampled_means
from chains.compare.statistics.holm import holm
from chains.compare.statistics.paired import all_flips, mcnemar, paired_tests, random_flips
from chains.compare.statistics.power import more_questions
from chains.compare.statistics.spread import spread

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar
    from statsmodels.stats.multitest import multipletests


@pytest.fixture
def random():
    return np.random.default_rng(4)


def test_mcnemar_is_statsmodels(random):
    for _ in range(30):
        a, b = (random.random((2, 60)) < [[0.4], [0.55]]).astype(float)
        table = [[np.sum((a == x) & (b == y)) for y in (1, 0)] for x in (1, 0)]
        assert mcnemar(a, b) == pytest.approx(statsmodels_mcnemar(table, exact=True).pvalue, abs=1e-12)


def test_all_flips_is_scipys_exact_permutation_test(random):
    for count in (2, 5, 11):
        differences = np.round(random.normal(0.2, 0.5, count), 2)
        oracle = stats.permutation_test(
            (differences, np.zeros(count)), lambda a, b, axis: np.mean(a - b, axis=axis),
            permutation_type="samples", n_resamples=np.inf, vectorized=True,
        )  # fmt: skip
        assert all_flips(differences) == pytest.approx(oracle.pvalue, abs=1e-12)
        assert all_flips(np.append(differences, [0, 0, 0])) == all_flips(differences)


def test_random_flips_approach_all_flips_and_never_reach_zero(random):
    differences = np.round(random.normal(0.15, 0.4, (14, 3)), 2)
    exact = [all_flips(differences[:, pair]) for pair in range(3)]
    assert random_flips(differences, seed=1, flips=40_000) == pytest.approx(exact, abs=0.01)
    assert random_flips(np.ones((200, 1)), flips=500)[0] == pytest.approx(1 / 501)


def test_a_binary_pair_has_the_same_p_by_either_test(random):
    a, b = (random.random((2, 13)) < 0.5).astype(float)
    assert mcnemar(a, b) == pytest.approx(all_flips(a - b), abs=1e-12)


def test_pairs_are_tested_where_both_have_a_score(random):
    a = random.random((40, 2))
    b = a + random.normal(0, 0.3, (40, 2))
    whole = paired_tests(a[:30], b[:30], seed=3)
    a[30:35], b[35:] = np.nan, np.nan
    holed = paired_tests(a, b, seed=3)
    assert [test.questions for test in holed] == [30, 30]
    assert [test.p for test in holed] == pytest.approx([test.p for test in whole], abs=0.02)
    nothing = paired_tests(np.full((5, 1), np.nan), np.ones((5, 1)))[0]
    assert (nothing.p, nothing.questions) == (1.0, 0)


def test_holm_is_statsmodels(random):
    for count in (1, 2, 7, 140):
        p_values = list(random.random(count) ** 4)
        assert holm(p_values) == pytest.approx(list(multipletests(p_values, method="holm")[1]), abs=1e-12)
    assert holm([]) == []


def test_bands_are_the_maximal_cliques_of_what_cannot_be_told_apart(random):
    names = list("abcdefgh")
    for density in (0.0, 0.2, 0.5, 0.8, 1.0):
        different = [pair for pair in combinations(names, 2) if random.random() < density]
        alike = networkx.complement(networkx.Graph())
        alike.add_nodes_from(names)
        alike.add_edges_from(set(combinations(names, 2)) - set(different))
        found = bands(names, different)
        assert sorted(map(sorted, networkx.find_cliques(alike))) == sorted(map(sorted, found))
        assert all(group == sorted(group) for group in found) and found == sorted(found)


def test_bands_overlap_as_in_piephos_display():
    assert bands(["best", "middle", "worst"], [("worst", "best")]) == [
        ["best", "middle"],
        ["middle", "worst"],
    ]


def test_intervals_are_scipys_percentiles_with_the_wider_tail(random):
    values = random.beta(1, 2, (60, 2))
    low, high = intervals(values, np.zeros(2), resamples=20_000)
    tail = stats.norm.cdf(-stats.t.ppf(0.975, 59) * np.sqrt(60 / 59))
    for column in range(2):
        oracle = stats.bootstrap(
            (values[:, column],), np.mean, n_resamples=20_000, method="percentile",
            confidence_level=1 - 2 * tail, rng=2,
        ).confidence_interval  # fmt: skip
        assert (low[column], high[column]) == pytest.approx((oracle.low, oracle.high), abs=0.004)


def test_the_same_seed_gives_the_same_bytes_whatever_the_other_columns(random):
    values = (random.random((70, 3)) < 0.4).astype(float)
    one, again = intervals(values, np.zeros(3), seed=9), intervals(values, np.zeros(3), seed=9)
    assert [side.tobytes() for side in one] == [side.tobytes() for side in again]
    alone = intervals(values[:, 1:2], np.zeros(1), seed=9)
    assert (alone[0][0], alone[1][0]) == (one[0][1], one[1][1])
    assert intervals(values, np.zeros(3), seed=8)[0].tobytes() != one[0].tobytes()


def test_columns_are_resampled_together(random):
    values = random.random((50, 1))
    both = np.concatenate(list(resampled_means(np.concatenate([values, values + 0.25], axis=1), 0, 300)))
    assert np.ptp(both[:, 1] - both[:, 0]) < 1e-12


def test_what_does_not_apply_is_left_out(random):
    values = random.random((30, 1))
    holed = np.concatenate([values, np.full((20, 1), np.nan)])
    alone, with_holes = intervals(values, np.zeros(1)), intervals(holed, np.zeros(1))
    assert with_holes[0][0] == pytest.approx(alone[0][0], abs=0.02)
    none = intervals(np.full((4, 1), np.nan), np.zeros(1))
    assert np.isnan(none[0][0]) and np.isnan(none[1][0])
    assert intervals(np.empty((3, 0)), np.empty(0))[0].size == 0


@pytest.mark.parametrize(("right", "low", "high"), [(0, 0.0, 0.1684), (20, 0.8316, 1.0)])
def test_all_right_and_all_wrong_are_not_certain(right, low, high):
    values = np.full((20, 1), 1.0 if right else 0.0)
    oracle = stats.binomtest(right, 20).proportion_ci(0.95, method="exact")
    found = intervals(values, np.zeros(1))
    assert (found[0][0], found[1][0]) == pytest.approx((oracle.low, oracle.high), abs=1e-12)
    assert (found[0][0], found[1][0]) == pytest.approx((low, high), abs=1e-4)


def test_the_same_on_every_question_leaves_room_for_either_side():
    low, high = limits_without_spread(0.0, 20, lowest=-1.0)
    assert (low, high) == pytest.approx((-0.1684, 0.1684), abs=1e-4)
    assert limits_without_spread(37.0, 20, lowest=float("nan")) == (37.0, 37.0)
    assert limits_without_spread(1.0, 20, lowest=-1.0) == pytest.approx((1 - 2 * 0.1684, 1.0), abs=1e-4)


@pytest.mark.parametrize(("lowest", "count"), [(0.0, 1), (0.0, 20), (-1.0, 20)])
def test_the_same_graded_score_on_every_question_is_not_certain(lowest, count):
    room = 1 - 0.025 ** (1 / count)
    low, high = intervals(np.full((count, 1), 0.37), np.array([lowest]))
    assert (low[0], high[0]) == pytest.approx((0.37 - room * (0.37 - lowest), 0.37 + room * 0.63))
    mixed = [0.37 * (1 - room) + room * bound for bound in (lowest, 1.0)]  # the worst and the best that fit
    assert (low[0], high[0]) == pytest.approx(mixed)


def test_differences_that_only_rounding_tells_apart_are_the_same():
    differences = np.array([[0.8 - 0.7], [0.3 - 0.2]])
    assert differences[0, 0] != differences[1, 0]
    low, high = intervals(differences, np.array([-1.0]))
    assert high[0] - low[0] > 1


def test_ten_thousand_questions_and_eight_columns_stay_flat_in_memory(random):
    values = (random.random((10_000, 8)) < 0.5).astype(float)
    tracemalloc.start()
    list(resampled_means(values, 0, 1_200))
    random_flips(values[:, 1:] - values[:, :1], flips=1_200)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 250e6


def test_power_is_reached_with_the_questions_it_asks_for(random):
    seen = np.repeat([1.0, -1.0, 0.0], [18, 12, 70])  # 6 points better on 100 questions, p = .36
    more = more_questions(seen)
    assert 350 < more < 1000
    drawn = random.choice(seen, (100 + more, 400))
    won = np.mean([test.p <= 0.05 for test in paired_tests((drawn > 0) * 1.0, (drawn < 0) * 1.0)])
    assert 0.73 < won < 0.86


def test_power_knows_what_is_hopeless_and_what_is_known():
    assert more_questions(np.zeros(50)) is None
    assert more_questions(np.array([])) is None
    assert more_questions(np.array([1.0, -1.0] * 5000 + [1.0])) is None
    assert more_questions(np.array([1.0, 1.0, 1.0, np.nan])) >= 1
    seen = np.repeat([1.0, -1.0, 0.0], [18, 12, 70])
    assert more_questions(seen, level=0.05 / 28) > more_questions(seen)


def test_spread_between_questions_and_between_repeats_are_told_apart(random):
    values = random.normal(0, 2.0, (3000, 1)) + random.normal(0, 0.5, (3000, 4))
    found = spread(values)
    assert (found.between_questions, found.between_repeats) == pytest.approx((2.0, 0.5), rel=0.05)
    assert found.means == pytest.approx(values.mean(axis=0))
    holed = values.copy()
    holed[::3, 3] = np.nan
    assert spread(holed).between_questions == pytest.approx(2.0, rel=0.05)


def test_spread_is_statsmodels_mean_squares(random):
    values = random.normal(0, 1, (12, 1)) + random.normal(0, 1, (12, 3))
    f_ratio = stats.f_oneway(*values).statistic
    found = spread(values)
    between = 3 * found.between_questions**2 + found.between_repeats**2
    assert between / found.between_repeats**2 == pytest.approx(f_ratio)


def test_without_repeats_there_is_no_spread_between_them():
    assert spread(np.ones((10, 1))) is None
    assert spread(np.array([[0.0, 1.0]])) is None
    same = spread(np.array([[0.0, 0.0], [1.0, 1.0], [1.0, 1.0]]))
    assert (same.between_repeats, same.changed) == (0.0, 0.0)

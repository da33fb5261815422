"""Simulated experiments: no winner where there is none, and a difference is found where there is one."""

import numpy as np
import pytest
from scipy.stats import binom

from benchmarks._simulated import (
    answered,
    correlation,
    covered,
    false_winners,
    false_winners_in_grid,
    found,
)


@pytest.fixture
def random():
    return np.random.default_rng(12)


@pytest.mark.parametrize("binary", [True, False])
def test_two_identical_columns_have_no_winner(random, binary):
    share = false_winners(random, times=1000, questions=100, binary=binary)
    by_chance = binom.ppf(0.95, 1000, 0.05) / 1000  # the permutation test uses its whole level
    assert share <= (0.05 if binary else by_chance)


def test_a_ten_point_difference_is_found_with_400_questions(random):
    assert 0.2 < correlation(random, [0.45, 0.55], share=0.6) < 0.4
    assert found(random, times=300, questions=400, difference=0.1, share=0.6) >= 0.8


def test_intervals_hold_the_truth(random):
    samples = answered(random, 60, [0.3] * 600, 0.0)
    assert 0.93 <= covered(samples, 0.3, 0.0) <= 0.985


def test_a_small_grid_of_equal_columns(random):
    assert false_winners_in_grid(random, times=40, questions=60, columns=5) <= 0.1


@pytest.mark.slow
def test_a_grid_of_eight_equal_columns_names_no_winner(random):
    assert false_winners_in_grid(random, times=1000, questions=100) <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize("questions", [20, 50, 200])
def test_intervals_of_graded_scores_hold_the_truth(random, questions):
    level = random.beta(1.5, 2, (questions, 2000))
    samples = np.where(random.random(level.shape) < 0.4, 0.0, level)
    assert 0.93 <= covered(samples, 0.6 * 1.5 / 3.5, 0.0) <= 0.975

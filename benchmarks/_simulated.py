"""Simulated experiments: what the statistics say where the truth is known (benchmarks.statistics prints it).

Every function returns shares of `times` simulated experiments.
"""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from chains.compare.statistics.bootstrap import intervals, resampled_means
from chains.compare.statistics.holm import LEVEL, holm
from chains.compare.statistics.paired import paired_tests
from chains.compare.statistics.sequential import fair_coin

Array = NDArray[np.float64]


def answered(random: np.random.Generator, questions: int, rates: list[float], share: float) -> Array:
    """Right and wrong answers (questions × columns) of columns with these accuracies.

    A question is answered from one common draw of luck with probability `share`, else from the column's own:
    two columns of the same accuracy then correlate by about `share` squared.
    """
    common = random.random((questions, 1))
    own = random.random((questions, len(rates)))
    luck = np.where(random.random(own.shape) < share, common, own)
    return (luck < np.array(rates)).astype(float)


def graded(random: np.random.Generator, questions: int, columns: int) -> Array:
    """Scores like token F1, for columns that are equally good: heaps at 0 and 1, anything between."""
    level = random.beta(0.6, 0.6, (questions, 1))
    return np.clip(np.round(level + random.normal(0, 0.3, (questions, columns)), 2), 0, 1)


def false_winners(random: np.random.Generator, times: int, questions: int, binary: bool) -> float:
    """How often two columns that are the same get a winner."""
    pairs = [
        answered(random, questions, [0.5, 0.5], 0.7) if binary else graded(random, questions, 2)
        for _ in range(times)
    ]
    return share_below(np.stack([one[:, 0] for one in pairs], 1), np.stack([one[:, 1] for one in pairs], 1))


def false_winners_in_grid(random: np.random.Generator, times: int, questions: int, columns: int = 8) -> float:
    """How often a grid of equal columns, on a binary and a graded score, names any winner."""
    wrong = 0
    for seed in range(times):
        right = answered(random, questions, [0.5] * columns, 0.7)
        scores = graded(random, questions, columns)
        first, second = zip(*combinations(range(columns), 2), strict=True)
        a = np.concatenate([right[:, first], scores[:, first]], axis=1)
        b = np.concatenate([right[:, second], scores[:, second]], axis=1)
        p_values = holm([test.p for test in paired_tests(a, b, seed, flips=20_000)])
        wrong += min(p_values) <= LEVEL
    return wrong / times


def found(random: np.random.Generator, times: int, questions: int, difference: float, share: float) -> float:
    """How often a true difference between two columns of right and wrong answers is found."""
    rates = [0.5 - difference / 2, 0.5 + difference / 2]
    pairs = [answered(random, questions, rates, share) for _ in range(times)]
    return share_below(np.stack([one[:, 0] for one in pairs], 1), np.stack([one[:, 1] for one in pairs], 1))


def ever_preferred(random: np.random.Generator, times: int, votes: int, rate: float) -> float:
    """How often one of two ways, chosen at this rate, is at some vote preferred to the other."""
    wins = np.cumsum(random.random((times, votes)) < rate, axis=1)
    values = [[fair_coin(won, count - won) for won in range(count + 1)] for count in range(1, votes + 1)]
    below = np.zeros(times, bool)
    for at, of_count in enumerate(values):
        below |= np.array(of_count)[wins[:, at]] <= LEVEL
    return float(np.mean(below))


def covered(samples: Array, truth: float, lowest: float, resamples: int = 2_000) -> float:
    """How often the interval of a sample (a column of `samples`) holds the true mean."""
    held = []
    for seed, some in enumerate(_batches(samples)):
        low, high = intervals(some, np.full(some.shape[1], lowest), seed, resamples)
        held.append((low - 1e-9 <= truth) & (truth <= high + 1e-9))
    return float(np.mean(np.concatenate(held)))


def covered_by_percentiles(samples: Array, truth: float, resamples: int = 2_000) -> float:
    """The same for the plain percentile bootstrap."""
    held = []
    for seed, some in enumerate(_batches(samples)):
        means = np.concatenate(list(resampled_means(some, seed, resamples)))
        low, high = np.quantile(means, (0.025, 0.975), axis=0)
        held.append((low - 1e-9 <= truth) & (truth <= high + 1e-9))
    return float(np.mean(np.concatenate(held)))


def correlation(random: np.random.Generator, rates: list[float], share: float) -> float:
    """Of two columns' answers, on a great many questions."""
    first, second = answered(random, 200_000, rates, share).T
    return float(np.mean((first - first.mean()) * (second - second.mean())) / (first.std() * second.std()))


def share_below(a: Array, b: Array) -> float:
    """The share of pairs (columns of a and b) with a verdict at the level."""
    p_values = [
        test.p
        for seed, (first, second) in enumerate(zip(_batches(a), _batches(b), strict=True))
        for test in paired_tests(first, second, seed, flips=5_000)
    ]
    return float(np.mean(np.array(p_values) <= LEVEL))


def _batches(samples: Array) -> list[Array]:
    """Experiments that share their random draws are not independent: only a few do."""
    return np.array_split(samples, max(1, samples.shape[1] // 5), axis=1)

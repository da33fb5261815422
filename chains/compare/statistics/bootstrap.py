"""Intervals by resampling questions: for every mean, and for every paired difference.

All columns are resampled with the same draws, so that a difference keeps what its two columns have in common.
The interval is the percentile bootstrap's with Hesterberg's correction for narrowness: a resample of n
questions varies by a factor (n − 1)/n too little and knows nothing of Student's t, so the quantiles are taken
further out. (T. Hesterberg, What Teachers Should Know About the Bootstrap, 2015, section 5.3,
https://arxiv.org/abs/1411.5279.) benchmarks/statistics.py measures the coverage, also of the alternatives.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95
RESAMPLES = 10_000
SLICE_NUMBERS = 4_000_000
"""How many numbers a slice of the resampling may hold: 32 MB, whatever the number of questions."""
ROUNDING = 1e-9
"""Differences that are the same differ by less: .8 − .7 is not quite .3 − .2."""

Array = NDArray[np.float64]


def intervals(
    values: Array,
    lowest: Array,
    seed: int = 0,
    resamples: int = RESAMPLES,
    confidence: float = CONFIDENCE,
) -> tuple[Array, Array]:
    """(low, high) of the mean of each column of `values` (questions × columns, NaN = does not apply).

    `lowest` is the least value of each column: 0 for scores in 0..1, −1 for their differences, NaN for what
    has no such bounds. The same seed gives the same bytes. A column without a value gives NaN; one whose
    values are all the same is answered by `limits_without_spread`: resampling would claim to be certain.
    """
    if not values.shape[1]:
        return np.empty(0), np.empty(0)
    means = np.concatenate(list(resampled_means(values, seed, resamples)))
    low, high = np.full(values.shape[1], np.nan), np.full(values.shape[1], np.nan)
    for column in range(values.shape[1]):
        known = values[~np.isnan(values[:, column]), column]
        if not known.size:
            continue
        if np.ptp(known) < ROUNDING:
            low[column], high[column] = limits_without_spread(
                float(known[0]), known.size, float(lowest[column]), confidence
            )
            continue
        tail = _expanded_tail(known.size, confidence)
        drawn = means[:, column]
        low[column], high[column] = np.quantile(drawn[~np.isnan(drawn)], (tail, 1 - tail))
    return low, high


def resampled_means(values: Array, seed: int = 0, resamples: int = RESAMPLES) -> Iterator[Array]:
    """The columns' means over resampled questions, in slices (some resamples × columns) of bounded memory.

    How often each question was drawn is counted, and the sums are one product of matrices. NaN where a
    resample holds no question of a column.
    """
    questions = values.shape[0]
    if not questions:
        yield np.full((resamples, values.shape[1]), np.nan)
        return
    random = np.random.default_rng(seed)
    known = ~np.isnan(values)
    filled = np.where(known, values, 0.0)
    complete = bool(known.all())
    rows = max(1, SLICE_NUMBERS // questions)
    for start in range(0, resamples, rows):
        counts = _counts(random, min(rows, resamples - start), questions)
        sums = counts @ filled
        drawn = np.full_like(sums, questions) if complete else counts @ known.astype(float)
        yield np.divide(sums, drawn, out=np.full_like(sums, np.nan), where=drawn > 0)


def limits_without_spread(
    value: float, count: int, lowest: float, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """What is known when all `count` values are the same; `lowest` is the least they could have been.

    The exact binomial limit: n questions without an exception leave room for a share of 1 − (α/2)^(1/n) of
    them (Clopper and Pearson, 1934), each as far away as it can be, at `lowest` or at 1. What has no bounds,
    a length for example, says nothing about what an exception would look like: it stays a point.
    """
    room = 1 - ((1 - confidence) / 2) ** (1 / count)
    if np.isnan(lowest):
        return value, value
    return value - room * (value - lowest), value + room * (1 - value)


def _counts(random: np.random.Generator, rows: int, questions: int) -> Array:
    draws = random.integers(0, questions, size=(rows, questions), dtype=np.int32)
    flat = (draws + np.arange(rows, dtype=np.int64)[:, None] * questions).ravel()
    return np.bincount(flat, minlength=rows * questions).reshape(rows, questions).astype(float)


def _expanded_tail(count: int, confidence: float) -> float:
    """The tail to cut off instead of (1 − confidence)/2, for `count` questions."""
    from scipy.stats import norm, t

    if count < 2:
        return (1 - confidence) / 2
    reach = t.ppf((1 + confidence) / 2, count - 1) * np.sqrt(count / (count - 1))
    return float(norm.cdf(-reach))

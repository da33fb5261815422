"""Every pair of columns on every metric: the difference, its interval, the test, the verdict, the bands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from chains.compare.metrics import Metric
from chains.compare.rounding import rounded, rounded_p
from chains.compare.statistics.bands import bands
from chains.compare.statistics.bootstrap import intervals
from chains.compare.statistics.holm import LEVEL, holm
from chains.compare.statistics.paired import FLIPS, PairedTest, paired_tests
from chains.compare.statistics.power import more_questions

Verdict = Literal["a", "b", "no detectable difference"]
NO_DIFFERENCE: Verdict = "no detectable difference"
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Means:
    """The scores of a grid: `values[metric]` is questions × columns, each the mean over the repeats."""

    columns: tuple[str, ...]
    metrics: Mapping[str, Metric]
    values: Mapping[str, Array]


@dataclass(frozen=True)
class Pair:
    """Two columns, by their places, on one metric."""

    metric: str
    a: int
    b: int


def score_intervals(means: Means, seed: int = 0) -> dict[str, list[dict[str, Any]]]:
    """By metric, for each column: {mean, low, high, n}, n being the questions the metric applies to."""
    found = {}
    for key, values in means.values.items():
        lowest = 0.0 if means.metrics[key].unit is None else np.nan
        low, high = intervals(values, np.full(values.shape[1], lowest), seed)
        found[key] = [summary(values[:, at], low[at], high[at]) for at in range(values.shape[1])]
    return found


def summary(values: Array, low: float, high: float) -> dict[str, Any]:
    """The mean of what is known of one column, with its interval."""
    known = values[~np.isnan(values)]
    mean = float(known.mean()) if known.size else None
    return {"mean": rounded(mean), "low": rounded(low), "high": rounded(high), "n": int(known.size)}


def compared(means: Means, seed: int = 0) -> list[dict[str, Any]]:
    """The `pairs` of a results file: all pairs on all metrics that have a better side, one family for Holm.

    `difference` is a − b. `verdict` is "a" or "b", the better one, where p_holm is at most LEVEL.
    `more_questions` is how many more would settle an open pair at the level it has to reach, None where that
    is hopeless or not needed.
    """
    family = comparable(means)
    if not family:
        return []
    tests = _tests(means, family, seed)
    p_holm = holm([test.p for test in tests])
    open_pairs = sum(p > LEVEL for p in p_holm)
    low, high = _intervals(means, family, seed)
    return [
        _entry(means, pair, test, p, (low[at], high[at]), LEVEL / max(open_pairs, 1))
        for at, (pair, test, p) in enumerate(zip(family, tests, p_holm, strict=True))
    ]


def comparable(means: Means) -> list[Pair]:
    """The family: pairs that have a question in common, on metrics of which one side is better."""
    return [
        Pair(key, a, b)
        for key, values in means.values.items()
        if means.metrics[key].better is not None
        for a, b in combinations(range(len(means.columns)), 2)
        if not np.isnan(values[:, a] - values[:, b]).all()
    ]


def all_bands(means: Means, pairs: Sequence[Mapping[str, Any]]) -> dict[str, list[list[str]]]:
    """By metric with a better side: the groups that cannot be told apart, best first."""
    found = {}
    for key, values in means.values.items():
        better = means.metrics[key].better
        if better is None:
            continue
        scored = [at for at in range(len(means.columns)) if not np.isnan(values[:, at]).all()]
        sign = 1 if better == "lower" else -1
        ordered = sorted(scored, key=lambda at: (sign * round(float(np.nanmean(values[:, at])), 9), at))
        parted = [
            (one["a"], one["b"]) for one in pairs if one["metric"] == key and one["verdict"] in ("a", "b")
        ]
        found[key] = bands([means.columns[at] for at in ordered], parted)
    return found


def _difference(means: Means, pair: Pair) -> Array:
    values = means.values[pair.metric]
    return values[:, pair.a] - values[:, pair.b]


def _tests(means: Means, family: list[Pair], seed: int) -> list[PairedTest]:
    """With enough random signs that the smallest p value survives the correction."""
    a = np.stack([means.values[pair.metric][:, pair.a] for pair in family], axis=1)
    b = np.stack([means.values[pair.metric][:, pair.b] for pair in family], axis=1)
    return paired_tests(a, b, seed, flips=max(FLIPS, round(10 * len(family) / LEVEL)))


def _intervals(means: Means, family: list[Pair], seed: int) -> tuple[Array, Array]:
    differences = np.stack([_difference(means, pair) for pair in family], axis=1)
    lowest = np.array([-1.0 if means.metrics[pair.metric].unit is None else np.nan for pair in family])
    return intervals(differences, lowest, seed)


def _entry(
    means: Means, pair: Pair, test: PairedTest, p_holm: float, interval: tuple[float, float], level: float
) -> dict[str, Any]:
    differences = _difference(means, pair)
    difference = float(np.nanmean(differences))
    decided = verdict(difference, p_holm, means.metrics[pair.metric])
    undecided = decided == NO_DIFFERENCE
    return {
        "a": means.columns[pair.a],
        "b": means.columns[pair.b],
        "metric": pair.metric,
        "difference": rounded(difference),
        "low": rounded(interval[0]),
        "high": rounded(interval[1]),
        "p": rounded_p(test.p),
        "p_holm": rounded_p(p_holm),
        "verdict": decided,
        "n": test.questions,
        "test": test.name,
        "more_questions": more_questions(differences, level) if undecided else None,
    }


def verdict(difference: float, p_holm: float, metric: Metric) -> Verdict:
    """Who is better, where it shows."""
    if p_holm > LEVEL or difference == 0:
        return NO_DIFFERENCE
    return "a" if (difference > 0) == (metric.better == "higher") else "b"

"""Whether two columns differ, on the same questions: two-sided p values.

Scores that are right or wrong are tested by McNemar's exact test (Q. McNemar, 1947): on the questions where
two columns differ, each is as likely to win as the other. All other scores by the paired permutation test
(E. J. G. Pitman, 1937): if the columns were the same, every question's difference could as well have the
other sign. All signs are tried where there are few enough, else random ones, counted with the observed one
among them (Phipson and Smyth, 2010), so that no p value is ever 0.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

Array = NDArray[np.float64]

FLIPS = 10_000
EXACT_UP_TO = 14
"""Differences with a sign that are all tried: 2^14 = 16,384."""
_SLICE_NUMBERS = 4_000_000
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class PairedTest:
    """The p value of one pair, how it was found ("mcnemar", "permutation"), and on how many questions."""

    p: float
    name: str
    questions: int


def paired_tests(a: Array, b: Array, seed: int = 0, flips: int = FLIPS) -> list[PairedTest]:
    """Each column of `a` against the same column of `b` (questions × pairs, NaN = does not apply).

    The same random signs serve all pairs. A pair without a common question has p = 1.
    """
    found: list[PairedTest | None] = []
    open_pairs: list[int] = []
    for pair in range(a.shape[1]):
        both = ~(np.isnan(a[:, pair]) | np.isnan(b[:, pair]))
        first, second = a[both, pair], b[both, pair]
        if is_binary(first) and is_binary(second):
            found.append(PairedTest(mcnemar(first, second), "mcnemar", int(both.sum())))
        elif np.count_nonzero(first - second) <= EXACT_UP_TO:
            found.append(PairedTest(all_flips(first - second), "permutation", int(both.sum())))
        else:
            found.append(None)
            open_pairs.append(pair)
    differences = np.nan_to_num(a[:, open_pairs] - b[:, open_pairs])
    values = iter(random_flips(differences, seed, flips))
    counted = np.count_nonzero(~np.isnan(a[:, open_pairs] - b[:, open_pairs]), axis=0)
    rest = iter([PairedTest(float(p), "permutation", int(n)) for p, n in zip(values, counted, strict=True)])
    return [one if one is not None else next(rest) for one in found]


def is_binary(values: Array) -> bool:
    """Whether every score is right (1) or wrong (0)."""
    return bool(np.all((values == 0) | (values == 1)))


def mcnemar(a: Array, b: Array) -> float:
    """The exact two-sided p value for scores of 0 and 1."""
    wins, losses = int(np.sum((a == 1) & (b == 0))), int(np.sum((a == 0) & (b == 1)))
    return float(binomtest(wins, wins + losses).pvalue) if wins + losses else 1.0


def all_flips(differences: Array) -> float:
    """The exact two-sided p value over all signs of the differences that have one (at most EXACT_UP_TO)."""
    signed = differences[differences != 0]
    if not signed.size:
        return 1.0
    bits = np.arange(2**signed.size)[:, None] >> np.arange(signed.size) & 1
    sums = np.abs((2.0 * bits - 1) @ signed)
    return float(np.mean(sums >= _reached(abs(signed.sum()))))


def random_flips(differences: Array, seed: int = 0, flips: int = FLIPS) -> Array:
    """The two-sided p value of each column of `differences` (questions × pairs), by `flips` random signs."""
    questions, pairs = differences.shape
    if not pairs:
        return np.empty(0)
    random = np.random.default_rng(seed)
    reached = np.array([_reached(one) for one in np.abs(differences.sum(axis=0))])
    as_far = np.zeros(pairs)
    rows = max(1, _SLICE_NUMBERS // max(questions, 1))
    for start in range(0, flips, rows):
        count = min(rows, flips - start)
        bits = np.unpackbits(
            np.frombuffer(random.bytes(count * ((questions + 7) // 8)), np.uint8).reshape(count, -1),
            axis=1,
            count=questions,
        )
        # Σ ±d = 2 Σ d over the ones − Σ d
        sums = 2 * (bits.astype(float) @ differences) - differences.sum(axis=0)
        as_far += np.count_nonzero(np.abs(sums) >= reached, axis=0)
    return (as_far + 1) / (flips + 1)


def _reached(observed: float) -> float:
    """Sums that are equal on paper count as equal, whatever the order they were added in."""
    return float(observed * (1 - _TOLERANCE))

"""With repeats: how much of the spread lies between questions, and how much between repeats of the same one.

The variance components of a one-way random-effects model, by the method of moments, for unequal numbers of
repeats too (S. R. Searle, G. Casella, C. E. McCulloch, Variance Components, 1992, chapter 3).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Spread:
    """Standard deviations of one column's score: of the questions' own means, and of the repeats around them.

    `changed` is the share of questions whose score was not the same in all repeats; `means` the column's mean
    in each repeat.
    """

    between_questions: float
    between_repeats: float
    changed: float
    means: tuple[float, ...]


def spread(values: NDArray[np.float64]) -> Spread | None:
    """Of one column (questions × repeats, NaN = does not apply); None without two questions with repeats."""
    known = ~np.isnan(values)
    counts = known.sum(axis=1)
    rows = values[counts >= 1]
    counts = counts[counts >= 1]
    total, questions = int(counts.sum()), len(counts)
    if questions < 2 or total <= questions:
        return None
    own = np.nanmean(rows, axis=1)
    within = float(np.nansum((rows - own[:, None]) ** 2) / (total - questions))
    overall = float(np.nansum(rows) / total)
    between = float(np.sum(counts * (own - overall) ** 2) / (questions - 1))
    size = (total - float(np.sum(counts**2)) / total) / (questions - 1)
    repeated = rows[counts >= 2]
    changed = np.nanmax(repeated, axis=1) != np.nanmin(repeated, axis=1)
    each = [values[known[:, repeat], repeat] for repeat in range(values.shape[1])]
    return Spread(
        between_questions=float(np.sqrt(max(0.0, (between - within) / size))),
        between_repeats=float(np.sqrt(within)),
        changed=float(changed.mean()),
        means=tuple(float(one.mean()) if one.size else float("nan") for one in each),
    )

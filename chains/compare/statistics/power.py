"""How many more questions would settle a pair."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from chains.compare.statistics.holm import LEVEL

POWER = 0.8
MOST = 100_000
"""Beyond this many questions a pair counts as one that no set will settle."""


def more_questions(
    differences: NDArray[np.float64], level: float = LEVEL, power: float = POWER, most: int = MOST
) -> int | None:
    """How many questions to add for a verdict with that power and level, if the difference is as observed.

    None where the observed difference is 0, or where more than `most` would be needed. The sign flips'
    null distribution has the differences' mean square d² + s² as its variance, the truth has s² (for right
    or wrong answers this is R. J. Connor's sample size for McNemar's test, Biometrics, 1987).
    """
    known = differences[~np.isnan(differences)]
    mean, spread = (float(known.mean()), float(known.std())) if known.size else (0.0, 0.0)
    if abs(mean) < 1e-12:
        return None
    reach = norm.isf(level / 2) * math.hypot(mean, spread) + norm.ppf(power) * spread
    needed = math.ceil((reach / mean) ** 2) - known.size
    return max(1, needed) if needed <= most else None

"""How far a judge agrees with exact match: the share of answers, and Cohen's kappa, which takes chance out.

Cohen, "A Coefficient of Agreement for Nominal Scales" (1960), https://doi.org/10.1177/001316446002000104
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RIGHT = 0.75
"""From this score on (4 of 5 points) the judge calls an answer right."""


@dataclass(frozen=True)
class Agreement:
    """Of the `n` answers that both have a value for, the `share` on which they agree. `kappa` is 1 where they
    always do, 0 where as often as by chance; None where chance explains everything: both always say the
    same one thing."""

    n: int
    share: float
    kappa: float | None


def agreement(judged: NDArray[np.float64], exact: NDArray[np.float64]) -> Agreement | None:
    """Of two arrays of scores in one shape, NaN where there is none. None without a common answer."""
    both = ~(np.isnan(judged) | np.isnan(exact))
    n = int(both.sum())
    if not n:
        return None
    said, right = judged[both] >= RIGHT, exact[both] >= 1.0
    share = float((said == right).mean())
    chance = float(said.mean() * right.mean() + (1 - said.mean()) * (1 - right.mean()))
    kappa = None if math.isclose(chance, 1.0) else (share - chance) / (1 - chance)
    return Agreement(n, share, kappa)

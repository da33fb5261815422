"""Numbers as a results file holds them: the same bytes wherever sums were added in another order."""

import math

DIGITS = 6


def rounded(value: float | None) -> float | None:
    """To six decimals; None for what is not a number (JSON has no NaN)."""
    return None if value is None or not math.isfinite(value) else round(float(value), DIGITS) + 0.0


def rounded_p(value: float) -> float:
    """To six significant digits: a small p value stays one."""
    return float(f"{value:.{DIGITS}g}")

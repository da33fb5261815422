"""Numbers as a person reads them: shares as points of 100, p values without a leading zero."""

from typing import Any

MINUS = "−"


def value(number: float | None, unit: str | None = None, signed: bool = False) -> str:
    """A mean: 0.663 -> 66.3; with a unit as it is. A dash where there is none."""
    if number is None:
        return "–"
    text = f"{abs(number) * 100:.1f}" if unit is None else amount(abs(number))
    zero = not text.strip("0.")
    sign = "" if zero else MINUS if number < 0 else "+" if signed else ""
    return sign + text


def amount(number: float | None) -> str:
    """Three figures: 0.0412, 4.12, 412, 4,120."""
    if number is None:
        return "–"
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.3g}"


def range_of(score: dict[str, Any], unit: str | None = None) -> str:
    """The interval, "57.5–74.2"."""
    if score["low"] is None:
        return "–"
    return f"{value(score['low'], unit)}–{value(score['high'], unit)}"


def p_value(p: float) -> str:
    """ "p = .012", "p < .001"."""
    text = "p < .001" if p < 0.001 else "p = 1" if p > 0.9995 else f"p = {p:.3f}".replace("0.", ".")
    return text.replace(" ", "\u00a0")


def about(count: int) -> str:
    """Two figures: 387 -> 390."""
    step = 10 ** max(0, len(str(count)) - 2)
    return f"{round(count / step) * step:,}"


def memory(size: int | None) -> str:
    """Megabytes or gigabytes."""
    if size is None:
        return "–"
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"

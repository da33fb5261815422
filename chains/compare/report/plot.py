"""Score against cost: the coordinates of a plot that the template draws as SVG."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from chains.compare.report.numbers import amount, value
from chains.compare.results import cost_per_answer

WIDTH, HEIGHT = 460, 330
LEFT, RIGHT, TOP, BOTTOM = 44, 18, 16, 34
_LETTER, _LINE = 6.4, 14


class Point(NamedTuple):
    """A column: its dot, its interval, where its name stands (`anchor` as SVG has it)."""

    name: str
    x: float
    y: float
    low: float
    high: float
    on_front: bool
    label_x: float
    label_y: float
    anchor: str
    tip: str


class Plot(NamedTuple):
    """Points, the front as an SVG path, and the ticks (position, text) of both axes."""

    points: list[Point]
    front: str
    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]


Box = tuple[float, float, float, float]
_Label = tuple[float, float, str]


def plot(results: Mapping[str, Any], metric: str, cost: str) -> Plot | None:
    """None where fewer than two columns have both a score and a cost."""
    unit = "unit" if results["metrics"][metric]["unit"] else None
    shown = [
        (one["name"], cost_per_answer(one, cost), one["scores"][metric])
        for one in results["columns"]
        if one["scores"][metric]["mean"] is not None and (cost_per_answer(one, cost) or 0) > 0
    ]
    if len(shown) < 2:
        return None
    across = _scale([at for _, at, _ in shown if at is not None])
    up = _heights([(one["low"], one["high"]) for _, _, one in shown])
    front = set(results["pareto"].get(cost, []))
    dots = [
        (name, across.place(at), up.place(one["mean"]), up.place(one["low"]), up.place(one["high"]))
        for name, at, one in shown
        if at is not None
    ]
    corners = _front([(x, y) for name, x, y, _, _ in dots if name in front])
    whiskers = [(x - 1, high, x + 1, low) for _, x, _, low, high in dots]
    labels = _labels([(name, x, y) for name, x, y, _, _ in dots], [*whiskers, *_thin(corners)])
    tips = {name: f"{name}: {value(one['mean'], unit)} · {amount(at)}" for name, at, one in shown}
    points = [
        Point(name, x, y, low, high, name in front, *labels[name], tip=tips[name])
        for name, x, y, low, high in dots
    ]
    return Plot(
        points,
        " ".join(f"{'L' if at else 'M'}{x} {y}" for at, (x, y) in enumerate(corners)),
        [(across.place(at), amount(at)) for at in across.ticks],
        [(up.place(at), value(at, unit).removesuffix(".0")) for at in up.ticks],
    )


class _Axis(NamedTuple):
    low: float
    high: float
    start: float
    end: float
    ticks: list[float]
    log: bool = False

    def place(self, at: float) -> float:
        low, high, here = (
            (math.log(self.low), math.log(self.high), math.log(at)) if self.log else (self.low, self.high, at)
        )
        return round(self.start + (self.end - self.start) * (here - low) / (high - low), 1)


def _scale(costs: Sequence[float]) -> _Axis:
    """From 0, or by factors where the dearest costs more than eight times the cheapest."""
    low, high = min(costs), max(costs)
    if high > 8 * low:
        marks = [base * 10.0**power for power in range(-9, 13) for base in (1, 2, 5)]
        ends = low / 1.3, high * 1.5
        ticks = [at for at in marks if ends[0] <= at <= ends[1]]
        kept = ticks if len(ticks) <= 7 else [at for at in ticks if f"{at:e}".startswith("1")]
        return _Axis(*ends, LEFT, WIDTH - RIGHT, kept, log=True)
    return _Axis(0, high * 1.18, LEFT, WIDTH - RIGHT, _round_ticks(0, high * 1.18))


def _heights(ranges: Sequence[tuple[float, float]]) -> _Axis:
    low, high = min(one for one, _ in ranges), max(one for _, one in ranges)
    room = (high - low or abs(high) or 1) * 0.08
    low, high = low - room, high + room
    return _Axis(low, high, HEIGHT - BOTTOM, TOP, _round_ticks(low, high))


def _round_ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    raw = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(base * power for base in (1, 2, 2.5, 5, 10) if base * power >= raw)
    first = math.ceil(low / step)
    return [round(at * step, 10) for at in range(first, math.floor(high / step) + 1)]


def _front(dots: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The corners of the stairs: at a given cost, the best score to be had."""
    ordered = sorted(dots, key=lambda dot: (dot[0], -dot[1]))
    corners = ordered[:1]
    for x, y in ordered[1:]:
        corners += [(x, corners[-1][1]), (x, y)]
    return [*corners, (WIDTH - RIGHT, corners[-1][1])] if corners else []


def _labels(dots: Sequence[tuple[str, float, float]], lines: Sequence[Box]) -> dict[str, _Label]:
    """Beside its dot where there is room, else further up or down: no name covers another, or a line."""
    taken = [*lines, *((x - 5, y - 5, x + 5, y + 5) for _, x, y in dots)]
    found = {}
    for name, x, y in sorted(dots, key=lambda dot: dot[2]):
        width = sum(_LETTER if ord(letter) < 0x1100 else 2 * _LETTER for letter in shortened(name))
        places: list[_Label] = [
            (x + side * 9, y + down, "start" if side > 0 else "end")
            for down in (4, -6, 15, -13, 22, -20, 29, -34, 43)
            for side in (1, -1)
        ]
        chosen = next((one for one in places if _fits(_box(one, width), taken)), places[0])
        taken.append(_box(chosen, width))
        found[name] = (round(chosen[0], 1), round(chosen[1], 1), chosen[2])
    return found


def _thin(corners: Sequence[tuple[float, float]]) -> list[Box]:
    """The lines between the corners, as boxes."""
    return [
        (min(x, to_x) - 1, min(y, to_y) - 1, max(x, to_x) + 1, max(y, to_y) + 1)
        for (x, y), (to_x, to_y) in pairwise(corners)
    ]


def shortened(name: str, most: int = 22) -> str:
    """A name as the plot has room for it."""
    return name if len(name) <= most else name[: most - 1] + "…"


def _box(place: _Label, width: float) -> Box:
    x, y, anchor = place
    left = x if anchor == "start" else x - width
    return left, y - _LINE + 3, left + width, y + 3


def _fits(box: Box, taken: Sequence[Box]) -> bool:
    inside = box[0] >= LEFT + 2 and box[2] <= WIDTH - 2 and box[1] >= 2 and box[3] <= HEIGHT - BOTTOM
    free = all(box[2] < one[0] or one[2] < box[0] or box[3] < one[1] or one[3] < box[1] for one in taken)
    return inside and free

"""What a column cost, from its cells."""

from array import array
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from chains.compare.cell import Cell
from chains.compare.rounding import rounded

COUNTED = ("prompt_tokens", "completion_tokens", "seconds", "calls")


def costs(cells: Iterable[Cell]) -> dict[str, dict[str, Any]]:
    """By column: the sums over its answers, `peak_memory_bytes` (the highest, None: not measured), `calls` of
    the model, `answers`, how many of them `failed` (and of those are `unanswered`, for a reason that may
    pass), how many were `cut_off` at the limit of new tokens, and `per_answer`, the means over those that did
    not fail (None without one)."""
    by_column: dict[str, Cost] = defaultdict(Cost)
    for cell in cells:
        by_column[cell.column].add(cell)
    return {name: own.told() for name, own in by_column.items()}


@dataclass
class _Sums:
    """Of some answers: none is held for it."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    calls: int = 0
    seconds: "array[float]" = field(default_factory=lambda: array("d"))

    def add(self, cell: Cell) -> None:
        self.prompt_tokens += cell.prompt_tokens
        self.completion_tokens += cell.completion_tokens
        self.calls += sum(1 for one in cell.generations if one.messages)
        self.seconds.append(cell.seconds)

    def each(self) -> dict[str, float | None]:
        """The means."""
        count = len(self.seconds)
        sums = {key: sum(self.seconds) if key == "seconds" else getattr(self, key) for key in COUNTED}
        return {key: rounded(one / count) if count else None for key, one in sums.items()}


@dataclass
class Cost:
    """What the answers of one column took, those that failed among them."""

    total: _Sums = field(default_factory=_Sums)
    answered: _Sums = field(default_factory=_Sums)
    unanswered: int = 0
    cut_off: int = 0
    peak: int | None = None

    def add(self, cell: Cell) -> None:
        """Takes an answer in."""
        self.total.add(cell)
        if cell.error is None:
            self.answered.add(cell)
            self.cut_off += cell.finish_reason == "length"
        self.unanswered += cell.passing
        if cell.peak_memory_bytes is not None:
            self.peak = max(self.peak or 0, cell.peak_memory_bytes)

    def told(self) -> dict[str, Any]:
        """As the results have it."""
        answers = len(self.total.seconds)
        return {
            "prompt_tokens": self.total.prompt_tokens,
            "completion_tokens": self.total.completion_tokens,
            "seconds": rounded(sum(self.total.seconds)),
            "peak_memory_bytes": self.peak,
            "calls": self.total.calls,
            "answers": answers,
            "failed": answers - len(self.answered.seconds),
            "unanswered": self.unanswered,
            "cut_off": self.cut_off,
            "per_answer": self.answered.each(),
        }

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
    the model, `answers` and how many `failed`, and `per_answer`, the means."""
    by_column: dict[str, Cost] = defaultdict(Cost)
    for cell in cells:
        by_column[cell.column].add(cell)
    return {name: own.told() for name, own in by_column.items()}


@dataclass
class Cost:
    """The sums over the answers of one column: no answer is held for it."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    calls: int = 0
    failed: int = 0
    peak: int | None = None
    seconds: "array[float]" = field(default_factory=lambda: array("d"))

    def add(self, cell: Cell) -> None:
        """Takes an answer in."""
        self.prompt_tokens += cell.prompt_tokens
        self.completion_tokens += cell.completion_tokens
        self.calls += sum(1 for one in cell.generations if one.messages)
        self.failed += cell.error is not None
        if cell.peak_memory_bytes is not None:
            self.peak = max(self.peak or 0, cell.peak_memory_bytes)
        self.seconds.append(cell.seconds)

    def told(self) -> dict[str, Any]:
        """As the results have it."""
        answers = len(self.seconds)
        sums: dict[str, float] = {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "seconds": sum(self.seconds),
            "calls": self.calls,
        }
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "seconds": rounded(sums["seconds"]),
            "peak_memory_bytes": self.peak,
            "calls": self.calls,
            "answers": answers,
            "failed": self.failed,
            "per_answer": {key: rounded(sums[key] / answers) if answers else None for key in COUNTED},
        }

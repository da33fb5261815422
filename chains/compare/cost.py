"""What a column cost, from its cells."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from chains.compare.cell import Cell
from chains.compare.rounding import rounded

COUNTED = ("prompt_tokens", "completion_tokens", "seconds", "calls")


def costs(cells: Iterable[Cell]) -> dict[str, dict[str, Any]]:
    """By column: the sums over its answers, `peak_memory_bytes` (the highest, None: not measured), `calls` of
    the model, `answers` and how many `failed`, and `per_answer`, the means."""
    by_column: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_column[cell.column].append(cell)
    return {name: cost(own) for name, own in by_column.items()}


def cost(cells: list[Cell]) -> dict[str, Any]:
    """Of the cells of one column."""
    peaks = [cell.peak_memory_bytes for cell in cells if cell.peak_memory_bytes is not None]
    sums: dict[str, float] = {
        "prompt_tokens": sum(cell.prompt_tokens for cell in cells),
        "completion_tokens": sum(cell.completion_tokens for cell in cells),
        "seconds": sum(cell.seconds for cell in cells),
        "calls": sum(sum(1 for one in cell.generations if one.messages) for cell in cells),
    }
    return {
        "prompt_tokens": sums["prompt_tokens"],
        "completion_tokens": sums["completion_tokens"],
        "seconds": rounded(sums["seconds"]),
        "peak_memory_bytes": max(peaks, default=None),
        "calls": sums["calls"],
        "answers": len(cells),
        "failed": sum(cell.error is not None for cell in cells),
        "per_answer": {key: rounded(sums[key] / len(cells)) if cells else None for key in COUNTED},
    }

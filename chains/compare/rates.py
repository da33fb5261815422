"""How fast each model worked in the comparisons of this machine: what the next one's estimate goes by."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from adapters.spec import ModelSpec
from chains.compare.cell import Cell
from chains.compare.experiment import Experiment
from chains.kept_files import write_whole

FILE = "rates.json"
FEW = 4
"""So many answers tell nothing of a rate."""

WRITING = 3.0
"""Writing a token in a full batch takes about as long as reading three (OpenVINO in 8 bits on two cores:
3,300 read and 1,110 written a second); only the sum's rate is measured."""

Rates = Mapping[str, float]
"""Work per second by `rate_key`: tokens read, and WRITING times the tokens written."""


def rate_key(spec: ModelSpec) -> str:
    """Under which name a model's rate is noted."""
    return f"{spec.id} {spec.precision}"


def work(prompt_tokens: int, completion_tokens: int) -> float:
    """What a rate counts, by the second."""
    return prompt_tokens + WRITING * completion_tokens


def read_rates(folder: Path) -> dict[str, float]:
    """What earlier runs measured here; nothing where the file is missing or damaged."""
    try:
        read = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return {str(key): float(rate) for key, rate in read.items() if float(rate) > 0}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def note_rates(folder: Path, experiment: Experiment, cells: Iterable[Cell]) -> None:
    """Notes how fast the answers of a run came; too few tell nothing and are left out."""
    specs = {column.name: column.spec for column in experiment.columns}
    rates = read_rates(folder)
    timed: dict[str, tuple[int, float, float]] = {}
    for cell in cells:
        if cell.seconds > 0 and cell.column in specs:
            key = rate_key(specs[cell.column])
            count, done, seconds = timed.get(key, (0, 0.0, 0.0))
            done += work(cell.prompt_tokens, cell.completion_tokens)
            timed[key] = count + 1, done, seconds + cell.seconds - cell.beside_s
    for key, (count, done, seconds) in timed.items():
        if count > FEW and seconds > 0:
            rates[key] = done / seconds
    write_whole(folder / FILE, json.dumps(rates))

"""What a metric may need beside the answer: an embedder, a judge's verdicts. Handed in, so that chains stays
free of models."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from adapters.spec import Text
from chains.compare.cell import Cell

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Script = Literal["latin", "all"]
"""What an embedder reads: text in Latin letters, or any."""

Embed = Callable[[Sequence[str]], "NDArray[np.float32]"]
"""Texts -> one row a text, each of length 1."""

Place = tuple[str, str, int]
"""Where an answer stands in the grid: its column, its question's id, its repeat."""


@dataclass(frozen=True)
class Verdict:
    """What a judge said of one answer: `score` in 0..1 (None: it could not be read), `raw` its own words.

    `error` says in both languages why there is none.
    """

    score: float | None
    raw: str = ""
    error: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Tools:
    """`embed` and the `script` its embedder reads ("latin" or "all"); `verdicts` of the judge, by place;
    `unjudged` says why there are none."""

    embed: Embed | None = None
    script: Script = "all"
    verdicts: Mapping[Place, Verdict] = field(default_factory=dict)
    unjudged: Text | None = None


NO_TOOLS = Tools()


def place(cell: Cell) -> Place:
    """Where the answer stands in the grid."""
    return cell.column, cell.item, cell.repeat

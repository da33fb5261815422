"""What belongs to the places of a grid, on disk: a large comparison takes no more memory than a small one.

In memory is one number for every place (a question, a column, a repeat). The answers that are kept from run
to run are others' to replace or clear (chains/compare/kept.py); these are the ones of this run, to its end.
"""

import json
import zlib
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Generic, TypeVar

from chains.compare.cell import Cell
from chains.compare.cell_json import cell_from_json, cell_to_json
from chains.compare.experiment import Experiment
from chains.compare.pile import Pile
from chains.compare.tools import Place, Verdict, place

FASTEST = 1
Value = TypeVar("Value")


class Stored(Mapping[Place, Value], Generic[Value]):
    """A value for places of the experiment's grid, by column, question and repeat; other places have none.

    `written` makes a text of a value, `read` a value of its place and that text.
    """

    def __init__(
        self,
        experiment: Experiment,
        written: Callable[[Value], str],
        read: Callable[[Place, str], Value],
        folder: Path | None = None,
    ) -> None:
        self.folder = folder
        self._written, self._read = written, read
        self._columns = {one.name: at for at, one in enumerate(experiment.columns)}
        self._items = {one.id: at for at, one in enumerate(experiment.questions.items)}
        self._repeats = experiment.repeats
        self._numbers = array("q", [-1]) * (len(self._columns) * len(self._items) * self._repeats)
        self._count = 0
        self._pile = Pile(folder)

    def put(self, at: Place, value: Value) -> None:
        """Another value for a place takes the first one's; a place that is not in the grid is left aside."""
        cell = self._cell(at)
        if cell is not None:
            self._count += self._numbers[cell] < 0
            text = self._written(value).encode("utf-8", "surrogatepass")
            self._numbers[cell] = self._pile.add(zlib.compress(text, FASTEST))

    def __getitem__(self, at: Place) -> Value:
        cell = self._cell(at)
        if cell is None or self._numbers[cell] < 0:
            raise KeyError(at)
        content = zlib.decompress(self._pile.read(self._numbers[cell]))
        return self._read(at, content.decode("utf-8", "surrogatepass"))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Place]:
        places = (
            (name, id, repeat)
            for name in self._columns
            for id in self._items
            for repeat in range(self._repeats)
        )
        return (at for at in places if at in self)

    def __contains__(self, at: object) -> bool:
        cell = self._cell(at) if isinstance(at, tuple) else None
        return cell is not None and self._numbers[cell] >= 0

    def of_question(self, id: str) -> Iterator[Value]:
        """The values of one question, by column and repeat."""
        for name in self._columns:
            for repeat in range(self._repeats):
                if (name, id, repeat) in self:
                    yield self[name, id, repeat]

    def by_question(self) -> Iterator[Value]:
        """All values, by question, column and repeat."""
        for id in self._items:
            yield from self.of_question(id)

    def _cell(self, at: Place) -> int | None:
        column, item, repeat = self._columns.get(at[0]), self._items.get(at[1]), at[2]
        if column is None or item is None or not 0 <= repeat < self._repeats:
            return None
        return (column * len(self._items) + item) * self._repeats + repeat


class Cells(Collection[Cell]):
    """The answers of an experiment, by column, question and repeat; in memory is the one that is read."""

    def __init__(self, experiment: Experiment, folder: Path | None = None) -> None:
        self._stored = Stored(experiment, _cell_to_text, _cell_from_text, folder)

    @property
    def folder(self) -> Path | None:
        """Where they lie."""
        return self._stored.folder

    def add(self, cells: Iterable[Cell]) -> None:
        """Takes these in, each in its place; those of other columns or questions are left aside."""
        for cell in cells:
            self._stored.put(place(cell), cell)

    def __len__(self) -> int:
        return len(self._stored)

    def __iter__(self) -> Iterator[Cell]:
        return iter(self._stored.values())

    def __contains__(self, cell: object) -> bool:
        return isinstance(cell, Cell) and self._stored.get(place(cell)) == cell

    def of_question(self, id: str) -> Iterator[Cell]:
        """The answers to one question, by column and repeat."""
        return self._stored.of_question(id)

    def by_question(self) -> Iterator[Cell]:
        """All answers, by question, column and repeat."""
        return self._stored.by_question()


def stored_verdicts(experiment: Experiment, folder: Path | None = None) -> Stored[Verdict]:
    """Room for what a judge says of the experiment's answers."""
    return Stored(experiment, _verdict_to_text, _verdict_from_text, folder)


def gathered(experiment: Experiment, cells: Iterable[Cell]) -> Cells:
    """The experiment's own cells, in any order; those of a run lie there already."""
    if isinstance(cells, Cells):
        return cells
    found = Cells(experiment)
    found.add(cells)
    return found


def _cell_to_text(cell: Cell) -> str:
    return f"{json.dumps(cell.key)}\n{cell_to_json(cell)}"


def _cell_from_text(at: Place, text: str) -> Cell:
    key, _, content = text.partition("\n")
    return cell_from_json(content, *at, json.loads(key))


def _verdict_to_text(one: Verdict) -> str:
    return json.dumps([one.score, one.raw, one.error and dict(one.error)])


def _verdict_from_text(at: Place, text: str) -> Verdict:
    score, raw, error = json.loads(text)
    return Verdict(score, raw, error)

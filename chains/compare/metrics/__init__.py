"""Metrics: one file each, found by a scan of this folder; the file name is the key.

A metric file has these module attributes:

    label    its name on the screen, {"en": …, "ko": …}
    help     one or two sentences on what exactly is measured, {"en": …, "ko": …}
    source   Source(title, url): where it comes from
    suits    the answer types it makes sense for
    score    score(item, cell, tools) -> float in 0..1, or None where it does not apply to this question
    better   optional: "higher" (the default), "lower", or None where neither is better
    needs    optional: any of "embedder", "likelihood", "judge"
    unit     optional: what the value counts where it is no share of 1, {"en": …, "ko": …}
    order    optional: where it stands in the list, smaller first
    applies  optional: applies(item, column) -> bool, whether a question could have had a value at all; an
             answer that failed scores 0 there
    texts    optional: texts(item, cell) -> the texts it will have embedded, so that all are embedded at once
    missing  optional: missing(item, tools) -> {"en": …, "ko": …} | None, why it has no value here

A metric is pure: it sees the question, the answer and what it was handed in `tools`, and nothing else.
"""

import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Literal, NamedTuple

from adapters.spec import Text
from chains.compare.cell import Cell
from chains.compare.experiment import Column
from chains.compare.question_set import AnswerType, Item
from chains.compare.tools import Tools
from chains.errors import MetricNotFound

Better = Literal["higher", "lower"] | None
Need = Literal["embedder", "likelihood", "judge"]

Score = Callable[[Item, Cell, Tools], float | None]
Applies = Callable[[Item, Column], bool]
Texts = Callable[[Item, Cell], Sequence[str]]
Missing = Callable[[Item, Tools], Text | None]


class Source(NamedTuple):
    """Where a metric comes from."""

    title: str
    url: str


def has_reference(item: Item, column: Column) -> bool:
    """The usual `applies`: there is something to compare with."""
    return bool(item.answers)


def has_passage_to_cite(item: Item, column: Column) -> bool:
    """The `applies` of citations: there are passages, and the question's own should be cited."""
    return bool(item.passage and item.answerable and (column.collection or column.passage))


def nothing_missing(item: Item, tools: Tools) -> Text | None:
    """The usual `missing`: it needs nothing."""
    return None


def no_texts(item: Item, cell: Cell) -> Sequence[str]:
    """The usual `texts`: nothing is embedded."""
    return ()


@dataclass(frozen=True)
class Metric:
    """One way to judge an answer; the fields are those of its file."""

    key: str
    label: Text
    help: Text
    source: Source
    suits: tuple[AnswerType, ...]
    score: Score
    better: Better = "higher"
    needs: tuple[Need, ...] = ()
    unit: Text | None = None
    order: int = 100
    applies: Applies = has_reference
    texts: Texts = no_texts
    missing: Missing = nothing_missing


@cache
def metrics() -> dict[str, Metric]:
    """Every metric by its key, in the order of the screen."""
    found = [_load(module.name) for module in pkgutil.iter_modules(__path__)]
    return {one.key: one for one in sorted(found, key=lambda one: (one.order, one.key))}


def metric(key: str) -> Metric:
    """The metric of that key. Raises MetricNotFound, which names the known ones."""
    known = metrics()
    if key not in known:
        raise MetricNotFound(key=key, known=", ".join(known))
    return known[key]


def _load(name: str) -> Metric:
    module = import_module(f"{__name__}.{name}")
    return Metric(
        key=name,
        label=module.label,
        help=module.help,
        source=module.source,
        suits=module.suits,
        score=module.score,
        better=getattr(module, "better", "higher"),
        needs=getattr(module, "needs", ()),
        unit=getattr(module, "unit", None),
        order=getattr(module, "order", 100),
        applies=getattr(module, "applies", has_reference),
        texts=getattr(module, "texts", no_texts),
        missing=getattr(module, "missing", nothing_missing),
    )

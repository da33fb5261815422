"""Quality and speed cards of several choices, one after the other, each in a process of its own."""

import itertools
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.card_process import CardFailed, measure_apart
from adapters.card_text import Question
from adapters.spec import ModelSpec

if TYPE_CHECKING:
    from adapters.card import Card, CardProgress

MOST_CHOICES = 12
REFERENCES = ("float32", "bfloat16")
"""Full precision: the first of them that this machine can hold."""


@dataclass(frozen=True)
class Row:
    """One choice: not begun, at a step, measured, or why it could not be."""

    spec: ModelSpec
    progress: "CardProgress | None" = None
    card: "Card | None" = None
    failed: CardFailed | None = None


Board = tuple[Row, ...]


def combinations(
    models: Sequence[str], precisions: Sequence[str], adapters: Sequence[str | None]
) -> list[ModelSpec]:
    """Every model in every precision with every adapter, once; full precision first, as the others'
    reference."""
    ordered = sorted(dict.fromkeys(precisions), key=lambda key: key != REFERENCES[0])
    mixes = list(dict.fromkeys(adapters)) or [None]
    return [
        ModelSpec(model, precision, adapter)
        for model, precision, adapter in itertools.product(dict.fromkeys(models), ordered, mixes)
    ]


def measured(
    specs: Sequence[ModelSpec],
    folder: Path,
    text: str,
    questions: Sequence[Question],
    stop: threading.Event,
) -> Iterator[Board]:
    """The board, growing. One that fails does not keep the others from being measured."""
    board = [Row(spec) for spec in specs]
    yield tuple(board)
    for number, spec in enumerate(specs):
        for heard in measure_apart(spec, folder, text, questions, stop):
            board[number] = _told(board[number], heard)
            yield tuple(board)
        if stop.is_set():
            return


def reference(row: Row, board: Board) -> "Card | None":
    """What the answers of a row are compared with; None where nothing of the kind was measured."""
    cards = [one.card for one in board if one.card is not None]
    return reference_of(row.card, cards) if row.card is not None else None


def reference_of(card: "Card", cards: "Sequence[Card]") -> "Card | None":
    """The same model in full precision, through the same adapter where that was measured, else without one:
    so full precision through an adapter is compared with the bare model. None for that itself."""
    for adapter in dict.fromkeys((card.adapter, None)):
        same = [one for one in cards if (one.model, one.adapter) == (card.model, adapter)]
        full = (one for precision in REFERENCES for one in same if one.precision == precision)
        found = next(full, None)
        if found is not None and found is not card:
            return found
    return None


def _told(row: Row, heard: "CardProgress | Card | CardFailed") -> Row:
    if isinstance(heard, CardFailed):
        return replace(row, progress=None, failed=heard)
    from adapters.card import Card

    if isinstance(heard, Card):
        return replace(row, progress=None, card=heard)
    return replace(row, progress=heard)

"""Texts that metrics will ask for, embedded once and all together; the vectors wait on disk."""

import hashlib
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chains.compare.pile import Pile
from chains.compare.tools import Embed

AT_ONCE = 256


def embedded(texts: Iterable[str], embed: Embed, folder: Path | None = None) -> Embed:
    """An `embed` that looks the texts up. They are sorted by length, so that a batch is padded little."""
    numbers, lengths, waiting = _different(texts, folder)
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    vectors, kind = Pile(folder), np.dtype(np.float32)
    places = array("q", [0]) * len(order)
    for at in range(0, len(order), AT_ONCE):
        batch = order[at : at + AT_ONCE]
        rows = embed([waiting.read(number).decode("utf-8", "surrogatepass") for number in batch])
        kind = rows.dtype
        for number, row in zip(batch, rows, strict=True):
            places[number] = vectors.add(row.tobytes())

    def found(asked: Sequence[str]) -> NDArray[np.float32]:
        pieces = (vectors.read(places[numbers[_mark(text)]]) for text in asked)
        return np.stack([np.frombuffer(piece, kind) for piece in pieces])

    return found


def _different(texts: Iterable[str], folder: Path | None) -> "tuple[dict[bytes, int], array[int], Pile]":
    """Each text once: its number by its mark, its length, and itself, on disk."""
    numbers: dict[bytes, int] = {}
    lengths, waiting = array("l"), Pile(folder)
    for text in texts:
        mark = _mark(text)
        if mark not in numbers:
            numbers[mark] = waiting.add(text.encode("utf-8", "surrogatepass"))
            lengths.append(len(text))
    return numbers, lengths, waiting


def _mark(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()

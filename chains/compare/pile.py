"""Pieces of text and numbers on disk instead of in memory: a file without a name, gone when it is let go."""

import tempfile
import weakref
from array import array
from pathlib import Path
from typing import IO


class Pile:
    """Pieces in the order in which they were added, each known by its number from 0.

    `folder` should be on a disk (the usual folder for such files may lie in memory). A piece that cannot be
    written there, because the disk is full, stays in memory: a long run does not end for it.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._ends = array("q", [0])
        self._held: dict[int, bytes] = {}

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, piece: bytes) -> int:
        """Puts it on top; returns its number."""
        number, start = len(self), self._ends[-1]
        try:
            whole = _write(self._opened(), start, piece)
        except OSError:
            whole = False
        if not whole:
            self._held[number] = piece
        self._ends.append(start + (len(piece) if whole else 0))
        return number

    def read(self, number: int) -> bytes:
        """The piece of that number."""
        if number in self._held:
            return self._held[number]
        start, end = self._ends[number], self._ends[number + 1]
        file = self._opened()
        file.seek(start)
        return file.read(end - start)

    def _opened(self) -> IO[bytes]:
        if self._file is None:
            folder = self._folder if self._folder is not None and self._folder.is_dir() else None
            # it lives as long as this object, and is unbuffered: what is added can be read at once
            self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115
            weakref.finalize(self, self._file.close)
        return self._file


def _write(file: IO[bytes], start: int, piece: bytes) -> bool:
    """Whether all of it is written: a disk that fills up takes a part."""
    file.seek(start)
    return file.write(piece) == len(piece)

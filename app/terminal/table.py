"""A table in plain text; Hangul and other wide characters take two columns."""

import unicodedata
from collections.abc import Sequence


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns two spaces apart; None is an empty cell, and a column without any value is left out."""
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    kept = [n for n in range(len(headings)) if not cells or any(row[n] for row in cells)]
    lines = [[line[n] for n in kept] for line in [list(headings), *cells]]
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]
    return "".join(_line(line, widths) for line in lines)


def width(text: str) -> int:
    """The columns `text` takes on a terminal."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(map(bool, map(unicodedata.combining, text)))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell + " " * (wide - width(cell)) for cell, wide in zip(cells, widths, strict=True)]
    return "  ".join(padded).rstrip() + "\n"

"""Tables as text: each row stands alone, every value beside its header, so that a passage makes sense."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from vectorstore.encoding import decode_file
from vectorstore.errors import DamagedDocument

suffixes = (".csv", ".tsv")

MAX_FIELD = 10 * 2**20


def load(path: Path) -> Iterator[tuple[str, int | None]]:
    """One text: `header: value` lines, rows apart by an empty line."""
    text = decode_file(path).text.replace("\0", "")
    csv.field_size_limit(MAX_FIELD)
    try:
        rows = [
            row
            for row in csv.reader(io.StringIO(text, newline=""), _dialect(text))
            if any(map(str.strip, row))
        ]
    except csv.Error as error:
        raise DamagedDocument(source=path.name) from error
    yield "\n\n".join(_blocks(rows)), None


def encoding(path: Path) -> str:
    """Python's name of the encoding."""
    return decode_file(path).encoding


def _dialect(text: str) -> type[csv.Dialect]:
    first_line = text.lstrip().partition("\n")[0]
    try:
        return csv.Sniffer().sniff(first_line, delimiters=",;\t|")
    except csv.Error:
        return csv.excel


def _blocks(rows: list[list[str]]) -> Iterator[str]:
    if len(rows) == 1:  # a header alone, or a list: as it is
        yield ", ".join(cell.strip() for cell in rows[0])
        return
    header = rows[0] if rows else []
    for row in rows[1:]:
        yield "\n".join(_lines(header, row))


def _lines(header: list[str], row: list[str]) -> Iterator[str]:
    for number, cell in enumerate(row, start=1):
        name = header[number - 1].strip() if number <= len(header) else ""
        if cell.strip():
            yield f"{name or number}: {cell.strip()}"

"""Plain text and Markdown: the loaded text is the decoded file, character for character."""

from collections.abc import Iterator
from pathlib import Path

from vectorstore.encoding import decode_file

suffixes = (".txt", ".text", ".md", ".markdown")


def load(path: Path) -> Iterator[tuple[str, int | None]]:
    """Newlines stay as they are, so that offsets fit the file; only a byte-order mark goes."""
    yield decode_file(path).text, None


def encoding(path: Path) -> str:
    """Python's name of the encoding."""
    return decode_file(path).encoding

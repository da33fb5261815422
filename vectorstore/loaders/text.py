"""Plain text and Markdown: the loaded text is the decoded file, character for character."""

from collections.abc import Iterator
from pathlib import Path

from vectorstore.encoding import Decoded, decode
from vectorstore.errors import UnknownEncoding

suffixes = (".txt", ".text", ".md", ".markdown")


def load(path: Path) -> Iterator[tuple[str, int | None]]:
    """Newlines stay as they are, so that offsets fit the file; only a byte-order mark goes."""
    yield _decoded(path).text, None


def encoding(path: Path) -> str:
    """Python's name of the encoding."""
    return _decoded(path).encoding


def _decoded(path: Path) -> Decoded:
    decoded = decode(path.read_bytes())
    if decoded is None:
        raise UnknownEncoding(source=path.name)
    return decoded

"""One file per kind of document; a folder scan finds them by their suffixes.

Contract of a file: `suffixes` (lower case, with the dot), `load(path) -> Iterator[(text, page)]` (page counts
from 1, or is None), and optionally `encoding(path) -> str`, `separator` (what stands between pages) and
`magic` (how such a file begins). `load` raises UnreadableDocument without a `source`; `read` fills it in.
"""

import hashlib
import importlib
import logging
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from vectorstore.errors import (
    DamagedDocument,
    DocumentTooLarge,
    EmptyDocument,
    FileForbidden,
    FileMissing,
    UnreadableDocument,
    UnsupportedKind,
    VectorstoreError,
    WrongKind,
)
from vectorstore.scripts import whole
from vectorstore.split import Page

logger = logging.getLogger(__name__)

MAX_BYTES = 50 * 1024 * 1024
"""A larger file is refused: its text alone would be about twenty novels."""

Load = Callable[[Path], Iterator[tuple[str, int | None]]]

_SIGNATURES = (
    (b"%PDF-", "PDF", "PDF"),
    (b"PK\x03\x04", "a zip archive (or an Office file)", "zip 압축 파일(또는 오피스 문서)"),
    (b"PK\x05\x06", "an empty zip archive", "빈 zip 압축 파일"),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old Office file (.doc, .xls, .hwp)",
        "옛 오피스 문서(.doc, .xls, .hwp)",
    ),
    (b"\x89PNG\r\n", "a PNG picture", "PNG 그림"),
    (b"\xff\xd8\xff", "a JPEG picture", "JPEG 그림"),
    (b"GIF8", "a GIF picture", "GIF 그림"),
    (b"\x1f\x8b", "a gzip archive", "gzip 압축 파일"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-zip archive", "7-zip 압축 파일"),
    (b"\x7fELF", "a program", "실행 파일"),
    (b"{\\rtf", "an RTF file", "RTF 문서"),
    (b"SQLite format 3\x00", "a database", "데이터베이스"),
)


@dataclass(frozen=True)
class Loaded:
    """A file as text. `pages` cover `text` in order; the text between two pages belongs to neither."""

    text: str
    pages: tuple[Page, ...]
    kind: str
    encoding: str | None
    bytes: int
    sha256: str

    @property
    def page_count(self) -> int | None:
        """How many pages, None where the format has none."""
        return len(self.pages) if self.pages and self.pages[0].number is not None else None


def suffixes() -> tuple[str, ...]:
    """All suffixes that some loader takes."""
    return tuple(sorted(_loaders()))


def fingerprint(path: Path, source: str) -> str:
    """The sha256 of a file that could be added by its name and size.

    Raises UnsupportedKind, FileMissing, FileForbidden, EmptyDocument, DocumentTooLarge.
    """
    if path.suffix.lower() not in _loaders():
        raise UnsupportedKind(source=source, supported=" ".join(suffixes()))
    with _opening(source):
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise DocumentTooLarge(source=source, size=f"{size / 2**20:.0f}", limit=MAX_BYTES // 2**20)
        if size == 0:
            raise EmptyDocument(source=source)
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


class ReadingStopped(Exception):
    """Whoever asked for the text does not want it any more."""


def read(path: Path, source: str, stopped: Callable[[], bool] = lambda: False) -> Loaded:
    """The file as text; between two pages `stopped` is asked, and ReadingStopped raised when it says so.

    Raises a subclass of UnreadableDocument, with the file's name and the mend.
    """
    sha256 = fingerprint(path, source)
    loader = _loaders()[path.suffix.lower()]
    _check_signature(path, source, loader)
    try:
        with _parsing(source), _opening(source):
            text, pages = _join(_until(stopped, loader.load(path)), getattr(loader, "separator", "\n\n"))
            encoding = loader.encoding(path) if hasattr(loader, "encoding") else None
            size = path.stat().st_size
    except UnreadableDocument as error:
        raise type(error)(**{"suffix": path.suffix, **error.values, "source": source}) from error
    if not text.strip():
        raise EmptyDocument(source=source)
    return Loaded(text, pages, path.suffix.lower(), encoding, size, sha256)


@cache
def _loaders() -> dict[str, ModuleType]:
    found = (importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    return {suffix: module for module in found for suffix in module.suffixes}


def _until(
    stopped: Callable[[], bool], loaded: Iterator[tuple[str, int | None]]
) -> Iterator[tuple[str, int | None]]:
    for page in loaded:
        if stopped():
            raise ReadingStopped
        yield page


def _join(loaded: Iterable[tuple[str, int | None]], separator: str) -> tuple[str, tuple[Page, ...]]:
    pieces: list[str] = []
    pages: list[Page] = []
    at = 0
    for text, number in loaded:
        if pieces:
            pieces.append(separator)
            at += len(separator)
        pieces.append(whole(text))
        pages.append(Page(at, at + len(text), number))
        at += len(text)
    return "".join(pieces), tuple(pages)


def _check_signature(path: Path, source: str, loader: ModuleType) -> None:
    """A renamed file is named for what it is, before its parser stumbles over it."""
    with _opening(source), path.open("rb") as file:
        head = file.read(1024)
    own: tuple[bytes, ...] = getattr(loader, "magic", ())
    if any(head.startswith(sign) for sign in own):
        return
    for sign, found, found_ko in _SIGNATURES:
        if head.startswith(sign):
            raise WrongKind(source=source, suffix=path.suffix, found={"en": found, "ko": found_ko})


@contextmanager
def _parsing(source: str) -> Iterator[None]:
    """What no loader foresaw fails the one file that made it happen; the log keeps where."""
    try:
        yield
    except (VectorstoreError, ReadingStopped):
        raise
    except Exception as error:
        logger.exception("The loader broke on %s", source)
        raise DamagedDocument(source=source) from error


class _opening:  # noqa: N801 (reads as the words of a with statement)
    """Turns what the operating system says about a file into our errors."""

    def __init__(self, source: str) -> None:
        self._source = source

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, FileNotFoundError):
            raise FileMissing(source=self._source) from error
        if isinstance(error, OSError) or (isinstance(error, ValueError) and "null byte" in str(error)):
            cause = getattr(error, "strerror", None) or error
            raise FileForbidden(source=self._source, cause=cause) from error

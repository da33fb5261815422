"""Word documents: paragraphs and tables in the order they are read; a table row is a line."""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import docx
from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from lxml.etree import XMLSyntaxError

from vectorstore.errors import DamagedDocument, EncryptedDocument, NoTextFound, UnpacksTooLarge, WrongKind

suffixes = (".docx",)
magic = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")

MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 200
"""Office XML packs about tenfold; what packs two-hundredfold into more than 20 MB was built to do harm."""

_OLD_OFFICE = b"\xd0\xcf\x11\xe0"

_ENCRYPTED = 0x1
"""Bit of a zip member's flags: a zip program has locked it with a password (Word does it otherwise)."""


def load(path: Path) -> Iterator[tuple[str, int | None]]:
    """One text. Raises WrongKind, EncryptedDocument, DamagedDocument, UnpacksTooLarge, NoTextFound."""
    _check_package(path)
    try:
        document = docx.Document(str(path))
        text = "\n\n".join(_blocks(document))
    except (
        PackageNotFoundError,
        XMLSyntaxError,
        zipfile.BadZipFile,
        zlib.error,
        OSError,  # a seek to where no file can be; that it opens was seen before
        KeyError,
        ValueError,
        AttributeError,
        IndexError,
        RecursionError,
        NotImplementedError,
        EOFError,
    ) as error:  # python-docx meets a broken package with any of these
        raise DamagedDocument(source=path.name) from error
    if not text.strip():
        raise NoTextFound(source=path.name)
    yield text, None


def _check_package(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(_OLD_OFFICE):
        _refuse_old_office(path)
    if not zipfile.is_zipfile(path):
        if head.startswith(b"PK"):
            raise DamagedDocument(source=path.name)
        raise WrongKind(
            source=path.name, suffix=path.suffix, found={"en": "something else", "ko": "다른 형식"}
        )
    try:
        with zipfile.ZipFile(path) as package:
            members = package.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise DamagedDocument(source=path.name) from error
    _check_size(path, members)
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise EncryptedDocument(source=path.name)
    if "word/document.xml" not in {member.filename for member in members}:
        raise WrongKind(
            source=path.name,
            suffix=path.suffix,
            found={"en": "an ordinary zip archive", "ko": "일반 zip 압축 파일"},
        )


def _check_size(path: Path, members: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    packed = max(1, path.stat().st_size)
    if unpacked > MAX_UNPACKED or (unpacked > 20 * 2**20 and unpacked / packed > MAX_RATIO):
        raise UnpacksTooLarge(source=path.name, size=f"{unpacked / 2**20:.0f}")


def _refuse_old_office(path: Path) -> None:
    """Word wraps an encrypted .docx into the container of the old formats."""
    if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
        raise EncryptedDocument(source=path.name)
    raise WrongKind(
        source=path.name,
        suffix=path.suffix,
        found={"en": "an old Office file (.doc, .xls, .hwp)", "ko": "옛 오피스 문서(.doc, .xls, .hwp)"},
    )


def _blocks(container: Document | _Cell) -> Iterator[str]:
    for block in container.iter_inner_content():
        if isinstance(block, Paragraph):
            if block.text.strip():
                yield block.text
        else:
            rows = [row for row in _rows(block) if row]
            if rows:
                yield "\n".join(rows)


def _rows(table: Table) -> Iterator[str]:
    for row in table.rows:
        cells: list[str] = []
        last = None
        for cell in row.cells:
            if cell._tc is not last:  # a merged cell comes back once for every column it covers
                cells.append(" ".join(" ".join(_blocks(cell)).split()))
            last = cell._tc
        yield " | ".join(cells) if any(cells) else ""

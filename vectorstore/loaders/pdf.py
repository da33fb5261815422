"""PDF: the text of each page, in reading order as PDFium gives it."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pypdfium2.raw

from vectorstore.errors import DamagedDocument, EncryptedDocument, NoPages, NoTextFound, WrongKind

suffixes = (".pdf",)
magic = (b"%PDF-",)

_LOCK = threading.Lock()
"""PDFium may not be entered by two threads."""


def load(path: Path) -> Iterator[tuple[str, int | None]]:
    """A text a page. Raises EncryptedDocument, DamagedDocument, NoPages, NoTextFound, WrongKind."""
    if b"%PDF-" not in _head(path):
        raise WrongKind(
            source=path.name, suffix=path.suffix, found={"en": "something else", "ko": "다른 형식"}
        )
    with _LOCK:
        document = _open(path)
        count = len(document)
    try:
        some = False
        for number in range(1, count + 1):
            with _LOCK:  # page by page: whoever reads may leave in between, and others get their turn
                text = _page_text(document, number - 1)
            some = some or bool(text)
            yield text, number
    except pypdfium2.PdfiumError as error:
        raise DamagedDocument(source=path.name) from error
    finally:
        with _LOCK:
            document.close()
    if not some:
        raise NoTextFound(source=path.name)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(1024)


def _open(path: Path) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (pypdfium2.raw.FPDF_ERR_PASSWORD, pypdfium2.raw.FPDF_ERR_SECURITY):
            raise EncryptedDocument(source=path.name) from error
        if _opens_without_pages(path):
            raise NoPages(source=path.name) from error
        raise DamagedDocument(source=path.name) from error


def _opens_without_pages(path: Path) -> bool:
    """pypdfium2 calls a file without pages broken; PDFium itself opens it."""
    data = path.read_bytes()
    document = pypdfium2.raw.FPDF_LoadMemDocument64(data, len(data), None)
    if not document:
        return False
    pypdfium2.raw.FPDF_CloseDocument(document)
    return True


def _page_text(document: pypdfium2.PdfDocument, number: int) -> str:
    page = document[number]
    try:
        words = page.get_textpage()
        try:
            text: str = words.get_text_bounded()
        finally:
            words.close()
    finally:
        page.close()
    # A word broken at the end of a line is one word: PDFium marks its hyphen with U+FFFE.
    return text.replace("\r\n", "\n").replace("\ufffe\n", "").replace("\ufffe", "").replace("\0", "").strip()

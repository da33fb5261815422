"""Web pages: their text in blocks; scripts, styles, menus and what is hidden are left out."""

from collections.abc import Iterator
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from bs4.dammit import EncodingDetector
from bs4.element import PreformattedString

from vectorstore.encoding import decode_file
from vectorstore.errors import DamagedDocument

suffixes = (".html", ".htm", ".xhtml")

_DROPPED = [
    "script",
    "style",
    "nav",
    "template",
    "noscript",
    "iframe",
    "object",
    "svg",
    "math",
    "form",
    "head",
]
_BLOCKS = (
    "address article aside blockquote body caption dd details div dl dt fieldset figcaption figure footer "
    "h1 h2 h3 h4 h5 h6 header hr li main ol p pre section summary table tbody tfoot thead tr ul"
)
_PARAGRAPHS = "article blockquote dl figure h1 h2 h3 h4 h5 h6 ol p pre section table ul"

_A_PAGE = "<!-- -->"
"""Stands before the markup, so that Beautiful Soup does not warn that it might be XML, a file name or an
address: it is a page. Filters for warnings would be those of all threads."""


def load(path: Path) -> Iterator[tuple[str, int | None]]:
    """One text: the title, then the blocks, a line each; paragraphs stand apart by an empty line."""
    try:
        soup = BeautifulSoup(_A_PAGE + decode_file(path, _declared).text.replace("\0", "\ufffd"), "lxml")
        title = " ".join(soup.title.get_text().split()) if soup.title else ""
        body = _text(soup)
    except (RecursionError, AssertionError) as error:
        raise DamagedDocument(source=path.name) from error
    yield (f"{title}\n\n{body}" if title and not body.startswith(title) else body), None


def encoding(path: Path) -> str:
    """Python's name of the encoding."""
    return decode_file(path, _declared).encoding


def _declared(data: bytes) -> str | None:
    return EncodingDetector.find_declared_encoding(data, is_html=True, search_entire_document=False)


def _text(soup: BeautifulSoup) -> str:
    for node in soup.find_all(string=True):
        if isinstance(node, PreformattedString):  # declarations, instructions, comments: no text of the page
            node.extract()
    for tag in soup.find_all(_DROPPED):
        tag.decompose()
    for tag in soup.find_all(hidden=True):
        tag.decompose()
    for space in soup.find_all(string=True):
        if space.find_parent("pre") is None:
            space.replace_with(_collapsed(str(space)))
    for tag in soup.find_all(True):
        _mark(tag)
    lines = [line.strip(" \t") for line in soup.get_text().split("\n")]
    return _without_gaps(lines)


def _mark(tag: Tag) -> None:
    if tag.name == "br":
        tag.replace_with("\n")
    elif tag.name in ("td", "th"):
        tag.append("\t")
    elif tag.name in _BLOCKS.split():
        gap = "\n\n" if tag.name in _PARAGRAPHS.split() else "\n"
        tag.insert(0, gap)
        tag.append(gap)


def _collapsed(text: str) -> str:
    inner = " ".join(text.split())
    if not inner:
        return " " if text else ""
    return (" " if text[0].isspace() else "") + inner + (" " if text[-1].isspace() else "")


def _without_gaps(lines: list[str]) -> str:
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip("\n")

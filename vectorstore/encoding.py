"""Bytes to text: which encoding a file is in, with care for the Korean ones.

A byte-order mark decides, then valid UTF-8. What is left is told by what it would read as: each candidate
decodes the bytes, and the text that looks most like writing wins. charset-normalizer supplies the candidates
beyond UTF-16, EUC-KR and CP949 (its extension); on short Korean texts alone it guesses wrong too often.
"""

import codecs
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from charset_normalizer import from_bytes

from vectorstore.errors import UnknownEncoding
from vectorstore.scripts import whole


class Decoded(NamedTuple):
    """The text (without its byte-order mark, nothing else changed) and Python's name of the encoding."""

    text: str
    encoding: str


_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_FREQUENT = frozenset(
    "이다는에의가을고로하은지기를사도한어리자일아그대있서나인시수해부정전과만라들여제게면보장것구주우상소조동"
    "성공원스비오년문경화회무안신산음중연국인교학습니요했었된되적였으며위연월세유방관용계명생모물반무거"
)
"""About a hundred syllables that make up half of Korean prose."""

_FREQUENT_HAN = frozenset(
    "的一是不了人在有我他這这中大來来上國国個个到說说們们為为子和你地出道也時时年得就那要下以生會会自著着去之過过家學学"
    "對对可她里後后小心多天而能好都然沒没日於于起還还發发成事只作當当想看文開开手十用主行方又如前所本見见長长東东京"
)
"""Likewise of Chinese, in both ways of writing."""

_SAMPLE = 20_000
"""Characters that are looked at; an encoding shows early."""

_MAX_NUL = 0.02

_PRIOR = {"euc_kr": 2.0, "cp949": 2.0, "utf-16-le": 1.0, "utf-16-be": 1.0}
"""Weighed against the evidence of a whole text: two characters tell little, then what is common here wins."""


def decode(data: bytes, declared: str | None = None) -> Decoded | None:
    """The text of a file; None when it is not text in any encoding we can tell.

    `declared` is what the file says of itself (HTML's meta); it is believed when the bytes fit it.
    """
    marked = _by_mark(data)
    if marked is not None:
        return marked
    for encoding in (_known(declared), "utf-8"):
        text = _strict(data, encoding) if encoding else None
        if text is not None and encoding and _looks_like_text(text):
            return Decoded(whole(text), encoding)
    return _by_look(data)


def decode_file(path: Path, declared: Callable[[bytes], str | None] = lambda _: None) -> Decoded:
    """`decode` of a whole file; `declared` finds what its bytes say of themselves. Raises UnknownEncoding."""
    data = path.read_bytes()
    decoded = decode(data, declared(data))
    if decoded is None:
        raise UnknownEncoding(source=path.name)
    return decoded


def _by_mark(data: bytes) -> Decoded | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            # A mark leaves no doubt: broken characters in the middle become U+FFFD.
            return Decoded(data[len(mark) :].decode(encoding, "replace"), encoding)
    return None


def _by_look(data: bytes) -> Decoded | None:
    best: Decoded | None = None
    best_score = 0.5  # below, it is noise
    for encoding in _candidates(data):
        text = _strict(data, encoding)
        score = _score(text[:_SAMPLE]) + _PRIOR.get(encoding, 0.0) / len(text) if text else 0.0
        if text and score > best_score and _looks_like_text(text):
            best, best_score = Decoded(whole(text), encoding), score
    return best


def _candidates(data: bytes) -> list[str]:
    """In order of how common they are here: the first of equals wins."""
    utf16 = ["utf-16-le", "utf-16-be"] if len(data) % 2 == 0 else []
    letters = sum(byte < 128 and chr(byte).isalpha() for byte in data[:_SAMPLE])
    western = ["cp1252"] if letters > sum(byte >= 128 for byte in data[:_SAMPLE]) else []
    guessed = [match.encoding for match in from_bytes(data[:_SAMPLE], threshold=0.5)][:5]
    return list(dict.fromkeys(["euc_kr", "cp949", *utf16, *western, *guessed]))


def _known(declared: str | None) -> str | None:
    if declared is None:
        return None
    try:
        name = codecs.lookup(declared).name
    except (LookupError, ValueError):
        return None
    return {"euc_kr": "cp949", "iso8859-1": "cp1252", "ascii": "cp1252"}.get(name, name)  # as browsers do


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError, ValueError):
        return None


def _looks_like_text(text: str) -> bool:
    """A stray NUL or control character is let through, many of them make it binary."""
    sample = text[:_SAMPLE]
    strange = sum(unicodedata.category(c) == "Cc" and c not in "\t\n\r\f\v\x85\x1b" for c in sample)
    return strange <= max(1, _MAX_NUL * len(sample)) if len(sample) > 8 else strange == 0


def _score(text: str) -> float:
    """How much a text looks like writing, per character; running prose scores about 1."""
    return sum(map(_worth, text)) / max(1, len(text))


def _worth(c: str) -> float:
    if c in _FREQUENT:
        return 1.5
    if c.isascii():
        return 1.0 if c.isprintable() or c.isspace() else -5.0
    if "\uac00" <= c <= "\ud7a3":
        return 0.7 if _in_ksx1001(c) else -0.5  # the 8,822 others are hardly ever written
    if "\u3040" <= c <= "\u30ff" or "\u3000" <= c <= "\u3011":
        return 1.0
    if "\u4e00" <= c <= "\u9fff":
        return 1.5 if c in _FREQUENT_HAN else 0.6
    if c > "\u0e7f" and c.isalpha():
        return 0.2  # what shuffled bytes tend to fall into
    return _RARE.get(unicodedata.category(c)[0], 0.5)


_RARE = {"L": 0.6, "P": 0.6, "N": 0.5, "Z": 0.5, "S": 0.3, "M": 0.2, "C": -5.0}


def _in_ksx1001(c: str) -> bool:
    try:
        c.encode("euc_kr")
    except UnicodeEncodeError:
        return False
    return True

"""Which writing a text is in, as far as searching needs to know. Standard library only."""

import re
import unicodedata
from typing import Literal

Script = Literal["latin", "all"]
"""What an embedder reads: text in Latin letters, or any."""

_LATIN = "A-Za-z\u00aa\u00ba\u00c0-\u024f\u0370-\u03ff\u1e00-\u1eff\uff21-\uff3a\uff41-\uff5a"
"""Latin letters, accented and full-width ones too, and the Greek ones of formulas."""

MOSTLY = 0.5
"""A passage gets a vector, and a question is looked up by one, when the embedder reads at least this share of
its letters: what it cannot read becomes noise in the vector."""

HANGUL = "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff"
HAN_KANA = (
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)

_LETTER = re.compile(r"[^\W\d_]")
_LATIN_LETTER = re.compile(f"[{_LATIN}]")
_OTHER_LETTERS = re.compile(rf"(?:(?![{_LATIN}])[^\W\d_])+")
_SURROGATE = re.compile("[\ud800-\udfff]")


def whole(text: str) -> str:
    """The text with lone surrogates (which no UTF-8 can hold) replaced one for one: offsets stay."""
    return _SURROGATE.sub("\ufffd", text)


def nfc(text: str) -> str:
    """Composed Unicode: macOS decomposes Hangul in file names, and both must be the same name."""
    return unicodedata.normalize("NFC", text)


def readable(text: str, script: Script) -> str:
    """What an embedder of that script can make sense of; other letters become a space."""
    return text if script == "all" else _OTHER_LETTERS.sub(" ", text)


def unreadable_letters(text: str, script: Script) -> int:
    """How many letters an embedder of that script cannot make sense of."""
    return 0 if script == "all" else sum(len(run) for run in _OTHER_LETTERS.findall(text))


def readable_share(text: str, script: Script) -> float:
    """The share (0..1) of the text's letters that an embedder of that script reads; 0 without letters."""
    letters = len(_LETTER.findall(text))
    if not letters:
        return 0.0
    return 1.0 if script == "all" else len(_LATIN_LETTER.findall(text)) / letters

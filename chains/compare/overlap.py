"""Whether two texts are pieces of one passage: an index seldom cuts a passage as a question set does."""

import unicodedata
from functools import lru_cache

PIECE = 8
"""Characters; so many in a row are seldom the same by chance, in English or Korean."""
ENOUGH = 0.5


def comes_from(cited: str, gold: str) -> bool:
    """Whether at least half of the shorter text is in the other: counted in runs of 8 characters, without
    spaces and case. A text shorter than that must be there whole."""
    return overlap(cited, gold) >= ENOUGH


@lru_cache(maxsize=4096)
def overlap(a: str, b: str) -> float:
    """The share (0..1) of the shorter text's runs that the other has too; 0 for an empty one."""
    first, second = _plain(a), _plain(b)
    shorter, longer = sorted((first, second), key=len)
    if len(shorter) < PIECE:
        return float(bool(shorter) and shorter in longer)
    pieces = _pieces(shorter)
    return len(pieces & _pieces(longer)) / len(pieces)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).lower().split())


def _pieces(text: str) -> frozenset[str]:
    return frozenset(text[at : at + PIECE] for at in range(len(text) - PIECE + 1))

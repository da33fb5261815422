"""Gaps like {question} in a text are filled literally, and only once.

Never `str.format`, never a template language: what is filled in may hold braces of its own, and they stay as
they are. `{{` and `}}` write a brace.
"""

import re
from collections.abc import Mapping

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|\{")
_PAGE = 2_000


class UnknownGap(ValueError):
    """A gap that no value fills; `gap` is what stands between the braces, None where no brace closes it."""

    def __init__(self, gap: str | None) -> None:
        self.gap = gap
        super().__init__(gap)


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with every {name} replaced by its value. Raises UnknownGap."""

    def put(piece: re.Match[str]) -> str:
        if piece[0] in {"{{", "}}"}:
            return piece[0][0]
        name = None if piece[1] is None else piece[1].strip()
        if name is None or name not in values:
            raise UnknownGap(name)
        return values[name]

    return _PIECE.sub(put, text)


def gaps(text: str) -> list[str]:
    """The names of all gaps, in order."""
    return [piece[1].strip() for piece in _PIECE.finditer(text) if piece[1] is not None]


def quoted(text: str, most: int = _PAGE) -> str:
    """What a model wrote, as a later prompt repeats it: its beginning, so that the prompt fits."""
    plain = text.strip()
    return plain if len(plain) <= most else f"{plain[:most].rstrip()} …"

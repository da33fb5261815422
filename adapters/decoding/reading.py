"""Reading prompts: in pieces, several of similar length together, and only what was not read before."""

import logging
from collections.abc import Iterator, Sequence

import torch

from adapters.decoding.cache import BatchCache, KeysValues
from adapters.decoding.call import Row
from adapters.decoding.lane import Forward, run
from adapters.decoding.prefix import Key, PrefixStore

log = logging.getLogger(__name__)

PREFILL_TOKENS = 512
EVEN_DEPTH = 1250
"""A prompt is read in pieces, between which the stop flag is looked at: of 512 tokens (over all rows) at its
beginning, of fewer further down, because a token that looks back on 1,250 others costs twice as much as the
first. So each piece takes about as long: 0.3 s on two cores. The sizes never depend on the clock, or else the
same seed would not always give the same text."""

SMOOTH_SHARE = 2
"""While somebody's answer grows, the pieces are smaller by this, so that it does not stand still so long."""

WORTH_KEEPING = 32
"""So many tokens must be new in a prompt for its keys and values to be kept."""


class Reading:
    """Rows on their way into the batch. All but the last token of each prompt is read; the last one is the
    first step of the batch."""

    def __init__(self, rows: Sequence[Row], store: PrefixStore, layers: int) -> None:
        self.rows, self._store = list(rows), store
        self._known = [store.find(key(row), row.tokens[:-1]) for row in rows]
        wanted = [len(row.tokens) - 1 for row in rows]
        pairs = zip(wanted, self._known, strict=True)
        self._width = max(length - known for length, known in pairs)
        self.cache = BatchCache(layers, expected=max(row.most for row in rows))
        # every row is read over the same width: what some knew of it is read again, instead of padding
        starts = [length - self._width for length in wanted]
        parts = [
            store.read(key(row), row.tokens[: max(0, start)]) for row, start in zip(rows, starts, strict=True)
        ]
        self.cache.join(parts, [max(0, start) for start in starts])
        # a row shorter than the width begins within the first pieces: until then its length is below 0
        self.cache.lengths = starts

    def pieces(self, forward: Forward, device: torch.device, smooth: bool) -> Iterator[None]:
        """Reads a piece at each step. The prompts are kept for later at the end."""
        mixes = [row.request.mix for row in self.rows]
        for start, end in pieces(self._width, len(self.rows), smooth, self.cache.length):
            run(forward, self.cache, [self._part(row, start, end) for row in self.rows], mixes, device)
            yield
        self._keep()

    def _part(self, row: Row, start: int, end: int) -> list[int]:
        """The columns `start` to `end` of what is read, padded on the left."""
        first = len(row.tokens) - 1 - self._width
        pads = min(max(0, -(first + start)), end - start)
        return [0] * pads + row.tokens[max(0, first + start) : max(0, first + end)]

    def _keep(self) -> None:
        for at, row in enumerate(self.rows):
            prompt = row.tokens[:-1]
            if len(prompt) - self._store.find(key(row), prompt) >= WORTH_KEEPING:
                _keep(self._store, key(row), prompt, self.cache.row(at))


def key(row: Row) -> Key:
    """Under which the keys and values of a row are kept."""
    return row.request.owner, row.request.mix


def keep_answer(store: PrefixStore, row: Row, cache: BatchCache, at: int) -> None:
    """Keeps prompt and answer for the next turn of the conversation; not for one of many answers at once."""
    read = row.tokens[: cache.lengths[at]]
    if not row.call.patient and len(read) - store.find(key(row), read) > 0:
        _keep(store, key(row), read, cache.row(at))


def _keep(store: PrefixStore, owner: Key, tokens: list[int], layers: KeysValues) -> None:
    """What is kept only saves time: where there is no memory for the copy, everything kept goes, and those
    who are being answered notice nothing."""
    try:
        store.add(owner, tokens, layers)
    except Exception:
        log.exception("a prompt could not be kept; what was kept is let go")
        store.clear()


def pieces(length: int, rows: int, smooth: bool = False, depth: int = 0) -> Iterator[tuple[int, int]]:
    """The pieces (start, end) in which prompts of `length` tokens are read, with `depth` tokens before
    them."""
    budget = PREFILL_TOKENS // SMOOTH_SHARE if smooth else PREFILL_TOKENS
    start = 0
    while start < length:
        size = budget * EVEN_DEPTH // ((EVEN_DEPTH + depth + start) * rows)
        end = min(start + max(1, size), length)
        yield start, end
        start = end

"""The keys and values of a running batch: rows come and go, and a new token costs no copy of the old ones.

transformers' `DynamicCache` copies everything it holds for every token, and its rows are fixed. Here all
layers write into buffers with room to spare. The tokens in use are a window of those buffers that moves to
the right; every row ends at the window's right edge (it is padded on the left), so that a row can join by
being written before that edge, whatever its length.
"""

from collections.abc import Sequence

import torch
import transformers  # noqa: F401  (see adapters.weights.read_saved_tokenizer)
from transformers.cache_utils import Cache, CacheLayerMixin

KeysValues = Sequence[tuple[torch.Tensor, torch.Tensor]]
"""For each layer keys and values, each heads × tokens × size of a head."""

ROOM = 64
"""The buffers grow by a quarter of their length, at least by so many tokens."""


class Window:
    """Which part of the buffers is in use: the first `rows`, and of them the tokens from `start` to `end`.

    `expected` tokens are made room for at first.
    """

    def __init__(self, expected: int) -> None:
        self.rows, self.start, self.end, self.expected = 0, 0, 0, expected

    @property
    def length(self) -> int:
        """The tokens in use."""
        return self.end - self.start


class WindowLayer(CacheLayerMixin):  # type: ignore[no-untyped-call]
    """One layer's buffers, rows × heads × tokens × size of a head; `window` belongs to all layers."""

    keys: torch.Tensor
    values: torch.Tensor

    def __init__(self, window: Window) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._window = window

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        """Makes buffers like these states, rows × heads × tokens × size."""
        room = max(self._window.end + key_states.shape[2] + ROOM, self._window.expected)
        self.keys, self.values = (
            states.new_zeros(self._window.rows, states.shape[1], room, states.shape[3])
            for states in (key_states, value_states)
        )
        self.is_initialized = True

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: object, **kwargs: object
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Writes the new tokens behind the window; returns the window and them."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        window, end = self._window, self._window.end + key_states.shape[2]
        self.keys[: window.rows, :, window.end : end] = key_states
        self.values[: window.rows, :, window.end : end] = value_states
        shown = slice(window.rows), slice(None), slice(window.start, end)
        return self.keys[shown], self.values[shown]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """As transformers asks it: the tokens there will be, and the number of the first."""
        return self._window.length + query_length, 0

    def get_seq_length(self) -> int:
        """The tokens of the window."""
        return self._window.length

    def get_max_length(self) -> int:
        """-1: there is no limit."""
        return -1


class BatchCache(Cache):
    """The cache of one batch. `lengths` are the tokens of each row.

    A forward pass of `n` tokens goes between `reserve(n)` and `advance(n)`.
    """

    layers: list[WindowLayer]  # type: ignore[assignment]

    def __init__(self, layers: int, expected: int = 0) -> None:
        self.lengths: list[int] = []
        self._window = Window(expected)
        super().__init__(layers=[WindowLayer(self._window) for _ in range(layers)])

    @property
    def length(self) -> int:
        """The tokens of the window: those of the longest row."""
        return self._window.length

    def reserve(self, tokens: int) -> None:
        """Sees to it that so many more tokens can be written."""
        layer = self.layers[0]
        if layer.is_initialized and layer.keys.shape[2] < self._window.end + tokens:
            self._move(self._window.rows, self._window.length, tokens)

    def advance(self, tokens: int) -> None:
        """The forward pass has written so many tokens to each row that is longer than their padding."""
        self._window.end += tokens
        self.lengths = [length + tokens for length in self.lengths]

    def shorten(self, tokens: int) -> None:
        """Takes the last tokens of all rows back."""
        self.advance(-tokens)

    def join(self, rows: Sequence[KeysValues], lengths: Sequence[int]) -> None:
        """Adds rows behind the present ones. A row of length 0 needs no layers."""
        before, end = self._window.rows, self._make_room(len(rows), max([self.length, *lengths]))
        for at, (row, length) in enumerate(zip(rows, lengths, strict=True), start=before):
            for layer, (keys, values) in zip(self.layers, row, strict=bool(length)):
                if not layer.is_initialized:
                    layer.lazy_initialization(keys[None], values[None])
                layer.keys[at, :, end - length : end] = keys
                layer.values[at, :, end - length : end] = values
        self.lengths.extend(lengths)

    def keep(self, rows: Sequence[int]) -> list[int]:
        """Drops all rows but these; returns their old numbers in their new order.

        The last rows move into the gaps, so that only they are copied.
        """
        order = list(range(len(rows)))
        gaps = [row for row in order if row not in rows]
        for gap, mover in zip(gaps, [row for row in rows if row >= len(rows)], strict=True):
            order[gap] = mover
            for layer in self.layers if self.layers[0].is_initialized else ():
                layer.keys[gap].copy_(layer.keys[mover])
                layer.values[gap].copy_(layer.values[mover])
        self.lengths = [self.lengths[row] for row in order]
        self._window.rows = len(order)
        self._window.start = self._window.end - max(self.lengths, default=0)
        return order

    def row(self, row: int, start: int = 0) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """The keys and values of one row from its token number `start` on: views, no copies. Of an empty row
        none."""
        if self.lengths[row] <= start:
            return []
        shown = row, slice(None), slice(self._window.end - self.lengths[row] + start, self._window.end)
        return [(layer.keys[shown], layer.values[shown]) for layer in self.layers]

    def _make_room(self, more: int, length: int) -> int:
        """For more rows, and `length` tokens before the right edge; returns where that edge is."""
        window, layer = self._window, self.layers[0]
        rows = window.rows + more
        if not layer.is_initialized:
            window.end = max(window.end, length)
        elif layer.keys.shape[0] < rows or window.end < length:
            self._move(rows, length, 0)
        window.rows, window.start = rows, min(window.start, window.end - length)
        return window.end

    def _move(self, rows: int, length: int, tokens: int) -> None:
        """Into new buffers: of so many rows, with a window of `length` and room for `tokens` and more."""
        window = self._window
        shift = length - window.length
        room = length + tokens + max(ROOM, length // 4)
        for layer in self.layers:
            for name in ("keys", "values"):
                old = getattr(layer, name)
                new = old.new_zeros(rows, old.shape[1], room, old.shape[3])
                new[: window.rows, :, shift:length] = old[: window.rows, :, window.start : window.end]
                setattr(layer, name, new)
        window.start, window.end = shift, length

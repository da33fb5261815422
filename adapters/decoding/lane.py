"""The batch that is being written: one token for every row at each step."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from adapters.decoding.cache import BatchCache
from adapters.decoding.call import Row
from adapters.lora import Mix
from adapters.sampling import next_tokens

Forward = Callable[..., Any]
"""The model's forward pass, with the keyword arguments of transformers and `mixes`, an adapter mix per
row."""


class Lane:
    """Rows that share every step, with their keys and values."""

    def __init__(self, forward: Forward, device: torch.device) -> None:
        self.rows: list[Row] = []
        self.cache = BatchCache(0)
        self._forward, self._device = forward, device

    def join(self, rows: Sequence[Row], cache: BatchCache) -> None:
        """Adds rows, whose prompts but for the last token are in `cache`."""
        if not self.rows:
            self.cache = cache
        else:
            numbers = range(len(rows))
            self.cache.join([cache.row(number) for number in numbers], cache.lengths)
        self.rows.extend(rows)

    def step(self) -> None:
        """Writes the next token of every row."""
        last = [[row.tokens[-1]] for row in self.rows]
        mixes = [row.request.mix for row in self.rows]
        logits = run(self._forward, self.cache, last, mixes, self._device)
        tokens = next_tokens([row.sampler for row in self.rows], logits[:, -1])
        for row, token in zip(self.rows, tokens, strict=True):
            row.push(token)

    def drop(self, ended: Callable[[Row, BatchCache, int], None]) -> None:
        """Lets the rows go that have ended; `ended` may take their keys and values first."""
        going = [row.look() for row in self.rows]
        if all(going):
            return
        for at, row in enumerate(self.rows):
            if not going[at]:
                ended(row, self.cache, at)
        if any(going):
            order = self.cache.keep([at for at, goes_on in enumerate(going) if goes_on])
            self.rows = [self.rows[at] for at in order]
        else:
            self.clear()

    def clear(self) -> None:
        """Lets all rows go."""
        self.rows, self.cache = [], BatchCache(0)


def run(
    forward: Forward,
    cache: BatchCache,
    tokens: Sequence[Sequence[int]],
    mixes: Sequence[Mix],
    device: torch.device,
    keep: int = 1,
) -> torch.Tensor:
    """A forward pass of the same number of tokens for each row, onto the end of the cache.

    Returns the logits of the last `keep` positions (0: all), rows × positions × vocabulary. A row whose
    length in the cache is below 0 is still in the padding before its first token.
    """
    count = len(tokens[0])
    cache.reserve(count)
    ids = torch.tensor(tokens, device=device)
    positions = torch.tensor(cache.lengths, device=device)[:, None] + torch.arange(count, device=device)
    output = forward(
        input_ids=ids,
        attention_mask=_mask(cache, count, device),
        position_ids=positions.clamp(min=0),
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=keep,
        mixes=mixes,
    )
    cache.advance(count)
    logits: torch.Tensor = output.logits
    return logits


def _mask(cache: BatchCache, count: int, device: torch.device) -> torch.Tensor | None:
    """Which tokens of the cache and of the next ones count, rows × tokens; None: all of them."""
    if all(length == cache.length for length in cache.lengths):
        return None
    starts = torch.tensor([cache.length - length for length in cache.lengths], device=device)
    return torch.arange(cache.length + count, device=device)[None, :] >= starts[:, None]

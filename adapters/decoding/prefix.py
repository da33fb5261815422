"""Prompts that were read before: their keys and values, found again by the longest common beginning.

A tree whose branches are runs of tokens, so that what prompts share is kept once (RadixAttention, Zheng et
al. 2023, https://arxiv.org/abs/2312.07104). There is a tree per owner and adapter mix: nothing crosses from
one to another. What was not used for longest leaves first, from the ends of the branches.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import torch

from adapters.decoding.cache import KeysValues
from adapters.lora import Mix

Key = tuple[str, Mix]
"""The owner, and the adapters through which the prompt was read."""


@dataclass(eq=False)
class _Run:
    """A run of tokens with its keys and values, each heads × tokens × size, and what followed it."""

    tokens: list[int]
    layers: list[tuple[torch.Tensor, torch.Tensor]]
    above: "_Run | None"
    below: dict[int, "_Run"] = field(default_factory=dict)
    used: int = 0

    @property
    def bytes(self) -> int:
        return sum(keys.nbytes + values.nbytes for keys, values in self.layers)


class PrefixStore:
    """Keeps at most `limit` bytes of keys and values. For one thread."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.bytes = 0
        self._roots: dict[Key, _Run] = {}
        self._clock = 0

    def find(self, key: Key, tokens: list[int]) -> int:
        """How many of the first tokens were read before."""
        return sum(count for _, count in self._path(key, tokens))

    def read(self, key: Key, tokens: list[int]) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """The keys and values of the tokens, all of which were read before; none for no tokens."""
        path = list(self._path(key, tokens))
        self._touch(path)
        layers = zip(*(run.layers for run, _ in path), strict=True)
        counts = [count for _, count in path]
        return [(_joined(layer, counts, 0), _joined(layer, counts, 1)) for layer in layers]

    def add(self, key: Key, tokens: list[int], layers: KeysValues) -> None:
        """Keeps a copy of what is new in it; lets the oldest go when there is no room."""
        path = list(self._path(key, tokens))
        known = sum(count for _, count in path)
        self._touch(path)
        if known == len(tokens) or not self._fits(layers, known):
            return
        above = self._split(*path[-1]) if path else self._roots.setdefault(key, _Run([], [], None))
        new = [(keys[:, known:].clone(), values[:, known:].clone()) for keys, values in layers]
        run = _Run(tokens[known:], new, above, used=self._clock)
        above.below[run.tokens[0]] = run
        self.bytes += run.bytes
        self._make_room()

    def forget_adapters(self, names: set[str]) -> None:
        """Lets everything go that was read through one of these adapters."""
        self._forget(lambda key: bool(names & {name for name, _ in key[1]}))

    def forget_owner(self, owner: str) -> None:
        """Lets everything go that was read for that owner."""
        self._forget(lambda key: key[0] == owner)

    def _forget(self, gone: Callable[[Key], bool]) -> None:
        for key in [key for key in self._roots if gone(key)]:
            self.bytes -= sum(run.bytes for run in _runs(self._roots.pop(key)))

    def clear(self) -> None:
        """Lets everything go."""
        self._roots, self.bytes = {}, 0

    def _path(self, key: Key, tokens: list[int]) -> Iterator[tuple[_Run, int]]:
        """The runs that the tokens begin with, and how many tokens of each."""
        run, at = self._roots.get(key), 0
        while run is not None and at < len(tokens) and (run := run.below.get(tokens[at])) is not None:
            count = _common(run.tokens, tokens, at)
            yield run, count
            if count < len(run.tokens):
                return
            at += count

    def _fits(self, layers: KeysValues, known: int) -> bool:
        return sum(keys[:, known:].nbytes + values[:, known:].nbytes for keys, values in layers) <= self.limit

    def _touch(self, path: Sequence[tuple[_Run, int]]) -> None:
        self._clock += 1
        for run, _ in path:
            run.used = self._clock

    def _split(self, run: _Run, count: int) -> _Run:
        """The run, cut off after `count` tokens: what followed them becomes a run below it."""
        if count == len(run.tokens):
            return run
        # cloned, or else both halves would hold the memory of the whole
        rest = [(keys[:, count:].clone(), values[:, count:].clone()) for keys, values in run.layers]
        tail = _Run(run.tokens[count:], rest, run, run.below, run.used)
        for child in tail.below.values():
            child.above = tail
        run.layers = [(keys[:, :count].clone(), values[:, :count].clone()) for keys, values in run.layers]
        run.tokens, run.below = run.tokens[:count], {tail.tokens[0]: tail}
        return run

    def _make_room(self) -> None:
        while self.bytes > self.limit:
            ends = [run for root in self._roots.values() for run in _runs(root) if not run.below]
            self._remove(min(ends, key=lambda run: run.used))

    def _remove(self, run: _Run) -> None:
        if run.above is not None:
            del run.above.below[run.tokens[0]]
            self.bytes -= run.bytes
        else:  # a root with nothing left below it
            self._roots = {key: root for key, root in self._roots.items() if root is not run}


def _runs(run: _Run) -> Iterator[_Run]:
    yield run
    for child in run.below.values():
        yield from _runs(child)


def _common(run: list[int], tokens: list[int], at: int) -> int:
    """How many of the run's tokens stand in `tokens` from `at` on."""
    if run == tokens[at : at + len(run)]:
        return len(run)
    pairs = enumerate(zip(run, tokens[at : at + len(run)], strict=False))
    return next((count for count, (one, other) in pairs if one != other), min(len(run), len(tokens) - at))


def _joined(layer: Sequence[tuple[torch.Tensor, ...]], counts: Sequence[int], which: int) -> torch.Tensor:
    """Keys (0) or values (1) of one layer over all runs; the last run may be cut."""
    parts = [pair[which][:, :count] for pair, count in zip(layer, counts, strict=True)]
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)

"""Perplexity of a text: e to the mean negative log-likelihood of its tokens.

A text longer than a window is read in overlapping windows, each half new: every token but a window's first
half is judged with at least half a window before it ("Perplexity of fixed-length models",
https://huggingface.co/docs/transformers/perplexity). Standard library only.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

Score = Callable[[Sequence[int]], Sequence[float]]
"""The log-probability of each token but the first, given those before it."""

WINDOW = 1024


@dataclass(frozen=True)
class Window:
    """The tokens from `start` to `end` are read; those from `judged` on count."""

    start: int
    judged: int
    end: int


def windows(tokens: int, size: int = WINDOW) -> list[Window]:
    """The windows that judge every token but the very first exactly once."""
    found = [Window(0, 1, min(tokens, size))]
    while (done := found[-1].end) < tokens:
        end = min(tokens, done + size // 2)
        found.append(Window(max(0, end - size), done, end))
    return found


def likelihoods(
    tokens: Sequence[int], score: Score, size: int = WINDOW
) -> Iterator[tuple[Window, list[float]]]:
    """The log-probabilities of the judged tokens, window after window."""
    for window in windows(len(tokens), size):
        judged = window.end - window.judged
        yield window, list(score(tokens[window.start : window.end]))[-judged:] if judged else []


def perplexity(logarithms: Sequence[float]) -> float:
    """exp(-mean): 1 is certainty, the size of the vocabulary is guessing."""
    return math.exp(-math.fsum(logarithms) / len(logarithms))

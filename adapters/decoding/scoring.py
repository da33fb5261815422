"""Reading a text for the probabilities of its tokens."""

from collections.abc import Generator, Sequence
from typing import Any

import torch

from adapters.decoding.cache import BatchCache
from adapters.decoding.lane import run
from adapters.decoding.loras import Loras
from adapters.decoding.reading import pieces
from adapters.decoding.sizes import len_layers
from adapters.lora import Mix

SCORED_TOKENS = 4
"""A piece that is scored is shorter by this: the whole vocabulary's logits of each of its tokens are kept."""


def score(model: Any, loras: Loras, tokens: Sequence[int], mix: Mix) -> Generator[None, None, list[float]]:
    """The natural logarithm of the probability of each token but the first; one piece at each step."""
    cache = BatchCache(len_layers(model), expected=len(tokens))
    cache.join([[]], [0])
    scores: list[float] = []
    for start, end in pieces(len(tokens) - 1, SCORED_TOKENS):
        logits = run(loras.forward, cache, [tokens[start:end]], [mix], model.device, keep=0)
        following = torch.tensor(tokens[start + 1 : end + 1], device=logits.device)
        found = logits[0].float().log_softmax(dim=-1).gather(1, following[:, None])
        scores.extend(found[:, 0].tolist())
        yield
    return scores

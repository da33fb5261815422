"""Choosing the next token, each request by its own temperature, top-p and seed.

transformers samples from torch's one global generator, so that two requests would disturb each other. Here
every row of a batch has its own generator: the same seed gives the same text, whoever else is served.
"""

from collections.abc import Sequence

import torch
from transformers import LogitsProcessor, TemperatureLogitsWarper, TopPLogitsWarper

from adapters.request import Request


class Sampling(LogitsProcessor):
    """Draws a token per row and leaves only that one possible, so that greedy decoding takes it.

    Rows with temperature 0 are left as they are. Nucleus sampling after Holtzman et al. 2020,
    https://arxiv.org/abs/1904.09751.
    """

    def __init__(self, requests: Sequence[Request]) -> None:
        self._rows = [_Row(request) if request.temperature > 0 else None for request in requests]

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        """`scores`: rows × vocabulary, float32."""
        for at, row in enumerate(self._rows):
            if row is not None:
                token = row.draw(input_ids[at : at + 1], scores[at : at + 1])
                scores[at] = float("-inf")
                scores[at, token] = 0.0
        return scores


class _Row:
    def __init__(self, request: Request) -> None:
        self._generator = torch.Generator().manual_seed(request.seed)
        self._temperature = TemperatureLogitsWarper(request.temperature)
        self._top_p = TopPLogitsWarper(request.top_p) if request.top_p < 1 else None

    def draw(self, ids: torch.Tensor, scores: torch.Tensor) -> int:
        scores = self._temperature(ids, scores)
        if self._top_p is not None:
            scores = self._top_p(ids, scores)
        # on the CPU, so that a seed means the same on every device
        probabilities = scores.softmax(dim=-1).cpu()
        return int(torch.multinomial(probabilities, 1, generator=self._generator))

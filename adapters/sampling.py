"""Choosing the next token, each request by its own temperature, top-p and seed.

transformers samples from torch's one global generator, so that two requests would disturb each other, and
sorts the whole vocabulary for every token, which took a third of the time of a token. Here every row of a
batch has its own generator, and a seed means the same on every device.
"""

from collections.abc import Sequence

import torch

from adapters.request import Request

LIKELY = 64
"""The nucleus is looked for among so many tokens first; the whole vocabulary is sorted only when it is
larger."""


class Sampler:
    """Draws the tokens of one request. Nucleus sampling after Holtzman et al. 2020,
    https://arxiv.org/abs/1904.09751."""

    def __init__(self, request: Request) -> None:
        self.temperature = request.temperature
        self._top_p = request.top_p
        self._generator = torch.Generator().manual_seed(request.seed)

    def draw(self, logits: torch.Tensor) -> int:
        """A token by its probability; `logits`: vocabulary, float32."""
        probabilities = (logits / self.temperature).softmax(dim=-1)
        likely, tokens = self._nucleus(probabilities)
        sums = likely.double().cpu().cumsum(dim=0)
        point = torch.rand(1, generator=self._generator, dtype=torch.float64) * sums[-1]
        at = min(int(torch.searchsorted(sums, point, right=True)), len(sums) - 1)
        return int(tokens[at])

    def _nucleus(self, probabilities: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The fewest tokens whose probabilities reach top-p, likeliest first."""
        if self._top_p >= 1:
            return probabilities, torch.arange(len(probabilities))
        likely, tokens = probabilities.topk(min(LIKELY, len(probabilities)))
        if float(likely.sum()) < self._top_p:
            likely, tokens = probabilities.sort(descending=True, stable=True)
        inside = likely.cumsum(dim=0) - likely < self._top_p
        return likely[inside], tokens[inside]


def next_tokens(samplers: Sequence[Sampler], logits: torch.Tensor) -> list[int]:
    """A token per row; `logits`: rows × vocabulary. Rows with temperature 0 take the likeliest."""
    tokens: list[int] = logits.argmax(dim=-1).tolist()
    for row, sampler in enumerate(samplers):
        if sampler.temperature > 0:
            tokens[row] = sampler.draw(logits[row].float())
    return tokens

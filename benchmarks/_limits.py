"""What this machine could do at most: bytes read from memory, and arithmetic, each measured.

A decoded token reads every weight once, so bandwidth / bytes of the weights bounds decoding; a prefilled
token takes two operations per weight, so the peak of a matrix product bounds prefill. The best of several
tries counts: a limit is not an average.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

TRIES = 15
MEGABYTES, SIDE = 512, 2048


@dataclass(frozen=True)
class Limits:
    """bytes per second; operations per second (an addition and a multiplication are two)."""

    bandwidth: float
    bfloat16: float
    int8: float

    @property
    def peak(self) -> float:
        """The faster arithmetic."""
        return max(self.bfloat16, self.int8)


@dataclass(frozen=True)
class Shape:
    """The model's sizes that decide the limits. `computed`: weights that every token is multiplied with;
    `output`: the output layer's, which only a token that is answered needs."""

    computed: int
    output: int
    layers: int
    hidden: int

    def prefill_s(self, tokens: int, limits: Limits, known: int = 0) -> float:
        """The shortest time to read that many tokens behind `known` ones, causal attention included."""
        pairs = tokens * known + tokens * tokens / 2
        return (2 * self.computed * tokens + 4 * self.layers * self.hidden * pairs) / limits.peak

    def step_s(self, readers: int, weights: float, outputs: float, limits: Limits) -> float:
        """The shortest time for one more token of so many readers; `weights` and `outputs` in bytes each."""
        reading = (self.computed * weights + self.output * outputs) / limits.bandwidth
        return max(reading, 2 * readers * (self.computed + self.output) / limits.peak)


def measure_limits() -> Limits:
    """A few seconds with all cores."""
    import torch

    numbers = torch.ones(MEGABYTES << 18, dtype=torch.float32)
    half = torch.ones(SIDE, SIDE, dtype=torch.bfloat16)
    whole = torch.randint(-9, 9, (SIDE, SIDE), dtype=torch.int8)
    operations = 2 * SIDE**3
    return Limits(
        bandwidth=numbers.nbytes / _best(numbers.sum),
        bfloat16=operations / _best(lambda: half @ half.t()),
        int8=operations / _best(lambda: torch._int_mm(whole, whole.t())),
    )


def _best(run: Callable[[], object]) -> float:
    times = []
    for _ in range(TRIES):
        began = time.perf_counter()
        run()
        times.append(time.perf_counter() - began)
    return min(times)

"""Progress of work that tells nothing about itself while it runs.

transformers reads a GGUF file in a few long calls without a hook. The bar moves by the time each call usually
takes, slows down rather than claim to be finished, and is put right at the end of every call.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

Report = Callable[[str, float], None]
"""Called with the name of the step and how much of it is done, 0..1; where bytes are counted, as `Bytes`."""

TICK_S = 0.25


class Bytes(float):
    """A fraction that knows what it is a fraction of: `done` of `total` bytes. A Report may be given one."""

    done: int
    total: int

    def __new__(cls, done: int, total: int) -> Self:
        """done / total, at most 1; nothing of nothing is all of it."""
        made = super().__new__(cls, min(1.0, done / total) if total else 1.0)
        made.done, made.total = done, total
        return made


def silent(step: str, fraction: float) -> None:
    """For callers who do not want to know."""


class Estimate:
    """The progress of one step made of calls whose usual durations (seconds) are known.

    A machine that took twice as long for the first call is expected to take twice as long for the others.
    """

    def __init__(self, report: Report, step: str, usual_s: float) -> None:
        self._report, self._step, self._usual_s = report, step, usual_s
        self._done_s = self._took_s = 0.0

    @contextmanager
    def call(self, usual_s: float) -> Iterator[None]:
        """Surrounds one call."""
        finished = threading.Event()
        began = time.monotonic()
        ticker = threading.Thread(target=self._tick, args=(usual_s, began, finished), daemon=True)
        ticker.start()
        try:
            yield
        finally:
            finished.set()
            ticker.join()
        self._done_s += usual_s
        self._took_s += time.monotonic() - began
        self._report(self._step, self._done_s / self._usual_s)

    def _tick(self, usual_s: float, began: float, finished: threading.Event) -> None:
        pace = self._took_s / self._done_s if self._done_s else 1.0
        while not finished.wait(TICK_S):
            share = _share((time.monotonic() - began) / (pace * usual_s))
            self._report(self._step, (self._done_s + usual_s * share) / self._usual_s)


def _share(elapsed: float) -> float:
    """Nine tenths at the usual time (1.0), then ever slower: it never says it is finished."""
    return 0.9 * elapsed if elapsed <= 1 else 1 - 0.1 * math.exp(1 - elapsed)

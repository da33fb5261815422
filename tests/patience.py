"""Limits of time that hold on a slow machine, too, and on one that is busy with something else just now."""

import time
from collections.abc import Sequence

from adapters.request import Engine, Request

SOON_S = 2.0
STEPS = 6
"""What a stop may wait for: the step that runs, the look at the flags, and what else runs beside it."""

STEP_TOKENS = 512
"""The longest piece of a prompt that any engine reads in one step."""


def soon(waited: float, engine: Engine, prompt: Sequence[int]) -> bool:
    """Whether `waited` seconds are at most two; where they are more, at most what a few steps take now."""
    return waited < SOON_S or waited < STEPS * _step_s(engine, prompt)


def _step_s(engine: Engine, prompt: Sequence[int]) -> float:
    """How long the engine takes just now to read the longest piece; `prompt` has been read by nobody."""
    began = time.monotonic()
    for _ in engine.generate([Request(prompt[-STEP_TOKENS:], 1, owner=f"at {began}")]):
        pass
    return time.monotonic() - began

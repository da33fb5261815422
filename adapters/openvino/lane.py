"""One pipeline and what runs in it: answers that are written, texts that are scored."""

import time
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Protocol

from adapters.decoding.call import Row
from adapters.errors import ModelClosed
from adapters.lora import Mix
from adapters.openvino.pipeline import (
    BLOCK,
    Pipeline,
    ended,
    read_log_probabilities,
    read_tokens,
    refused,
)

NO_ROOM = "its cache has no room for so many tokens"
MOST_STEPS_TO_EMPTY = 2


class Job(Protocol):
    """Something that runs in a pipeline."""

    tokens: int

    def go_on(self) -> bool:
        """Hands over what has come; False when nothing more is wanted or will come."""

    def fail(self, error: Exception) -> None:
        """Tells whoever waits for it."""

    def close(self) -> None:
        """Ends it because the model is closed."""

    def cancel(self) -> None:
        """Takes it out of the pipeline."""


class Lane:
    """A pipeline for one mix of adapters, and its jobs. `tokens` is the room in its cache."""

    def __init__(self, mix: Mix, pipeline: Pipeline, tokens: int) -> None:
        self.mix, self.pipeline, self.tokens = mix, pipeline, tokens
        self.jobs: list[Job] = []
        self.used = time.monotonic()

    @property
    def working(self) -> bool:
        """Whether `step` has anything to do."""
        return bool(self.jobs) or self.pipeline.working

    def has_room(self, tokens: int) -> bool:
        """Whether so many tokens fit beside those that the running jobs will have at the most. The first
        always may try."""
        return (
            not self.jobs or sum(_rounded(job.tokens) for job in self.jobs) + _rounded(tokens) <= self.tokens
        )

    def add(self, job: Job) -> None:
        """Takes a job in that was begun on the pipeline."""
        self.jobs.append(job)
        self.used = time.monotonic()

    def step(self) -> None:
        """One step of the pipeline; what has ended leaves."""
        self.look()
        if self.pipeline.working:
            self.pipeline.step()
        self.look()
        self.used = time.monotonic()

    def look(self) -> None:
        """Takes out the jobs that are done or not wanted any more."""
        gone = [job for job in self.jobs if not job.go_on()]
        for job in gone:
            job.cancel()
            self.jobs.remove(job)

    def fail(self, error: Exception) -> None:
        """Ends all jobs with that error. The pipeline is not used again."""
        for job in self.jobs:
            job.fail(error)
        self._empty()

    def close(self) -> None:
        """Ends all jobs because the model is closed."""
        for job in self.jobs:
            job.close()
        self._empty()

    def _empty(self) -> None:
        """What is cancelled gives its keys and values back at the next step: OpenVINO complains of a pipeline
        that is let go with them."""
        for job in self.jobs:
            job.cancel()
        self.jobs.clear()
        with suppress(Exception):  # it may be broken
            for _ in range(MOST_STEPS_TO_EMPTY):
                if self.pipeline.working:
                    self.pipeline.step()


class Answer:
    """A request that is being answered."""

    def __init__(self, row: Row, handle: Any) -> None:
        self.row, self._handle, self.tokens = row, handle, row.most

    def go_on(self) -> bool:
        """Hands the new tokens to the reader."""
        if not self.row.look():
            return False
        for token in read_tokens(self._handle):
            self.row.push(token)
            if self.row.finished:
                return False
        if refused(self._handle):
            raise RuntimeError(NO_ROOM)
        return not ended(self._handle)

    def fail(self, error: Exception) -> None:
        """Tells the reader of the call."""
        self.row.call.fail(error)

    def close(self) -> None:
        """Ends it as one that was stopped: what is written stays."""
        self.row.request.stopped.set()
        self.row.look()

    def cancel(self) -> None:
        """Takes it out of the pipeline."""
        self._handle.cancel()


class Scoring:
    """A text whose log-probabilities are wanted; `result` will hold them, or an error: TimeoutError when they
    are not there within `limit_s` seconds."""

    def __init__(
        self, text: Sequence[int], handle: Any, result: "Future[list[float]]", limit_s: float
    ) -> None:
        self.tokens, self._handle, self._result = len(text) + 1, handle, result
        self._limit_s, self._deadline = limit_s, time.monotonic() + limit_s

    def go_on(self) -> bool:
        """Gives the result when all is read."""
        if not ended(self._handle):
            if time.monotonic() < self._deadline:
                return True
            self.fail(TimeoutError(f"the text was not read within {self._limit_s:g} s"))
            return False
        if refused(self._handle):
            raise RuntimeError(NO_ROOM)
        self._result.set_result(read_log_probabilities(self._handle))
        return False

    def fail(self, error: Exception) -> None:
        """Tells whoever waits, unless the result has come before."""
        if not self._result.done():
            self._result.set_exception(error)

    def close(self) -> None:
        """Tells whoever waits that the model is closed."""
        self.fail(ModelClosed())

    def cancel(self) -> None:
        """Takes it out of the pipeline."""
        self._handle.cancel()


def _rounded(tokens: int) -> int:
    return -(-tokens // BLOCK) * BLOCK

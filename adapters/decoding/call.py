"""One call of `generate`: its requests, and the way of their chunks to the reader.

The reader and the worker meet only in an unbounded queue and in the stop flags of the requests: however
slowly somebody reads, the worker never waits for it.
"""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from adapters.errors import GenerationFailed, WaitedTooLong
from adapters.request import Chunk, FinishReason, Request
from adapters.text import TokenText

if TYPE_CHECKING:
    from adapters.sampling import Sampler

HEARTBEAT_S = 0.1


class Call:
    """The requests of one reader. `waiting` are those that have not begun, `open` all that have not ended.
    `clock` tells seconds."""

    def __init__(self, requests: Sequence[Request], clock: Callable[[], float] = time.monotonic) -> None:
        self.requests, self._clock = tuple(requests), clock
        self.waiting = deque(range(len(self.requests)))
        self.open = len(self.requests)
        self._chunks: queue.SimpleQueue[Chunk | Exception] = queue.SimpleQueue()
        self._begun = threading.Event()
        self._moved = clock()
        self._failed = False

    @property
    def overdue(self) -> bool:
        """Whether it has waited, since it was asked or since the last of its requests began, for as long as
        an answer may take."""
        limits = [self.requests[at].time_limit_s for at in tuple(self.waiting)]
        return bool(limits) and self._clock() - self._moved >= max(limits)

    @property
    def patient(self) -> bool:
        """Whether nobody watches the text grow: many answers were asked for at once."""
        return len(self.requests) > 1

    def begin(self, index: int) -> None:
        """Takes a request out of those that wait."""
        self._begun.set()
        self._moved = self._clock()
        self.waiting.remove(index)

    def drop_stopped(self) -> None:
        """Ends the waiting requests that were stopped."""
        stopped = [at for at in self.waiting if self.requests[at].stopped.is_set()]
        for at in stopped:
            self.waiting.remove(at)
            self.emit(Chunk(at, finish_reason="stopped"))

    def give_up(self, others: int) -> None:
        """Ends what waits: with an error where nothing has begun, else as what ran out of time, so that the
        answers that are there stay. `others` calls wait besides."""
        waiting = tuple(self.waiting)
        if not self._begun.is_set():
            seconds = round(max(self.requests[at].time_limit_s for at in waiting))
            return self.fail(WaitedTooLong(seconds=seconds, waiting=others))
        self.waiting.clear()
        for at in waiting:
            self.emit(Chunk(at, finish_reason="time_limit"))
        return None

    def emit(self, chunk: Chunk) -> None:
        """Hands a chunk to the reader."""
        self.open -= chunk.finish_reason is not None
        self._chunks.put(chunk)

    def stop(self) -> None:
        """Sets the stop flag of each request."""
        for request in self.requests:
            request.stopped.set()

    def fail(self, error: Exception) -> None:
        """Ends the call: what waits of it never begins, what runs is stopped."""
        self._failed = True  # before it is stopped, or the reader would take it for that
        self.waiting.clear()
        self.stop()
        self._chunks.put(error)

    def chunks(self) -> Iterator[Chunk]:
        """What the reader sees, until each request has had its last chunk; every 100 ms an empty one.

        Raises GenerationFailed, WaitedTooLong.
        """
        texts = [""] * len(self.requests)
        left = len(texts)
        while left:
            chunk = self._next()
            if isinstance(chunk, WaitedTooLong):
                raise chunk
            if self._left_the_line():
                yield from (Chunk(at, finish_reason="stopped") for at in range(len(self.requests)))
                return
            if isinstance(chunk, Exception):
                raise GenerationFailed(cause=chunk, partial=tuple(texts)) from chunk
            texts[chunk.index] += chunk.text
            left -= chunk.finish_reason is not None
            yield chunk

    def _left_the_line(self) -> bool:
        """Whether all requests were stopped before their turn came: nobody has to wait for it then."""
        stopped = all(request.stopped.is_set() for request in self.requests)
        return stopped and not self._begun.is_set() and not self._failed

    def _next(self) -> Chunk | Exception:
        try:
            return self._chunks.get(timeout=HEARTBEAT_S)
        except queue.Empty:
            return Chunk()


class Row:
    """One request while it runs. `tokens` are those of the prompt and of the answer so far."""

    def __init__(self, call: Call, index: int, tokenizer: Any, ends: frozenset[int], pad: int) -> None:
        self.call, self.request = call, call.requests[index]
        self.tokens = list(self.request.prompt) or [pad]
        self.prompt = len(self.tokens)
        self.finished: FinishReason | None = None
        self._index, self._ends = index, ends
        self._text = TokenText(tokenizer, self.request.stop)
        self._deadline = time.monotonic() + self.request.time_limit_s

    @cached_property
    def sampler(self) -> "Sampler":
        """Draws its tokens, where the engine does not do that itself. Imports torch."""
        from adapters.sampling import Sampler

        return Sampler(self.request)

    @property
    def written(self) -> int:
        """The tokens of the answer so far."""
        return len(self.tokens) - self.prompt

    @property
    def most(self) -> int:
        """The tokens there will be at the most."""
        return self.prompt + self.request.max_tokens

    def look(self) -> bool:
        """Ends the request when it was stopped or its time is over; whether it goes on."""
        if self.finished is None and self.request.stopped.is_set():
            self._finish("stopped")
        elif self.finished is None and time.monotonic() >= self._deadline:
            self._finish("time_limit")
        return self.finished is None

    def push(self, token: int) -> None:
        """The next token of the answer."""
        self.tokens.append(token)
        if token in self._ends:
            return self._finish("stop")
        text, stopped = self._text.push(token)
        if stopped:
            return self._finish("stop", text)
        if self.written >= self.request.max_tokens:
            return self._finish("length", text)
        return self.call.emit(Chunk(self._index, text, self.written))

    def _finish(self, reason: FinishReason, text: str = "") -> None:
        self.finished = reason
        self.call.emit(Chunk(self._index, text + self._text.finish(), self.written, reason))

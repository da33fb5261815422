"""Several streams at once: each is read in a thread of its own, all come out of one iterator."""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from contextvars import copy_context
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
Make = Callable[[], Generator[T, None, None]]

CLOSING_S = 2.0
"""How long closing waits for streams to end: ours do so within a chunk, another may hang."""


@dataclass(frozen=True)
class _News(Generic[T]):
    """What the stream number `index` gave; nothing: it ended, or broke with `error`."""

    index: int
    item: T | None = None
    error: BaseException | None = None


def side_by_side(makes: Sequence[Make[T]], at_once: int) -> Generator[tuple[int, T | None], None, None]:
    """(number of the stream, what it gave) as it comes; (number, None) when one ends.

    At most `at_once` are open together, the first ones first. Closing this closes them all. Raises what any
    of them raises, and closes the others. A single one is read without a thread.
    """
    if len(makes) == 1:
        yield from _alone(makes[0])
        return
    crew = _Crew(makes, max(1, min(at_once, len(makes))))
    try:
        for _ in range(len(makes)):
            yield from crew.until_one_ends()
    finally:
        crew.close()


def _alone(make: Make[T]) -> Generator[tuple[int, T | None], None, None]:
    with closing(make()) as stream:
        for item in stream:
            yield 0, item
    yield 0, None


class _Crew(Generic[T]):
    """The threads, and what they bring."""

    def __init__(self, makes: Sequence[Make[T]], threads: int) -> None:
        self._waiting = deque(enumerate(makes))
        self._news: queue.Queue[_News[T]] = queue.Queue()
        self._closed = threading.Event()
        self._threads = [
            # each with the caller's context: LangChain's tracers are found through it
            threading.Thread(target=copy_context().run, args=(self._read,), name="side by side", daemon=True)
            for _ in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def until_one_ends(self) -> Generator[tuple[int, T | None], None, None]:
        """What comes, up to the end of any of them."""
        while True:
            news = self._news.get()
            if news.error is not None:
                raise news.error
            yield news.index, news.item
            if news.item is None:
                return

    def close(self) -> None:
        """Has every stream closed; waits for them a little."""
        self._closed.set()
        deadline = time.monotonic() + CLOSING_S
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _read(self) -> None:
        while not self._closed.is_set():
            try:
                index, make = self._waiting.popleft()
            except IndexError:
                return
            try:
                self._read_one(index, make)
                self._news.put(_News(index))
            except BaseException as error:
                self._news.put(_News(index, error=error))
                return

    def _read_one(self, index: int, make: Make[T]) -> None:
        with closing(make()) as stream:
            for item in stream:
                self._news.put(_News(index, item))
                if self._closed.is_set():
                    return

"""Who asked first: the model writes a few answers at once, the others wait and are told where they stand."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from adapters.errors import EngineFull

MOST_WAITING = 24


class Line:
    """Everybody who is answered or waits, in the order in which they asked.

    `at_once` tells how many the model answers at the same time.
    """

    def __init__(self, at_once: Callable[[], int] = lambda: 1) -> None:
        self._at_once = at_once
        self._lock = threading.Lock()
        self._tickets: list[object] = []

    @contextmanager
    def joined(self) -> Iterator[Callable[[], int]]:
        """Stands in line for the block; gives a function that counts who waits until it is one's turn,
        oneself included: 0 is one's turn, 1 the next.

        Raises EngineFull when more than `MOST_WAITING` wait already.
        """
        ticket = object()
        with self._lock:
            waiting = len(self._tickets) - self._at_once()
            if waiting >= MOST_WAITING:
                raise EngineFull(waiting=waiting)
            self._tickets.append(ticket)
        try:
            yield lambda: self._place(ticket)
        finally:
            with self._lock:
                self._tickets.remove(ticket)

    def _place(self, ticket: object) -> int:
        with self._lock:
            return max(0, self._tickets.index(ticket) + 1 - self._at_once())

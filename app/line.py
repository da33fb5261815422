"""Who asked first: the model answers one question after the other, and the others are told so."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Line:
    """Everybody who waits for the model of this process, in the order in which they asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tickets: list[object] = []

    @contextmanager
    def joined(self) -> Iterator[Callable[[], bool]]:
        """Stands in line for the block; gives a function that tells whether it is one's turn."""
        ticket = object()
        with self._lock:
            self._tickets.append(ticket)
        try:
            yield lambda: self._tickets[0] is ticket
        finally:
            with self._lock:
                self._tickets.remove(ticket)

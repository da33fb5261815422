"""Who waits for the model: calls in the order in which they came, and in turns where a call has many
requests."""

import threading
from collections import deque
from collections.abc import Iterator

from adapters.decoding.call import Call
from adapters.errors import EngineFull


class Line:
    """The waiting calls, at most `most`. A call with many requests takes turns with the others, so that two
    hundred questions at once do not keep one person waiting for all of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._calls: deque[Call] = deque()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._calls)

    def add(self, call: Call) -> None:
        """Raises EngineFull."""
        with self._lock:
            if len(self._calls) >= self._most:
                raise EngineFull(waiting=len(self._calls))
            self._calls.append(call)

    def sweep(self) -> None:
        """Lets go what was stopped while it waited."""
        with self._lock:
            for call in self._calls:
                call.drop_stopped()
            self._calls = deque(call for call in self._calls if call.waiting)

    def candidates(self) -> Iterator[tuple[Call, int]]:
        """The calls with the numbers of their waiting requests, in the order of their turns."""
        for call in tuple(self._calls):
            yield from ((call, index) for index in tuple(call.waiting))

    def turn(self) -> None:
        """The next call is the first; calls with nothing left to begin are gone."""
        with self._lock:
            if self._calls and self._calls[0].waiting:
                self._calls.rotate(-1)
            self._calls = deque(call for call in self._calls if call.waiting)

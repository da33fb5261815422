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
        """Lets go what was stopped while it waited, and what has waited too long."""
        with self._lock:
            for call in self._calls:
                call.drop_stopped()
                if call.overdue:
                    call.give_up(len(self._calls) - 1)
            self._calls = deque(call for call in self._calls if call.waiting)

    def candidates(self) -> Iterator[tuple[Call, int]]:
        """The calls with the numbers of their waiting requests, in the order of their turns."""
        for call in tuple(self._calls):
            yield from ((call, index) for index in tuple(call.waiting))

    def heads(self) -> Iterator[tuple[Call, int]]:
        """Of each call the request that is next, in the order of their turns."""
        yield from ((call, call.waiting[0]) for call in tuple(self._calls) if call.waiting)

    def turn(self, call: Call | None = None) -> None:
        """That call, or else the first, becomes the last; calls with nothing left to begin are gone."""
        with self._lock:
            served = self._calls[0] if call is None and self._calls else call
            order = sorted(self._calls, key=lambda one: one is served)
            self._calls = deque(one for one in order if one.waiting)

"""Between a generation and the screen: a stop flag per session, and a stream that never blocks.

Gradio closes a handler's generator between two of its yields, when the tab was closed or the connection
dropped. A generation may be silent for long (loading, reading a long prompt), so it runs in a thread of its
own and the handler yields a heartbeat meanwhile: whoever leaves is noticed, and the model stops.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")
HEARTBEAT_S = 0.4
FRAME_S = 0.08


class StopFlag:
    """The running generation of one session. Lives in gr.State, which copies its value for every session."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def __deepcopy__(self, memo: object) -> "StopFlag":
        return StopFlag()

    def begin(self) -> threading.Event:
        """A fresh flag for a new generation; an earlier one that still runs is stopped."""
        self._event.set()
        self._event = threading.Event()
        return self._event

    def stop(self) -> None:
        """Ends the running generation, if there is one."""
        self._event.set()


class _Pump(Generic[T]):
    """Runs an iterator in a thread and holds the newest thing it gave."""

    def __init__(self, make: Callable[[], Iterator[T]]) -> None:
        self._make = make
        self.items: queue.Queue[T] = queue.Queue()
        self.error: BaseException | None = None
        self.ended = threading.Event()
        threading.Thread(target=self._run, name="generation", daemon=True).start()

    def done(self) -> bool:
        """Whether nothing more will come."""
        return self.ended.is_set() and self.items.empty()

    def _run(self) -> None:
        try:
            for item in self._make():
                self.items.put(item)
        except BaseException as error:
            self.error = error
        finally:
            self.ended.set()


def newest(make: Callable[[], Iterator[T]], stop: threading.Event) -> Iterator[T | None]:
    """What `make()` yields, at most one a frame and always the newest; None where nothing is new.

    Closing this sets `stop`. Raises what the iterator raised, after its last item.
    """
    pump = _Pump(make)
    try:
        while not pump.done():
            yield _newest_of(pump)
        if pump.error is not None:
            raise pump.error
    finally:
        stop.set()


def _newest_of(pump: _Pump[T]) -> T | None:
    """Waits for a frame, or for a heartbeat where nothing comes."""
    deadline = time.monotonic() + HEARTBEAT_S
    item: T | None = None
    while item is None and time.monotonic() < deadline and not pump.done():
        with suppress(queue.Empty):
            item = pump.items.get(timeout=0.02)
    if item is not None:
        time.sleep(FRAME_S)
    while not pump.items.empty():
        item = pump.items.get_nowait()
    return item

"""Which adapters answers are being written through right now, and which are being deleted."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from adapters.errors import AdapterBusy, AdapterUnusable
from adapters.spec import Text

LEAVING: Text = {"en": "it is being deleted.", "ko": "삭제하는 중이에요."}


class InUse:
    """Counts the answers that need each adapter; safe to use from any thread. Nobody waits here."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._leaving: set[str] = set()

    @contextmanager
    def through(self, mix: str | None) -> Iterator[None]:
        """Within the block the adapters of that mix are in use. Raises AdapterUnusable while one of them is
        being deleted. What is no mix of ours (a server may call its adapters what it likes) is not counted.
        """
        names = _names(mix)
        with self._lock:
            if leaving := self._leaving.intersection(names):
                raise AdapterUnusable(adapter=min(leaving), reason=LEAVING)
            self._counts.update(names)
        try:
            yield
        finally:
            with self._lock:
                self._counts.subtract(names)

    @contextmanager
    def leaving(self, name: str) -> Iterator[None]:
        """Within the block nobody begins to use that adapter; others go on. Raises AdapterBusy where somebody
        uses it, AdapterUnusable where somebody else deletes it already."""
        with self._lock:
            if self._counts[name] > 0:
                raise AdapterBusy(name=name)
            if name in self._leaving:
                raise AdapterUnusable(adapter=name, reason=LEAVING)
            self._leaving.add(name)
        try:
            yield
        finally:
            with self._lock:
                self._leaving.discard(name)


def _names(mix: str | None) -> list[str]:
    from adapters.lora import read_mix

    try:
        return [name for name, _ in read_mix(mix)]
    except AdapterUnusable:  # the model says so itself, where it is none of its own either
        return []

"""Which adapters answers are being written through right now."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from adapters.errors import AdapterBusy


class InUse:
    """Counts the answers that need each adapter; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    @contextmanager
    def through(self, mix: str | None) -> Iterator[None]:
        """Within the block the adapters of that mix are in use. Raises AdapterUnusable for what is none."""
        from adapters.lora import read_mix

        names = [name for name, _ in read_mix(mix)]
        with self._lock:
            self._counts.update(names)
        try:
            yield
        finally:
            with self._lock:
                self._counts.subtract(names)

    @contextmanager
    def spared(self, name: str) -> Iterator[None]:
        """Within the block nobody begins to use any adapter. Raises AdapterBusy where somebody uses it."""
        with self._lock:
            if self._counts[name] > 0:
                raise AdapterBusy(name=name)
            yield

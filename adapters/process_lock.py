"""A lock between processes that can be left while it is waited for: two of them convert a model only once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

POLL_S = 0.2


@contextmanager
def process_lock(file: Path, check: Callable[[], None]) -> Iterator[None]:
    """Has `file` locked for the block. `check` is called before every wait and may raise to leave."""
    from filelock import FileLock, Timeout

    lock = FileLock(file)
    while not lock.is_locked:
        check()
        try:
            lock.acquire(timeout=POLL_S)
        except Timeout:
            continue
    try:
        yield
    finally:
        lock.release()

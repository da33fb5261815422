"""The process of a comparison is stopped wherever it is, and however this one was started."""

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.compare.child import Child
from app.settings import Settings
from vectorstore.store import Store


@pytest.fixture
def deaf_to_ctrl_c() -> Iterator[None]:
    """As a process that a script started in the background: what it starts ignores Ctrl-C as well."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


def no_store() -> Store:
    raise AssertionError("nothing was searched")


def test_one_that_has_not_said_anything_yet_is_stopped_at_once(deaf_to_ctrl_c: None, tmp_path: Path) -> None:
    child = Child(Settings(home=tmp_path), no_store, "en")
    timer = threading.Timer(0.1, child.stop)
    timer.start()
    ended = child.run([str(tmp_path / "no.yaml"), "--out", str(tmp_path)], lambda _: None)
    timer.join()
    assert child.stopping
    assert ended.status in (0, -signal.SIGTERM), ended  # 0: stopped before it was even started


def test_one_that_was_stopped_before_it_began_never_begins(tmp_path: Path) -> None:
    child = Child(Settings(home=tmp_path), no_store, "en")
    child.stop()
    assert child.run(["no.yaml"], lambda _: None).status == 0

"""The stream between a generation and the screen: newest first, never blocked, stopped when left."""

import threading
import time
from copy import deepcopy

import pytest

from app.stream import HEARTBEAT_S, StopFlag, newest


def test_frames_are_skipped_but_never_the_last():
    def fast():
        yield from range(10_000)

    frames = [item for item in newest(fast, threading.Event()) if item is not None]
    assert frames[-1] == 9_999
    assert len(frames) < 100
    assert frames == sorted(frames)


def test_silence_gives_heartbeats_so_that_leaving_is_noticed():
    stop = threading.Event()

    def silent():
        stop.wait(20)
        yield "late"

    stream = newest(silent, stop)
    started = time.perf_counter()
    assert next(stream) is None
    assert time.perf_counter() - started < HEARTBEAT_S + 0.5
    stream.close()
    assert stop.is_set()


def test_an_error_comes_after_what_was_said_before():
    def broken():
        yield 1
        raise ValueError("why")

    stream = newest(broken, threading.Event())
    assert next(stream) == 1
    with pytest.raises(ValueError, match="why"):
        list(stream)


def test_every_session_has_its_own_flag_and_a_new_generation_stops_the_old():
    shared = StopFlag()
    mine, yours = deepcopy(shared), deepcopy(shared)
    first, other = mine.begin(), yours.begin()
    second = mine.begin()
    assert first.is_set() and not second.is_set() and not other.is_set()
    mine.stop()
    assert second.is_set() and not other.is_set()

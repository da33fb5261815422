"""The line before the model: turns, what leaves it, and how long anybody stands in it."""

import threading

import pytest

from adapters.decoding.call import Call
from adapters.decoding.line import Line
from adapters.errors import EngineFull, GenerationFailed, WaitedTooLong
from adapters.request import Chunk, Request


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def call(count=1, limit=60.0, clock=lambda: 0.0):
    return Call([Request([1], 1, time_limit_s=limit) for _ in range(count)], clock)


def test_who_never_got_a_place_is_told_when_the_time_is_over_and_what_to_do(clock):
    line, waits = Line(4), call(limit=30, clock=clock)
    line.add(waits)
    line.add(call())
    clock.now = 29.9
    line.sweep()
    assert len(line) == 2, "not yet"
    clock.now = 30
    line.sweep()
    assert len(line) == 1
    with pytest.raises(
        WaitedTooLong, match=r"within 30 s; other requests waiting: 1\. Try again later"
    ) as caught:
        list(waits.chunks())
    assert "자리가 나지" in caught.value.text("ko") and "{" not in caught.value.text("ko")


def test_a_batch_of_which_something_began_keeps_what_it_has(clock):
    line, batch = Line(4), call(3, limit=20, clock=clock)
    line.add(batch)
    clock.now = 15
    batch.begin(0)
    clock.now = 25
    line.sweep()
    assert len(batch.waiting) == 2, "the time counts from when the last of them began"
    batch.emit(Chunk(0, "done", 1, "stop"))
    clock.now = 35
    line.sweep()
    found = {chunk.index: (chunk.text, chunk.finish_reason) for chunk in batch.chunks()}
    assert found == {0: ("done", "stop"), 1: ("", "time_limit"), 2: ("", "time_limit")}
    assert len(line) == 0


def test_a_call_that_failed_before_it_began_is_never_taken_for_a_stopped_one():
    for _ in range(50):
        broken = call()
        failing = threading.Thread(target=broken.fail, args=(RuntimeError("no pipeline"),))
        failing.start()
        with pytest.raises(GenerationFailed, match="no pipeline"):
            list(broken.chunks())
        failing.join()


def test_a_stopped_call_leaves_and_the_line_is_bounded():
    line, waits = Line(1), call()
    line.add(waits)
    with pytest.raises(EngineFull):
        line.add(call())
    waits.stop()
    line.sweep()
    line.add(call())
    assert [chunk.finish_reason for chunk in waits.chunks()] == ["stopped"]


def test_calls_take_turns():
    line, large, small = Line(4), call(3), call()
    for one in (large, small):
        line.add(one)
    assert next(line.heads()) == (large, 0)
    large.begin(0)
    line.turn()
    assert next(line.heads()) == (small, 0)

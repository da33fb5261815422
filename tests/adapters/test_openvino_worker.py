"""The OpenVINO engine's thread where something of ours breaks: it says so, and goes on."""

from pathlib import Path

import pytest

from adapters.decoding.call import Call
from adapters.decoding.line import Line
from adapters.errors import GenerationFailed
from adapters.request import Request

pytest.importorskip("openvino_genai")

from adapters.openvino.admission import Admission, Reads
from adapters.openvino.lane import Lane
from adapters.openvino.lanes import ANSWERS, Lanes, Room
from adapters.openvino.worker import Worker

HEARTBEATS = 30


class Pretended:
    """A pipeline without work."""

    working = False


class Endless:
    """A job that runs until it fails."""

    tokens, error = 1, None

    def go_on(self):
        return True

    def fail(self, error):
        self.error = error

    def cancel(self):
        pass

    def close(self):
        pass


@pytest.fixture
def lanes():
    made = Lanes(Path(), Room(64, 64, 1), lambda *_: Pretended())
    made.put((ANSWERS, ()), Lane((), Pretended(), 64))
    return made


@pytest.fixture
def worker(lanes):
    line = Line(8)
    made = Worker(line, lanes, Admission(line, lanes, {}, Reads(None, frozenset([2]))))
    yield made
    made.close()


def read(call):
    """What the reader sees, but not for ever."""
    for _, _chunk in zip(range(HEARTBEATS), call.chunks(), strict=False):
        pass


@pytest.mark.parametrize("broken", [{"prompt": None}, {"prompt": [1], "stop": None}])
def test_a_request_that_breaks_the_engine_fails_and_the_next_is_served(worker, broken):
    call = Call([Request(**broken, max_tokens=2)])
    worker.submit(call)
    with pytest.raises(GenerationFailed, match="NoneType"):
        read(call)
    worker.order(lambda: True, limit_s=10)
    assert not worker.busy


def test_what_runs_beside_it_is_told_as_well(worker, lanes):
    running = Endless()
    (lane,) = lanes
    worker.order(lambda: lane.add(running) is None)
    call = Call([Request(None, 2)])
    worker.submit(call)
    with pytest.raises(GenerationFailed):
        read(call)
    worker.order(lambda: True, limit_s=10)
    assert isinstance(running.error, TypeError)
    assert lane not in list(lanes), "what it holds is not known any more: another one is built"

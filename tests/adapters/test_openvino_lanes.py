"""The pipelines of the OpenVINO engine, with pretended ones: built, taken in, and let go."""

import threading
import time
from pathlib import Path

import pytest

from adapters.lora import LoraAdapter

pytest.importorskip("openvino_genai")

from adapters.openvino.lanes import ANSWERS, MOST_LANES, SCORES, Lanes, Room

BLEND = (("poet", 0.5), ("pirate", 0.5))
ADAPTERS = {name: LoraAdapter(name, Path(name), "", 8, 2.0, (), False, 0) for name in ("poet", "pirate")}


class Pretended:
    """A pipeline without work."""

    working = False


class Builder:
    """Builds a pretended pipeline once its gate is open; `error` is raised instead."""

    def __init__(self):
        self.gate, self.error, self.built = threading.Event(), None, 0

    def __call__(self, folder, loras, tokens, remember=True, copies=False):
        assert self.gate.wait(5)
        self.built += 1
        if self.error:
            raise self.error
        return Pretended()


@pytest.fixture
def builder():
    return Builder()


@pytest.fixture
def lanes(builder):
    made = Lanes(Path(), Room(64, 64, 1), builder)
    yield made
    builder.gate.set()
    made.close()


def finish(lanes, builder):
    builder.gate.set()
    deadline = time.monotonic() + 5
    while lanes.building:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_pipeline_whose_asker_left_is_taken_in_and_keeps_no_adapter(lanes, builder):
    assert lanes.get((ANSWERS, BLEND), ADAPTERS) is None
    assert not lanes.drop_named("poet"), "it is on its way"
    finish(lanes, builder)
    lanes.take_in()
    assert len(list(lanes)) == 1
    assert lanes.drop_named("poet")
    assert not list(lanes)


def test_one_that_was_built_and_not_taken_in_keeps_no_adapter_either(lanes, builder):
    lanes.get((ANSWERS, BLEND), ADAPTERS)
    finish(lanes, builder)
    assert lanes.drop_named("pirate")
    lanes.take_in()
    assert not list(lanes)


def test_a_build_that_failed_is_told_to_whoever_asks_and_tried_again(lanes, builder):
    builder.error = RuntimeError("no such file")
    lanes.get((ANSWERS, BLEND), ADAPTERS)
    finish(lanes, builder)
    lanes.take_in()
    with pytest.raises(RuntimeError, match="no such file"):
        lanes.get((ANSWERS, BLEND), ADAPTERS)
    builder.error = None
    assert lanes.get((ANSWERS, BLEND), ADAPTERS) is None
    finish(lanes, builder)
    assert lanes.get((ANSWERS, BLEND), ADAPTERS) is not None


def test_pipelines_are_built_one_after_the_other(lanes, builder):
    assert lanes.get((ANSWERS, BLEND), ADAPTERS) is None
    assert lanes.get((SCORES, ()), ADAPTERS) is None
    finish(lanes, builder)
    assert builder.built == 1
    assert lanes.get((SCORES, ()), ADAPTERS) is None
    finish(lanes, builder)
    assert builder.built == 2


def built(lanes, builder, weight):
    """The pipeline for one mix, once it is there; None where there is no room."""
    key = ANSWERS, (("poet", weight),)
    lanes.get(key, ADAPTERS)
    finish(lanes, builder)
    return lanes.get(key, ADAPTERS)


def test_no_more_pipelines_are_built_than_are_kept_while_all_of_them_work(lanes, builder):
    working = [built(lanes, builder, at / 10) for at in range(1, MOST_LANES + 1)]
    for lane in working:
        lane.pipeline.working = True
    assert built(lanes, builder, 2.0) is None, "who asks for one more waits"
    assert builder.built == len(list(lanes)) == MOST_LANES
    working[2].pipeline.working = False
    assert built(lanes, builder, 2.0) is not None
    assert working[2] not in list(lanes) and len(list(lanes)) == MOST_LANES


def test_without_memory_pipelines_are_built_one_after_the_other_has_ended(builder):
    lanes = Lanes(Path(), Room(64, 1 << 50, 1), builder)
    first = built(lanes, builder, 0.5)
    assert first is not None, "where nothing works somebody must be answered"
    first.pipeline.working = True
    assert built(lanes, builder, 1.0) is None
    first.pipeline.working = False
    assert built(lanes, builder, 1.0) is not None and list(lanes) != [first]
    lanes.close()

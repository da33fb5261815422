"""The model slot: loaded once, waited for, given up only by those who stop, tried again only when asked."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from adapters.errors import WeightsMissing
from app.services import ModelSlot


class Loader:
    """Loads `model` when `gate` opens; fails as long as `failing` is set."""

    def __init__(self, model, failing=False):
        self.model, self.failing, self.calls = model, failing, 0
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, report):
        self.calls += 1
        report("loading", 0.5)
        self.gate.wait(timeout=10)
        if self.failing:
            raise WeightsMissing
        return self.model


def test_everybody_gets_the_one_model_that_was_loaded_once(scripted):
    loader = Loader(scripted)
    slot = ModelSlot(loader)
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: slot.get(), range(40)))
    assert all(model is scripted for model in got) and slot.loaded() is scripted
    assert loader.calls == 1 and slot.state.status == "ready"


def test_a_failed_load_is_told_to_everybody_and_not_begun_again(scripted):
    loader = Loader(scripted, failing=True)
    slot = ModelSlot(loader)

    def told(_):
        with pytest.raises(WeightsMissing):
            slot.get()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(told, range(200)))
    assert loader.calls == 1 and isinstance(slot.state.error, WeightsMissing)
    slot.start()
    assert loader.calls == 1


def test_a_failed_load_is_tried_again_when_asked(scripted):
    loader = Loader(scripted, failing=True)
    slot = ModelSlot(loader)
    with pytest.raises(WeightsMissing):
        slot.loaded()
    loader.failing = False
    slot.retry()
    assert slot.loaded() is scripted
    slot.retry()
    assert loader.calls == 2


def test_who_stops_waits_no_longer(scripted):
    loader = Loader(scripted)
    loader.gate.clear()
    slot, stop = ModelSlot(loader), threading.Event()
    stop.set()
    assert slot.get(stop) is None
    loader.gate.set()
    assert slot.get() is scripted


@pytest.fixture
def scripted():
    """Stands for a loaded model: the slot hands it on and never looks inside."""
    return object()

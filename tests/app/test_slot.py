"""The model slot: one model answers, another may load beside it; nothing that fails leaves one without."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from adapters.errors import LoadCancelled, ModelFailed, NotEnoughMemory, WeightsMissing
from adapters.spec import ModelSpec
from app.slot import ModelSlot
from tests.fakes import Machine

ONE, TWO, THREE = (ModelSpec(id) for id in ("one", "two", "three"))


def until(state: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not state():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def settled(slot: ModelSlot) -> None:
    until(lambda: slot.state.loading is None)


@pytest.fixture
def machine() -> Machine:
    return Machine(memory=10)


@pytest.fixture
def slot(machine: Machine) -> ModelSlot:
    return ModelSlot(machine.load, ONE)


def test_everybody_gets_the_one_model_that_was_loaded_once(slot: ModelSlot, machine: Machine) -> None:
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: slot.get(), range(40)))
    assert {id(model) for model in got} == {id(slot.loaded())}
    assert machine.asked == [ONE]
    assert slot.state.status == "ready"
    answering = slot.state.answering
    assert answering is not None
    assert (answering.spec.id, answering.engine, answering.memory) == ("one", "pretend", 4)


def test_a_failed_load_is_told_to_everybody_and_not_begun_again(slot: ModelSlot, machine: Machine) -> None:
    machine.broken["one"] = WeightsMissing()

    def told(_: int) -> None:
        with pytest.raises(WeightsMissing):
            slot.get()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(told, range(100)))
    slot.start()
    assert machine.asked == [ONE]
    assert slot.state.status == "failed"
    machine.broken.clear()
    slot.retry()
    assert slot.loaded().spec == ONE
    slot.retry()
    assert machine.asked == [ONE, ONE]


def test_who_stops_waits_no_longer(slot: ModelSlot, machine: Machine) -> None:
    machine.gate.clear()
    stop = threading.Event()
    stop.set()
    assert slot.get(stop) is None
    machine.gate.set()
    assert slot.loaded().spec == ONE


def test_another_takes_over_when_it_is_ready_and_the_old_one_ends_its_answers(
    slot: ModelSlot, machine: Machine
) -> None:
    with slot.using() as old:
        machine.gate.clear()
        slot.choose(TWO)
        until(lambda: slot.state.loading is not None and slot.state.loading.bytes == (3, 6))
        assert slot.state.status == "ready"
        with slot.using() as meanwhile:
            assert meanwhile is old
        machine.gate.set()
        until(lambda: slot.loaded().spec == TWO)
        assert machine.closed == []
        assert machine.taken() == 8
    assert machine.closed == ["one"]
    assert machine.taken() == 4


@pytest.mark.parametrize("error", [WeightsMissing(), ModelFailed(id="two", cause="x"), OSError("disk")])
def test_a_failure_keeps_the_one_that_answers_and_says_why(
    slot: ModelSlot, machine: Machine, error: Exception
) -> None:
    old = slot.loaded()
    machine.broken["two"] = error
    slot.choose(TWO)
    settled(slot)
    assert slot.loaded() is old
    assert (slot.state.status, slot.state.failed, slot.state.error) == ("ready", TWO, error)
    assert machine.closed == []
    machine.broken.clear()
    slot.retry()
    until(lambda: slot.loaded().spec == TWO)
    assert slot.state.error is None


def test_cancelling_keeps_the_one_that_answers_and_is_no_error(slot: ModelSlot, machine: Machine) -> None:
    old = slot.loaded()
    machine.gate.clear()
    slot.choose(TWO)
    until(lambda: len(machine.asked) == 2)
    slot.cancel()
    settled(slot)
    assert slot.loaded() is old
    assert slot.state.error is None
    assert machine.taken() == 4


def test_a_first_load_that_was_cancelled_says_so_and_can_be_tried_again(
    slot: ModelSlot, machine: Machine
) -> None:
    machine.gate.clear()
    slot.start()
    slot.cancel()
    with pytest.raises(LoadCancelled):
        slot.loaded()
    machine.gate.set()
    slot.retry()
    assert slot.loaded().spec == ONE


def test_a_model_that_came_although_it_was_cancelled_is_closed(slot: ModelSlot, machine: Machine) -> None:
    old = slot.loaded()
    machine.deaf = True  # it does not look at the flag
    machine.gate.clear()
    slot.choose(TWO)
    until(lambda: len(machine.asked) == 2)
    slot.cancel()
    assert slot.state.loading is None  # at once: what still runs of it is nobody's business
    machine.gate.set()
    until(lambda: machine.closed == ["two"])
    assert slot.loaded() is old


def test_the_last_choice_counts(slot: ModelSlot, machine: Machine) -> None:
    slot.loaded()
    machine.gate.clear()
    slot.choose(TWO)
    until(lambda: len(machine.asked) == 2)
    slot.choose(THREE)
    machine.gate.set()
    until(lambda: slot.loaded().spec == THREE)
    settled(slot)
    until(lambda: machine.taken() == 4)  # the one that was given up is closed a moment later


def test_choosing_what_answers_gives_up_what_was_loading(slot: ModelSlot, machine: Machine) -> None:
    old = slot.loaded()
    machine.gate.clear()
    slot.choose(TWO)
    until(lambda: len(machine.asked) == 2)
    slot.choose(ONE)
    settled(slot)
    assert slot.loaded() is old
    assert machine.asked == [ONE, TWO]


def test_where_both_do_not_fit_the_old_one_goes_first(machine: Machine) -> None:
    machine.sizes["two"] = 7
    slot = ModelSlot(machine.load, ONE)
    with slot.using() as old:
        slot.choose(TWO)
        until(lambda: slot.state.loading is not None and slot.state.loading.step == "finishing")
        assert old is not None
        assert machine.closed == []  # its answer still runs
        waiter = ThreadPoolExecutor(1).submit(slot.loaded)  # whoever asks now waits for the new one
    assert waiter.result(10).spec == TWO
    settled(slot)
    assert machine.closed == ["one"]
    assert machine.most == 7


def test_where_the_new_one_fails_after_that_the_old_one_comes_back(machine: Machine) -> None:
    machine.sizes["two"] = 7
    machine.broken["two"] = WeightsMissing()
    slot = ModelSlot(machine.load, ONE)
    slot.loaded()
    slot.choose(TWO)
    settled(slot)
    assert slot.loaded().spec == ONE
    assert isinstance(slot.state.error, WeightsMissing)
    assert machine.asked == [ONE, TWO, TWO, ONE]
    assert machine.taken() == 4


def test_where_the_new_one_came_although_it_was_cancelled_the_old_one_comes_back(machine: Machine) -> None:
    machine.sizes["two"] = 7
    machine.deaf = True
    slot = ModelSlot(machine.load, ONE)
    slot.loaded()
    machine.gate.clear()
    slot.choose(TWO)
    until(lambda: len(machine.asked) == 3)
    slot.cancel()
    machine.gate.set()
    settled(slot)
    assert slot.loaded().spec == ONE
    assert slot.state.error is None
    assert machine.asked == [ONE, TWO, TWO, ONE] and machine.open == ["one"]


@pytest.mark.parametrize("size", [10, 11])  # 10 would leave nothing to others
def test_what_would_not_fit_alone_either_is_refused_and_nothing_is_let_go(
    machine: Machine, size: int
) -> None:
    machine.sizes["two"] = size
    slot = ModelSlot(machine.load, ONE)
    old = slot.loaded()
    slot.choose(TWO)
    settled(slot)
    assert slot.loaded() is old
    assert isinstance(slot.state.error, NotEnoughMemory)
    assert machine.closed == []


def test_who_gives_up_while_answers_end_keeps_the_old_one(machine: Machine) -> None:
    machine.sizes["two"] = 7
    slot = ModelSlot(machine.load, ONE)
    with slot.using() as old:
        slot.choose(TWO)
        until(lambda: slot.state.loading is not None and slot.state.loading.step == "finishing")
        slot.cancel()
        settled(slot)
        assert slot.loaded() is old
    assert machine.closed == []


def test_closing_gives_up_what_loads_and_closes_what_answers(slot: ModelSlot, machine: Machine) -> None:
    slot.loaded()
    machine.gate.clear()
    slot.choose(TWO)
    until(lambda: len(machine.asked) == 2)
    slot.close()
    machine.gate.set()
    until(lambda: machine.taken() == 0)


def test_what_was_closed_loads_nothing_any_more(slot: ModelSlot, machine: Machine) -> None:
    slot.loaded()
    slot.close()
    for act in (slot.start, slot.retry, lambda: slot.choose(TWO)):
        act()
    with pytest.raises(LoadCancelled):
        slot.get()
    assert (machine.asked, machine.open, slot.state.status) == ([ONE], [], "failed")


def test_who_waits_when_it_is_closed_is_told(slot: ModelSlot, machine: Machine) -> None:
    machine.gate.clear()
    with ThreadPoolExecutor(1) as pool:
        waiter = pool.submit(slot.get)
        until(lambda: machine.asked == [ONE])
        slot.close()
        with pytest.raises(LoadCancelled):
            waiter.result(10)


def test_closing_while_the_old_one_ends_its_answers_leaves_nothing_open(machine: Machine) -> None:
    machine.sizes["two"] = 7
    slot = ModelSlot(machine.load, ONE)
    with slot.using():
        slot.choose(TWO)
        until(lambda: slot.state.loading is not None and slot.state.loading.step == "finishing")
        slot.close()
        until(lambda: machine.open == [])
    assert (machine.closed, machine.asked, slot.state.answering) == (["one"], [ONE, TWO], None)


def test_closing_while_the_next_one_loads_does_not_bring_the_old_one_back(machine: Machine) -> None:
    machine.sizes["two"] = 7
    slot = ModelSlot(machine.load, ONE)
    slot.loaded()
    machine.gate.clear()
    slot.choose(TWO)
    until(lambda: len(machine.asked) == 3)
    slot.close()
    until(lambda: not any(one.name == "model-loader" for one in threading.enumerate()))
    assert (machine.asked, machine.open) == ([ONE, TWO, TWO], [])


def test_what_was_given_up_is_told_until_something_else_is_chosen_or_it_is_dismissed(
    slot: ModelSlot, machine: Machine
) -> None:
    slot.loaded()
    machine.gate.clear()
    slot.choose(TWO)
    until(lambda: len(machine.asked) == 2)
    slot.cancel()
    settled(slot)
    assert slot.state.cancelled == TWO
    machine.gate.set()
    slot.choose(THREE)
    assert slot.state.cancelled is None
    until(lambda: slot.loaded().spec == THREE)
    machine.broken["two"] = WeightsMissing()
    slot.choose(TWO)
    settled(slot)
    assert slot.state.failed == TWO
    slot.dismiss()
    assert (slot.state.failed, slot.state.error, slot.state.answering is None) == (None, None, False)


def test_where_nothing_answers_the_usual_model_does_and_the_failure_stays_told(machine: Machine) -> None:
    machine.broken["one"] = WeightsMissing()
    slot = ModelSlot(machine.load, ONE, usual=TWO)
    assert slot.loaded().spec == TWO
    assert (slot.state.status, slot.state.failed, slot.state.error) == ("ready", ONE, machine.broken["one"])
    machine.broken["two"] = WeightsMissing()
    both = ModelSlot(machine.load, ONE, usual=TWO)
    with pytest.raises(WeightsMissing):
        both.get()
    assert (both.state.status, both.state.failed) == ("failed", TWO)


def test_only_what_somebody_chose_and_what_came_to_answer_is_heard_of(machine: Machine) -> None:
    heard: list[ModelSpec] = []
    machine.broken["two"] = WeightsMissing()
    slot = ModelSlot(machine.load, ONE, on_chosen=heard.append)
    slot.loaded()
    slot.choose(TWO)
    settled(slot)
    assert heard == []
    slot.choose(THREE)
    until(lambda: heard == [THREE])
    slot.choose(THREE)  # answers already: nothing is loaded
    until(lambda: heard == [THREE, THREE])
    assert machine.asked == [ONE, TWO, THREE]
    assert slot.answers(THREE) and not slot.answers(ONE)


def test_where_auto_had_to_fall_back_choosing_it_again_tries_again(machine: Machine) -> None:
    slot = ModelSlot(machine.load, ONE)
    slot.loaded().fell_back = True
    assert not slot.answers(ONE)
    assert slot.answers(ModelSpec("one", slot.loaded().spec.precision)) == (
        slot.loaded().spec.precision != ONE.precision
    )
    slot.choose(ONE)
    until(lambda: machine.closed == ["one"])
    assert machine.asked == [ONE, ONE]
    assert slot.answers(ONE), "now it did not have to"

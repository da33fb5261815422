"""The one thread that owns the pipelines: it steps those that have work in turn, and does what it is ordered
to between two steps."""

import atexit
import logging
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future

from adapters.decoding.call import Call
from adapters.decoding.line import Line
from adapters.errors import ModelClosed, WaitedTooLong
from adapters.openvino.admission import Admission
from adapters.openvino.lanes import Lanes

BUILD_POLL_S = 0.02
CLOSE_S = 30.0

log = logging.getLogger(__name__)


class Worker:
    """Runs what is submitted until it is closed."""

    def __init__(self, line: Line, lanes: Lanes, admission: Admission) -> None:
        self._line, self._lanes, self._admission = line, lanes, admission
        self._orders: list[Callable[[], bool]] = []
        self._door, self._awake = threading.RLock(), threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="openvino", daemon=True)
        self._thread.start()
        # a daemon thread inside OpenVINO while the interpreter goes down would crash it
        atexit.register(_close, weakref.ref(self))

    @property
    def busy(self) -> bool:
        """Whether anything runs or waits."""
        return len(self._line) > 0 or bool(self._orders) or any(lane.working for lane in self._lanes)

    def submit(self, call: Call) -> None:
        """Puts a call into the line. Raises EngineFull, ModelClosed."""
        with self._door:
            self._check_open()
            self._line.add(call)
        self._awake.set()

    def order(self, done: Callable[[], bool], limit_s: float | None = None) -> None:
        """Has the thread call `done` between two steps, again and again until it returns True, or until the
        time is over: then WaitedTooLong is raised, and `done` is not called any more. Raises what it raises,
        and ModelClosed."""
        finished: Future[None] = Future()
        withdrawn = threading.Event()

        def run() -> bool:
            try:
                self._check_open()
                if not (withdrawn.is_set() or done()):
                    return False
                finished.set_result(None)
            except Exception as error:
                finished.set_exception(error)
            return True

        with self._door:
            self._check_open()
            self._orders.append(run)
        self._awake.set()
        try:
            finished.result(limit_s)
        except TimeoutError:
            if finished.done():  # the order's own error, or it was done this very moment
                return finished.result()
            withdrawn.set()
            self._awake.set()
            raise WaitedTooLong(seconds=round(limit_s or 0), waiting=len(self._line)) from None

    def wake(self) -> None:
        """Has the thread look at the stop flags now."""
        self._awake.set()

    def close(self) -> None:
        """Stops everything, ends the thread and gives the memory back."""
        with self._door:
            self._closed = True
        self._awake.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=CLOSE_S)

    def _check_open(self) -> None:
        if self._closed:
            raise ModelClosed()

    def _work(self) -> None:
        while not self._closed:
            try:
                self._turn()
            except Exception as error:  # a mistake of ours: nobody shall wait for ever because of it
                log.exception("the engine failed; it goes on with the next request")
                self._fail_all(error)
        self._end()

    def _turn(self) -> None:
        self._awake.clear()
        self._lanes.take_in()
        self._follow_orders()
        self._admission.admit()
        self._lanes.drop_idle_scoring()
        if not self._step():
            self._admission.grant_wishes()
            self._awake.wait(self._patience())

    def _fail_all(self, error: Exception) -> None:
        """Whatever runs or waits ends with that error: which of it was the cause cannot be told."""
        for call in {call for call, _ in self._line.candidates()}:
            call.fail(error)
        self._line.sweep()
        for lane in self._lanes:
            lane.fail(error)
            self._lanes.drop(lane)

    def _patience(self) -> float | None:
        """How long to sleep at the most when nothing runs: pipelines that are built do not wake anybody."""
        if self._lanes.arriving or self._orders or len(self._line):
            return BUILD_POLL_S
        return 1.0 if self._lanes.scoring else None

    def _follow_orders(self) -> None:
        for order in tuple(self._orders):
            if order():
                self._orders.remove(order)

    def _step(self) -> bool:
        """One step of each pipeline that has work; whether there was any."""
        working = [lane for lane in self._lanes if lane.working]
        for lane in working:
            try:
                lane.step()
            except Exception as error:
                log.exception("a pipeline broke; it is built again for the next request")
                lane.fail(error)
                self._lanes.drop(lane)
        return bool(working)

    def _end(self) -> None:
        for call, _ in tuple(self._line.candidates()):
            call.stop()
        self._line.sweep()
        for lane in self._lanes:
            lane.close()
        self._follow_orders()
        self._lanes.close()


def _close(worker: "weakref.ref[Worker]") -> None:
    if (alive := worker()) is not None:
        alive.close()

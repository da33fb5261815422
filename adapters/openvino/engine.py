"""The engine for processors: OpenVINO GenAI's continuous batching over a model converted once to 8 or 4 bits.

Requests join while others run. One thread owns the pipelines and steps those that have work in turn; a long
prompt is read in pieces between which everybody else writes on. There is one pipeline per mix of adapters,
because OpenVINO applies one mix to all of a step and its prompt cache knows tokens only: so nothing that was
read through one adapter is ever used for another.

An answer that is likely to repeat its prompt, and is the only one, goes through a pipeline that guesses ahead
from the prompt (prompt lookup). That one wrote copies four times as fast, and eight answers at once at a
third of the usual speed: hence only the one.

What is shared between owners: a prompt that begins with the very tokens of an earlier one (the same system
prompt, the same document) reuses their keys and values, whoever asked. No text crosses that way: what is
reused is what the prompt itself says. But whoever can measure the time to the first token can tell that
somebody lately sent the same beginning.

The same seed gives the same text whenever a request runs alone, remembered prompt or not. In company its
draws are still its own, but sums over several rows are rounded otherwise, and a draw or a choice that was
close may then fall the other way: of greedy answers few change, of long answers at a high temperature many.

A new request waits while the prompts that came before it are read; who writes already goes on meanwhile.
"""

import atexit
import logging
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from adapters.decoding.call import Call, Row
from adapters.decoding.line import Line
from adapters.errors import AdapterUnusable, GenerationFailed
from adapters.lora import LoraAdapter, Mix
from adapters.openvino.fit import UNCHANGED, check_fit, does_nothing, not_loaded
from adapters.openvino.lane import Answer, Lane, Scoring
from adapters.openvino.lanes import ANSWERS, COPIES, SCORES, Build, LaneKey, Lanes, Room
from adapters.openvino.pipeline import Pipeline, score
from adapters.openvino.store import linears
from adapters.request import Chunk, Request

CAPACITY = 16
"""Answers written at the same time; beyond it each becomes slow."""

MOST_ROWS = 256
MOST_WAITING = 64
"""So many calls may wait; one more is refused."""

PROBE = 24
"""Tokens on which an adapter must show an effect: fewer than a block, so that no cache remembers them."""

BUILD_POLL_S = 0.02

log = logging.getLogger(__name__)


class OpenVinoEngine:
    """Serves one converted model; see `adapters.request.Engine`. `ends` are the tokens that end an answer.

    Raises RuntimeError when the model cannot be read.
    """

    def __init__(
        self, folder: Path, tokenizer: Any, ends: frozenset[int], room: Room, build: Build = Pipeline
    ) -> None:
        self._folder, self._tokenizer, self._ends = folder, tokenizer._tokenizer, ends
        self._pad = min(ends, default=0)
        self._room = room
        self._lanes = Lanes(folder, room, build)
        self._adapters: dict[str, LoraAdapter] = {}
        self._leaving: set[str] = set()
        self._line = Line(MOST_WAITING)
        self._orders: list[Callable[[], bool]] = []
        self._wished: set[LaneKey] = set()
        self._door, self._attaching = threading.RLock(), threading.Lock()
        self._wake = threading.Event()
        self._closed = False
        bare = self._lanes.build((ANSWERS, ()), {})
        self._probe = list(range(100, 100 + PROBE))
        self._unadapted = score(bare.pipeline, self._probe)
        self._lanes.put((ANSWERS, ()), bare)
        self._thread = threading.Thread(target=self._work, name="openvino", daemon=True)
        self._thread.start()
        # a daemon thread inside OpenVINO while the interpreter goes down would crash it
        atexit.register(_close, weakref.ref(self))

    @property
    def busy(self) -> bool:
        """Whether anything runs or waits."""
        return len(self._line) > 0 or bool(self._orders) or any(lane.working for lane in self._lanes)

    @property
    def capacity(self) -> int:
        """How many answers are written at the same time."""
        return CAPACITY

    @property
    def adapters(self) -> tuple[str, ...]:
        """The names of the attached adapters."""
        return tuple(self._adapters)

    def attach(self, adapter: LoraAdapter) -> None:
        """Builds the adapter's pipeline (1 to 2 s). Raises AdapterUnusable unless every tensor of it is used
        and the model answers differently with it."""
        if self._has(adapter):
            return
        with self._attaching:
            if self._has(adapter):
                return
            check_fit(adapter, linears(self._folder))
            if adapter.name in self._adapters:
                self.detach(adapter.name)
            key: LaneKey = (ANSWERS, ((adapter.name, 1.0),))
            try:
                lane = self._lanes.build(key, {adapter.name: adapter})
                changed = score(lane.pipeline, self._probe) != self._unadapted
            except RuntimeError as error:
                raise AdapterUnusable(adapter=adapter.name, reason=not_loaded(error)) from error
            if not changed and not does_nothing(adapter):
                raise AdapterUnusable(adapter=adapter.name, reason=UNCHANGED)
            self._adapters[adapter.name] = adapter
            self._order(lambda: self._lanes.put(key, lane))

    def detach(self, name: str) -> None:
        """Lets an adapter go once the answers that use it have ended."""
        if name not in self._adapters:
            return
        self._leaving.add(name)
        try:
            self._order(lambda: not self._wanted(name) and self._lanes.drop_named(name))
            self._adapters.pop(name, None)
        finally:
            self._leaving.discard(name)

    def generate(self, requests: Sequence[Request]) -> Iterator[Chunk]:
        """Answers the requests side by side; while waiting, an empty chunk comes every 100 ms.

        Raises EngineFull, AdapterUnusable for a mix with an adapter that is not attached, and
        GenerationFailed. Closing the iterator stops the requests.
        """
        call = Call(requests)
        for request in requests:
            self._check(request.mix)
        with self._door:
            self._check_open()
            self._line.add(call)
        self._wake.set()
        try:
            yield from call.chunks()
        finally:
            call.stop()
            self._wake.set()

    def rows(self, prompt: int, max_tokens: int) -> int:
        """As many as there are: those that do not fit at once wait inside, one by one."""
        return MOST_ROWS

    def score(self, tokens: Sequence[int], mix: Mix = ()) -> list[float]:
        """The natural logarithm of the probability of each token but the first.

        Raises AdapterUnusable, GenerationFailed.
        """
        self._check(mix)
        result: Future[list[float]] = Future()
        self._order(lambda: self._begin_scoring(tokens, mix, result))
        try:
            return result.result()
        except Exception as error:
            raise GenerationFailed(cause=error, partial=()) from error

    def forget(self) -> None:
        """Lets go what was read before, once nothing runs: what comes next is answered as by an engine just
        started. Costs a new pipeline (1 to 2 s). Raises GenerationFailed when the engine is closed."""
        self._order(self._lanes.drop_idle)

    def stop(self, request: Request) -> None:
        """Ends a request early."""
        request.stopped.set()
        self._wake.set()

    def close(self) -> None:
        """Stops everything, ends the thread and gives the memory back."""
        with self._door:
            self._closed = True
        self._wake.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=30)

    def _has(self, adapter: LoraAdapter) -> bool:
        return self._adapters.get(adapter.name) == adapter and adapter.name not in self._leaving

    def _check_open(self) -> None:
        if self._closed:
            raise GenerationFailed(cause="the model was closed", partial=())

    def _check(self, mix: Mix) -> None:
        for name, _ in mix:
            if name not in self._adapters or name in self._leaving:
                raise AdapterUnusable(adapter=name, reason=DETACHED)

    def _order(self, done: Callable[[], bool]) -> None:
        """Has the thread call `done` between two steps, again and again until it returns True."""
        finished: Future[None] = Future()

        def run() -> bool:
            try:
                self._check_open()
                if not done():
                    return False
                finished.set_result(None)
            except Exception as error:
                finished.set_exception(error)
            return True

        with self._door:
            self._check_open()
            self._orders.append(run)
        self._wake.set()
        finished.result()

    def _work(self) -> None:
        while not self._closed:
            self._wake.clear()
            self._lanes.take_in()
            self._follow_orders()
            self._admit()
            self._lanes.drop_idle_scoring()
            if not self._step():
                self._grant_wishes()
                self._wake.wait(self._patience())
        self._end()

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

    def _admit(self) -> None:
        """Begins what waits, call by call in turn, while there is a place. A request whose pipeline is still
        being built or full lets those for the others pass; those that came later for the same one wait."""
        self._line.sweep()
        while self._running() < CAPACITY and self._begin_next():
            pass

    def _begin_next(self) -> bool:
        """Begins the first request for whose pipeline there is room; whether there was one. Those before it
        keep their places."""
        full: set[Lane] = set()
        for call, index in self._line.heads():
            request = call.requests[index]
            lane = self._lane(call, request)
            if lane is None or lane in full:
                continue
            if not lane.has_room(len(request.prompt) + request.max_tokens):
                full.add(lane)
                continue
            self._begin(call, index, lane)
            self._line.turn(call)
            return True
        return False

    def _lane(self, call: Call, request: Request) -> Lane | None:
        """The pipeline for that request; None while it is being built, or when it cannot be."""
        if request.copies and len(call.requests) == 1 and self._running() == 0:
            if lane := self._lanes.ready((COPIES, request.mix)):
                return lane
            self._wished.add((COPIES, request.mix))
        try:
            return self._lanes.get((ANSWERS, request.mix), self._adapters)
        except Exception as error:
            log.exception("a pipeline could not be built")
            call.fail(error)
            return None

    def _grant_wishes(self) -> None:
        """Builds pipelines that would have been of use, now that nobody waits."""
        for key in tuple(self._wished):
            self._wished.discard(key)
            try:
                if {name for name, _ in key[1]} <= set(self._adapters):
                    self._lanes.get(key, self._adapters)
            except Exception:  # it is for speed only
                log.exception("a pipeline for prompt lookup could not be built")

    def _begin(self, call: Call, index: int, lane: Lane) -> None:
        call.begin(index)
        row = Row(call, index, self._tokenizer, self._ends, self._pad)
        try:
            lane.add(Answer(row, lane.pipeline.begin(row.request, self._ends, self._pad)))
        except Exception as error:
            log.exception("a request was not taken")
            call.fail(error)

    def _begin_scoring(self, tokens: Sequence[int], mix: Mix, result: "Future[list[float]]") -> bool:
        try:
            lane = self._lanes.get((SCORES, mix), self._adapters)
            if lane is None or not lane.has_room(len(tokens) + 1):
                return False
            lane.add(Scoring(tokens, lane.pipeline.begin_scoring(tokens), result))
        except Exception as error:
            result.set_exception(error)
        return True

    def _wanted(self, name: str) -> bool:
        """Whether a waiting request names that adapter."""
        waiting = tuple(self._line.candidates())
        return any(name == one for call, at in waiting for one, _ in call.requests[at].mix)

    def _running(self) -> int:
        return sum(len(lane.jobs) for lane in self._lanes)

    def _end(self) -> None:
        closed = GenerationFailed(cause="the model was closed", partial=())
        for call, _ in tuple(self._line.candidates()):
            call.stop()
        self._line.sweep()
        for lane in self._lanes:
            for job in lane.jobs:
                if isinstance(job, Answer):
                    job.row.request.stopped.set()
                    job.go_on()
                    job.cancel()
                else:
                    job.fail(closed)
        self._follow_orders()
        self._lanes.close()


DETACHED = {"en": "it is not attached to the model.", "ko": "모델에 붙어 있지 않아요."}


def _close(engine: "weakref.ref[OpenVinoEngine]") -> None:
    if (alive := engine()) is not None:
        alive.close()

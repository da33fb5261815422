"""The one thread that touches the weights: it reads prompts, writes answers, and attaches adapters in
between.

Each turn does a little of everything that is to be done: a piece of a prompt, a token for every running row.
So a request can join, be stopped, or miss its deadline at any moment, and the others go on.

The loop is our own and not `model.generate`, whose batch is fixed from its first token to its last;
transformers' own continuous batching, made for GPUs, took twice the time of fixed batches on a processor.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from typing import Any

import torch

from adapters.decoding.admission import Admission, Places
from adapters.decoding.cache import BatchCache
from adapters.decoding.call import Call, Row
from adapters.decoding.lane import Lane
from adapters.decoding.line import Line
from adapters.decoding.loras import Loras
from adapters.decoding.prefix import PrefixStore
from adapters.decoding.reading import Reading, keep_answer
from adapters.decoding.scoring import score
from adapters.decoding.sizes import cache_bytes_per_token, ends, len_layers, pad
from adapters.errors import ModelClosed
from adapters.lora import LoraAdapter, Mix, mix_names
from adapters.text import fast_tokenizer

log = logging.getLogger(__name__)

Steps = Generator[None, None, Any]
Task = tuple[Steps, "Future[Any]", Mix]


class Worker:
    """Runs the requests of all calls on one model. `capacity` rows at the same time, their caches within
    `budget()` bytes."""

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        capacity: int,
        budget: Callable[[], int],
        line: Line,
        store: PrefixStore,
    ) -> None:
        self.model: Any = model
        self.loras = Loras(model)
        self.line = line
        self._tokenizer = fast_tokenizer(tokenizer)
        self._ends, self._pad = ends(model, tokenizer), pad(model, tokenizer)
        self._store = store
        places = Places(capacity, budget, cache_bytes_per_token(model))
        self._admission = Admission(line, store, places, self._lane_of)
        self._calls: set[Call] = set()
        self._tasks: deque[Task] = deque()
        self._lanes: dict[Mix, Lane] = {}
        self._reading: tuple[Reading, Iterator[None]] | None = None
        self._leaving: set[str] = set()
        self._closed = False
        self._door = threading.Condition()
        self.thread = threading.Thread(target=self._work, name="model", daemon=True)
        self.thread.start()

    @property
    def busy(self) -> bool:
        """Whether anything runs or waits."""
        return bool(self._calls or self._tasks)

    def submit(self, call: Call) -> bool:
        """Puts a call into the line; False when the worker is closed. Raises EngineFull, AdapterNotFound,
        AdapterUnusable."""
        with self._door:
            if self._closed:
                return False
            for mix in {request.mix for request in call.requests}:
                self.loras.check(mix, self._leaving)
            self.line.add(call)
            self._calls.add(call)
            self._door.notify()
            return True

    def do(self, steps: Steps, mix: Mix = ()) -> "Future[Any]":
        """Runs a task between the others, a step at a time; what it returns is the result."""
        future: Future[Any] = Future()
        with self._door:
            if self._closed:
                future.set_exception(ModelClosed())
            else:
                self._tasks.append((steps, future, mix))
                self._door.notify()
        return future

    def close(self) -> None:
        """Stops everything; the thread ends soon."""
        with self._door:
            self._closed = True
            for call in self._calls:
                call.stop()
            self._door.notify()

    def has(self, adapter: LoraAdapter) -> bool:
        """Whether this very adapter is attached, and stays so."""
        return self.loras.has(adapter) and adapter.name not in self._leaving

    def attach(self, adapter: LoraAdapter) -> Generator[None]:
        """A task."""
        while adapter.name in self._leaving:
            yield
        if adapter.name in self.loras.names and not self.loras.has(adapter):
            yield from self.detach(adapter.name)
        self.loras.attach(adapter)

    def detach(self, name: str) -> Generator[None]:
        """A task: waits until nobody uses the adapter."""
        self._leaving.add(name)
        try:
            while name in mix_names(list(self._mixes())):
                yield
            self.loras.detach(name)
            self._store.forget_adapters({name})
        finally:
            self._leaving.discard(name)

    def forget(self, owner: str) -> Generator[None]:
        """A task."""
        self._store.forget_owner(owner)
        yield

    def score(self, tokens: Sequence[int], mix: Mix) -> Generator[None, None, list[float]]:
        """A task."""
        return score(self.model, self.loras, tokens, mix)

    def _work(self) -> None:
        while self._wait():
            try:
                self._turn()
            except Exception as error:  # a mistake of ours: nobody shall wait for ever because of it
                log.exception("the worker failed")
                self._fail([*self._rows(), *(self._reading[0].rows if self._reading else ())], error)
                self._lanes, self._reading = {}, None
            self._settle()
        self._release()

    def _wait(self) -> bool:
        """Until there is something to do; False when it is over."""
        with self._door:
            while not (self._closed or self.busy):
                self._door.wait()
            return not self._closed or bool(self._calls)

    @torch.inference_mode()
    def _turn(self) -> None:
        self.line.sweep()
        self._advance_task()
        for lane in self._lanes.values():
            lane.drop(self._ended)
        self._lanes = {mix: lane for mix, lane in self._lanes.items() if lane.rows}
        if self._read() and all(row.call.patient for row in self._rows()):
            return  # many answers at once: the fuller the batch, the sooner all are there
        for lane in tuple(self._lanes.values()):
            self._write(lane)

    def _advance_task(self) -> None:
        if not self._tasks:
            return
        task = steps, future, _ = self._tasks[0]
        try:
            next(steps)
            self._tasks.rotate(-1)
        except StopIteration as done:
            self._tasks.remove(task)
            future.set_result(done.value)
        except Exception as error:
            self._tasks.remove(task)
            future.set_exception(error)

    def _read(self) -> bool:
        """A piece of a prompt; False when there is none to be read."""
        self._reading = self._reading or self._admit()
        if self._reading is None:
            return False
        reading, steps = self._reading
        try:
            going = [row.look() for row in reading.rows]
            if not any(going):
                self._reading = None
            elif next(steps, steps) is steps:
                self._join(reading)
        except Exception as error:
            log.exception("reading a prompt failed")
            self._reading = None
            self._fail(reading.rows, error)
        return True

    def _join(self, reading: Reading) -> None:
        self._reading = None
        key = self._lane_of(reading.rows[0].request.mix)
        lane = self._lanes.setdefault(key, Lane(self.loras.forward, self.model.device))
        lane.join(reading.rows, reading.cache)
        lane.drop(self._ended)

    def _write(self, lane: Lane) -> None:
        if not lane.rows:
            return
        try:
            lane.step()
        except Exception as error:
            log.exception("writing an answer failed")
            self._fail(lane.rows, error)
            lane.clear()

    def _admit(self) -> tuple[Reading, Iterator[None]] | None:
        """The first of the line and those that can be read with it."""
        running = self._rows()
        rows = self._admission.next(running, self._row)
        if not rows:
            return None
        try:  # this takes memory already
            reading = Reading(rows, self._store, len_layers(self.model))
        except Exception as error:
            log.exception("a prompt could not be begun")
            self._fail(rows, error)
            return None
        smooth = any(not row.call.patient for row in running)
        return reading, reading.pieces(self.loras.forward, self.model.device, smooth)

    def _row(self, call: Call, at: int) -> Row:
        return Row(call, at, self._tokenizer, self._ends, self._pad)

    def _lane_of(self, mix: Mix) -> Mix:
        return mix if self.loras.alone(mix) else ()

    def _rows(self) -> list[Row]:
        return [row for lane in self._lanes.values() for row in lane.rows]

    def _mixes(self) -> Iterator[Mix]:
        """The mixes that anybody uses or waits to use."""
        with self._door:
            calls = tuple(self._calls)
        yield from (request.mix for call in calls for request in call.requests)
        yield from (mix for _, _, mix in self._tasks)

    def _ended(self, row: Row, cache: BatchCache, at: int) -> None:
        if row.written:
            keep_answer(self._store, row, cache, at)

    def _fail(self, rows: Sequence[Row], error: Exception) -> None:
        for call in {row.call for row in rows}:
            call.fail(error)

    def _settle(self) -> None:
        """Forgets the calls of which nothing runs or waits any more."""
        with self._door:
            running = {row.call for row in self._rows()}
            if self._reading is not None:
                running.update(row.call for row in self._reading[0].rows)
            self._calls = {call for call in self._calls if call in running or call.waiting}

    def _release(self) -> None:
        for _, future, _ in self._tasks:
            future.set_exception(ModelClosed())
        self._tasks.clear()
        self._store.clear()
        self.model = None
        self.loras.release()

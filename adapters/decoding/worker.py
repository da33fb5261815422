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
from itertools import islice
from typing import Any

import torch

from adapters.decoding.cache import BatchCache
from adapters.decoding.call import Call, Row
from adapters.decoding.lane import Lane, run
from adapters.decoding.line import Line
from adapters.decoding.loras import Loras
from adapters.decoding.prefix import PrefixStore
from adapters.decoding.reading import PREFILL_TOKENS, Reading, keep_answer, pieces
from adapters.lora import LoraAdapter, Mix, mix_names
from adapters.request import Request
from adapters.text import end_tokens, fast_tokenizer

LOOK_AHEAD = 64
"""So many waiting requests are considered for being read together with the first one."""

SCORED_TOKENS = 4
"""A piece that is scored is shorter by this: the whole vocabulary's logits of each of its tokens are kept."""

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
        self._capacity, self._budget, self._store = capacity, budget, store
        self._calls: set[Call] = set()
        self._tasks: deque[Task] = deque()
        self._lanes: dict[Mix, Lane] = {}
        self._reading: tuple[Reading, Iterator[None]] | None = None
        self._leaving: set[str] = set()
        self._room = 0
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
                future.set_exception(RuntimeError("the model was closed"))
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
            self._store.forget({name})
        finally:
            self._leaving.discard(name)

    def score(self, tokens: Sequence[int], mix: Mix) -> Generator[None, None, list[float]]:
        """A task."""
        cache = BatchCache(len_layers(self.model), expected=len(tokens))
        cache.join([[]], [0])
        scores: list[float] = []
        for start, end in pieces(len(tokens) - 1, SCORED_TOKENS):
            logits = run(self.loras.forward, cache, [tokens[start:end]], [mix], self.model.device, keep=0)
            following = torch.tensor(tokens[start + 1 : end + 1], device=logits.device)
            found = logits[0].float().log_softmax(dim=-1).gather(1, following[:, None])
            scores.extend(found[:, 0].tolist())
            yield
        return scores

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
        key = self._lane_of(reading.rows[0].request)
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
        rows: list[Row] = []
        widths: list[int] = []
        for call, at in islice(self.line.candidates(), LOOK_AHEAD):
            request = call.requests[at]
            if not self._fits(rows, request):
                break
            width = self._width(request)
            if rows and not self._together(rows, widths, request, width):
                continue
            call.begin(at)
            rows.append(Row(call, at, self._tokenizer, self._ends, self._pad))
            widths.append(width)
        if not rows:
            return None
        self.line.turn()
        try:  # this takes memory already
            reading = Reading(rows, self._store, len_layers(self.model))
        except Exception as error:
            log.exception("a prompt could not be begun")
            self._fail(rows, error)
            return None
        smooth = any(not row.call.patient for row in self._rows())
        return reading, reading.pieces(self.loras.forward, self.model.device, smooth)

    def _width(self, request: Request) -> int:
        """The tokens of the prompt that must be read."""
        prompt = list(request.prompt)[:-1]
        return len(prompt) - self._store.find((request.owner, request.mix), prompt)

    def _together(self, rows: Sequence[Row], widths: Sequence[int], request: Request, width: int) -> bool:
        """Whether reading this request with the others takes one piece, little of it in vain."""
        widest, narrowest = max(*widths, width), min(*widths, width)
        same = self._lane_of(request) == self._lane_of(rows[0].request)
        return same and widest * (len(rows) + 1) <= PREFILL_TOKENS and 2 * narrowest + 16 >= widest

    def _fits(self, rows: Sequence[Row], request: Request) -> bool:
        """Whether there is room for one row more; for the first one there always is."""
        running = [*self._rows(), *rows]
        if not running:
            self._room = self._budget()
            return True
        longest = max(len(request.prompt) + request.max_tokens, *(row.most for row in running))
        tokens = longest * (len(running) + 1)
        return len(running) < self._capacity and tokens * cache_bytes_per_token(self.model) <= self._room

    def _lane_of(self, request: Request) -> Mix:
        return request.mix if self.loras.alone(request.mix) else ()

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
            future.set_exception(RuntimeError("the model was closed"))
        self._tasks.clear()
        self._store.clear()
        self.model = None
        self.loras.release()


def ends(model: Any, tokenizer: Any) -> frozenset[int]:
    """The tokens with which the model ends its answer."""
    return end_tokens(model.generation_config.eos_token_id, tokenizer)


def pad(model: Any, tokenizer: Any) -> int:
    """A token that can stand where there is none."""
    found = tokenizer.pad_token_id
    return min(ends(model, tokenizer), default=0) if found is None else int(found)


def len_layers(model: Any) -> int:
    """The layers that keep keys and values."""
    return int(model.config.get_text_config().num_hidden_layers)


def cache_bytes_per_token(model: Any) -> int:
    """Keys and values of all layers, for one token of one row."""
    config = model.config.get_text_config()
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return int(2 * config.num_hidden_layers * heads * width * model.dtype.itemsize)

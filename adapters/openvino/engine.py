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
close may then fall the other way: of 50 greedy answers 13 did, of long ones at a high temperature many do.

A new request waits while the prompts that came before it are read; who writes already goes on meanwhile.
"""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from adapters.decoding.call import Call
from adapters.decoding.line import Line
from adapters.errors import AdapterError, AdapterUnusable, GenerationFailed
from adapters.lora import LoraAdapter, Mix
from adapters.openvino.admission import CAPACITY, Admission, Reads
from adapters.openvino.fit import UNCHANGED, check_fit, does_nothing, not_loaded
from adapters.openvino.lane import Scoring
from adapters.openvino.lanes import ANSWERS, SCORES, Build, LaneKey, Lanes, Room
from adapters.openvino.pipeline import Pipeline, score
from adapters.openvino.store import linears
from adapters.openvino.worker import Worker
from adapters.request import Chunk, Request

MOST_ROWS = 256
MOST_WAITING = 64
"""So many calls may wait; one more is refused."""

WAIT_S = 300.0
"""So long `score` and `forget` wait for their turn at the most, as an answer does."""

PROBE = 24
"""Tokens on which an adapter must show an effect: fewer than a block, so that no cache remembers them."""


class OpenVinoEngine:
    """Serves one converted model; see `adapters.request.Engine`. `ends` are the tokens that end an answer.

    Raises RuntimeError when the model cannot be read.
    """

    def __init__(
        self,
        folder: Path,
        tokenizer: Any,
        ends: frozenset[int],
        room: Room,
        build: Build = Pipeline,
        wait_s: float = WAIT_S,
    ) -> None:
        self._folder, self._wait_s = folder, wait_s
        self._lanes = Lanes(folder, room, build)
        self._adapters: dict[str, LoraAdapter] = {}
        self._leaving: set[str] = set()
        self._attaching = threading.Lock()
        bare = self._lanes.build((ANSWERS, ()), {})
        self._probe = list(range(100, 100 + PROBE))
        self._unadapted = score(bare.pipeline, self._probe)
        self._lanes.put((ANSWERS, ()), bare)
        self._line = Line(MOST_WAITING)
        reads = Reads(tokenizer._tokenizer, ends)
        self._admission = Admission(self._line, self._lanes, self._adapters, reads)
        self._worker = Worker(self._line, self._lanes, self._admission)

    @property
    def busy(self) -> bool:
        """Whether anything runs or waits."""
        return self._worker.busy

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
            self._worker.order(lambda: self._lanes.put(key, lane))

    def detach(self, name: str) -> None:
        """Lets an adapter go once the answers that use it have ended."""
        if name not in self._adapters:
            return
        self._leaving.add(name)
        try:
            self._worker.order(lambda: not self._wanted(name) and self._lanes.drop_named(name))
            self._adapters.pop(name, None)
        finally:
            self._leaving.discard(name)

    def generate(self, requests: Sequence[Request]) -> Iterator[Chunk]:
        """Answers the requests side by side; while waiting, an empty chunk comes every 100 ms.

        Raises EngineFull, WaitedTooLong, AdapterUnusable for a mix with an adapter that is not attached,
        GenerationFailed when the pipeline breaks, ModelClosed. Closing the iterator stops the requests.
        """
        call = Call(requests)
        for request in requests:
            self._check(request.mix)
        self._worker.submit(call)
        try:
            yield from call.chunks()
        finally:
            call.stop()
            self._worker.wake()

    def rows(self, prompt: int, max_tokens: int) -> int:
        """As many as there are: those that do not fit at once wait inside, one by one."""
        return MOST_ROWS

    def score(self, tokens: Sequence[int], mix: Mix = ()) -> list[float]:
        """The natural logarithm of the probability of each token but the first.

        Raises AdapterUnusable, WaitedTooLong, GenerationFailed, ModelClosed.
        """
        return self._score(SCORES, tokens, mix)

    def score_end(self, tokens: Sequence[int], count: int, mix: Mix = ()) -> list[float]:
        """The last `count` values of `score`, from a pipeline that remembers prompts: it tells of nothing
        that it read earlier. Where that is more than the beginning, the whole is read anew.

        Raises AdapterUnusable, WaitedTooLong, GenerationFailed, ModelClosed.
        """
        found = self._score(ANSWERS, tokens, mix)
        return (found if len(found) >= count else self.score(tokens, mix))[-count:]

    def _score(self, kind: str, tokens: Sequence[int], mix: Mix) -> list[float]:
        self._check(mix)
        result: Future[list[float]] = Future()

        def job(handle: Any) -> Scoring:
            return Scoring(tokens, handle, result, self._wait_s)

        try:
            self._worker.order(lambda: self._admission.begin_scoring(kind, tokens, mix, job), self._wait_s)
            return result.result()
        except AdapterError:
            raise
        except Exception as error:
            raise GenerationFailed(cause=error, partial=()) from error

    def forget(self, owner: str = "") -> None:
        """Lets go what was read before, whoever it was read for, once nothing runs: what comes next is
        answered as by an engine just started. Costs a new pipeline (1 to 2 s). Raises WaitedTooLong,
        ModelClosed."""
        self._worker.order(self._lanes.drop_idle, self._wait_s)

    def stop(self, request: Request) -> None:
        """Ends a request early."""
        request.stopped.set()
        self._worker.wake()

    def close(self) -> None:
        """Stops everything, ends the thread and gives the memory back."""
        self._worker.close()

    def _has(self, adapter: LoraAdapter) -> bool:
        return self._adapters.get(adapter.name) == adapter and adapter.name not in self._leaving

    def _check(self, mix: Mix) -> None:
        for name, _ in mix:
            if name not in self._adapters or name in self._leaving:
                raise AdapterUnusable(adapter=name, reason=DETACHED)

    def _wanted(self, name: str) -> bool:
        """Whether a waiting request names that adapter."""
        waiting = tuple(self._line.candidates())
        return any(name == one for call, at in waiting for one, _ in call.requests[at].mix)


DETACHED = {"en": "it is not attached to the model.", "ko": "모델에 붙어 있지 않아요."}

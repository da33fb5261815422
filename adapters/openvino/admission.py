"""Which waiting request begins next, and in which pipeline."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adapters.decoding.call import Call, Row
from adapters.decoding.line import Line
from adapters.lora import LoraAdapter, Mix
from adapters.openvino.lane import Answer, Lane, Scoring
from adapters.openvino.lanes import ANSWERS, COPIES, LaneKey, Lanes
from adapters.request import Request

CAPACITY = 16
"""Answers written at the same time; beyond it each becomes slow."""

log = logging.getLogger(__name__)


class Reads:
    """How the model's tokens are read: by its tokenizer, up to those that end an answer."""

    def __init__(self, tokenizer: Any, ends: frozenset[int]) -> None:
        self.ends, self.pad = ends, min(ends, default=0)
        self._tokenizer = tokenizer

    def row(self, call: Call, index: int) -> Row:
        """A request that begins."""
        return Row(call, index, self._tokenizer, self.ends, self.pad)


class Admission:
    """Begins requests of the line in the pipelines. For the engine's thread.

    `adapters` are those that are attached, as they are at any moment.
    """

    def __init__(self, line: Line, lanes: Lanes, adapters: Mapping[str, LoraAdapter], reads: Reads) -> None:
        self._line, self._lanes, self._adapters, self._reads = line, lanes, adapters, reads
        self._wished: set[LaneKey] = set()

    def admit(self) -> None:
        """Begins what waits, call by call in turn, while there is a place. A request whose pipeline is still
        being built or full lets those for the others pass; those that came later for the same one wait."""
        self._line.sweep()
        while self._running() < CAPACITY and self._begin_next():
            pass

    def begin_scoring(
        self, kind: str, tokens: Sequence[int], mix: Mix, job: Callable[[Any], Scoring]
    ) -> bool:
        """Begins to read a text in that kind of pipeline; False while there is none or no room for it. Raises
        what building the pipeline raised."""
        lane = self._lanes.get((kind, mix), self._adapters)
        if lane is None or not lane.has_room(len(tokens) + 1):
            return False
        lane.add(job(lane.pipeline.begin_scoring(tokens)))
        return True

    def grant_wishes(self) -> None:
        """Builds pipelines that would have been of use, now that nobody waits."""
        for key in tuple(self._wished):
            self._wished.discard(key)
            try:
                if {name for name, _ in key[1]} <= set(self._adapters):
                    self._lanes.get(key, self._adapters)
            except Exception:  # it is for speed only
                log.exception("a pipeline for prompt lookup could not be built")

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

    def _begin(self, call: Call, index: int, lane: Lane) -> None:
        call.begin(index)
        try:
            row = self._reads.row(call, index)
            handle = lane.pipeline.begin(row.request, self._reads.ends, self._reads.pad)
            lane.add(Answer(row, handle))
        except Exception as error:
            log.exception("a request was not taken")
            call.fail(error)

    def _running(self) -> int:
        return sum(len(lane.jobs) for lane in self._lanes)

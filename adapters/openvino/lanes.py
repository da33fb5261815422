"""The pipelines of one converted model: one per mix of adapters, built when first needed, in a thread of
their own so that running answers go on meanwhile; let go when memory wants it.
"""

import gc
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from adapters import memory
from adapters.checkpoint import Checkpoint
from adapters.lora import WEIGHTS, LoraAdapter, Mix
from adapters.machine import free_memory
from adapters.openvino.lane import Lane
from adapters.openvino.pipeline import Pipeline

MOST_LANES = 6
"""Pipelines beside the bare model's that are kept at the most."""

SCORING_IDLE_S = 20.0

LaneKey = tuple[str, Mix]
ANSWERS, COPIES, SCORES = "answers", "copies", "scores"
BARE: LaneKey = (ANSWERS, ())
"""Three kinds of pipelines: those that answer remember prompts; so do those that look for the next tokens in
the prompt, one answer at a time; those that score must read every token anew."""


class Build(Protocol):
    """What makes a pipeline: `adapters.openvino.pipeline.Pipeline`."""

    def __call__(
        self,
        folder: Path,
        loras: Sequence[tuple[Path, float]],
        tokens: int,
        remember: bool = True,
        copies: bool = False,
    ) -> Pipeline:
        """See there."""


@dataclass(frozen=True)
class Room:
    """How many tokens' keys and values the pipelines keep, and what one takes in bytes."""

    bare: int
    mixed: int
    bytes_per_token: int


class Lanes:
    """All pipelines of one engine. Only the engine's thread may use it, but for `build`."""

    def __init__(self, folder: Path, room: Room, build: Build) -> None:
        self._folder, self._room, self._build = folder, room, build
        self._lanes: dict[LaneKey, Lane] = {}
        self._builds: dict[LaneKey, Future[Lane]] = {}
        self._builder = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pipeline")

    def __iter__(self) -> Iterator[Lane]:
        return iter(tuple(self._lanes.values()))

    @property
    def building(self) -> bool:
        """Whether a pipeline is on its way."""
        return any(not build.done() for build in self._builds.values())

    @property
    def arriving(self) -> bool:
        """Whether a pipeline is on its way or waits to be taken in."""
        return any(not build.done() or build.exception() is None for build in self._builds.values())

    def take_in(self) -> None:
        """Takes in what was built meanwhile: whoever asked for it may have left."""
        for key, build in tuple(self._builds.items()):
            if build.done() and build.exception() is None:
                self._lanes[key] = self._builds.pop(key).result()

    def get(self, key: LaneKey, adapters: Mapping[str, LoraAdapter]) -> Lane | None:
        """The pipeline of that kind and mix; None while it is being built, or while there is no room for it
        beside those that work. Raises what building it raised."""
        if key in self._lanes:
            return self._lanes[key]
        if key not in self._builds:
            if self.building or not self._make_room(key):  # one after the other, so that each finds room
                return None
            self._builds[key] = self._builder.submit(self.build, key, adapters)
        if not self._builds[key].done():
            return None
        lane = self._builds.pop(key).result()
        self._lanes[key] = lane
        return lane

    def build(self, key: LaneKey, adapters: Mapping[str, LoraAdapter]) -> Lane:
        """Builds a pipeline (1 to 2 s); from any thread."""
        kind, mix = key
        loras = [(adapters[name].folder / WEIGHTS, adapters[name].scale * weight) for name, weight in mix]
        tokens = self._room.bare if key == BARE else self._room.mixed
        pipeline = self._build(self._folder, loras, tokens, kind != SCORES, kind == COPIES)
        return Lane(mix, pipeline, tokens)

    def ready(self, key: LaneKey) -> Lane | None:
        """The pipeline of that kind and mix if it is there."""
        return self._lanes.get(key)

    def put(self, key: LaneKey, lane: Lane) -> bool:
        """Takes in a pipeline that was built outside, where there is room for it: else it is built again for
        the first who asks. True."""
        if self._make_room(key):
            self._lanes.setdefault(key, lane)
        return True

    def drop(self, lane: Lane) -> None:
        """Lets a pipeline go."""
        self._lanes = {key: one for key, one in self._lanes.items() if one is not lane}

    def drop_idle(self) -> bool:
        """Lets all pipelines go, and what they remember; none, and False, while one works or is built."""
        if self.building or any(lane.working for lane in self):
            return False
        self._lanes.clear()
        self._builds.clear()
        gc.collect()
        return True

    def drop_named(self, adapter: str) -> bool:
        """Lets the idle pipelines with that adapter go; whether none with it is left."""
        named = [lane for lane in self if any(name == adapter for name, _ in lane.mix)]
        for lane in named:
            if not lane.working:
                self.drop(lane)
        builds = [key for key in self._builds if any(name == adapter for name, _ in key[1])]
        for key in builds:
            if self._builds[key].done():  # built for somebody who has left
                del self._builds[key]
        return not any(lane.working for lane in named) and not any(key in self._builds for key in builds)

    def drop_idle_scoring(self) -> None:
        """Lets pipelines go that scored a text and have had nothing to do for a while."""
        for (kind, _), lane in tuple(self._lanes.items()):
            if kind == SCORES and not lane.working and time.monotonic() - lane.used > SCORING_IDLE_S:
                self.drop(lane)

    @property
    def scoring(self) -> bool:
        """Whether a pipeline that scores is kept."""
        return any(kind == SCORES for kind, _ in self._lanes)

    def close(self) -> None:
        """Lets all pipelines go."""
        self._builder.shutdown(wait=True, cancel_futures=True)
        self._lanes.clear()
        self._builds.clear()
        gc.collect()

    def _make_room(self, key: LaneKey) -> bool:
        """Lets the pipelines go that were not used for longest, while there are too many or too little
        memory; never the bare model's, and none that works. Whether there is room for one more: where nothing
        works there always is, or nobody would ever be answered."""
        if key == BARE:
            return True
        kept = [lane for one, lane in self._lanes.items() if one != BARE]
        idle = sorted((lane for lane in kept if not lane.working), key=lambda lane: lane.used)
        for gone in range(len(idle) + 1):
            if len(kept) - gone < MOST_LANES and free_memory() > self._need:
                return True
            if gone < len(idle):
                self.drop(idle[gone])
        return not any(lane.working for lane in self)

    @property
    def _need(self) -> int:
        """Bytes that must be free for one more."""
        return 2 * self._room.mixed * self._room.bytes_per_token


def room(checkpoint: Checkpoint, precision: str, context: int | None) -> Room:
    """The room for a model that is to be loaded in that precision; `context` is what the person chose.

    One prompt of the length that the memory was checked for always has room; a longer one, and what was read
    before, as far as `memory.KEPT_SHARE` goes.
    """
    per_token = memory.bytes_per_token(checkpoint, precision)
    checked = memory.estimate(checkpoint, precision, context or memory.CONTEXT)
    wanted = memory.estimate(checkpoint, precision, context or checkpoint.context_length)
    whole = replace(checked, kept=wanted.cache + wanted.kept - checked.cache)
    bare = whole.cache_at_most(free_memory()) // per_token
    return Room(bare + ANSWER_SLACK, min(bare, 2 * wanted.cache // per_token) + ANSWER_SLACK, per_token)


ANSWER_SLACK = 64

"""The one model in memory, and another that may be loading beside it.

Whoever asks is answered by the model that is there. Choosing another loads it meanwhile; it takes over when
it is ready, the answers that still run end on the old one, and then that is closed. Where loading fails, the
old one answers on. Only when both do not fit into memory at once is the old one let go first, and brought
back if the new one fails.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from adapters import memory
from adapters.errors import LoadCancelled, NotEnoughMemory
from adapters.progress import Report
from adapters.spec import ModelSpec
from app.model_state import Answering, Loading, ModelState

if TYPE_CHECKING:
    from adapters.served import ServedModel

LOOK_EVERY_S = 0.1
log = logging.getLogger(__name__)

Load = Callable[[ModelSpec, Report, threading.Event], "ServedModel"]


class _Held:
    """A loaded model, the spec somebody asked for, and how many answers it is writing."""

    def __init__(self, model: "ServedModel", asked: ModelSpec) -> None:
        self.model, self.asked = model, asked
        self.users = 0
        self.retired = False


class _Job:
    """One load, from the choice to its end."""

    def __init__(self, spec: ModelSpec) -> None:
        self.spec = spec
        self.cancelled = threading.Event()


class ModelSlot:
    """The model in use; safe to use from any thread. It begins to load at the first use, or at `start`."""

    def __init__(self, load: Load, spec: ModelSpec | None = None) -> None:
        self._load, self._wanted = load, spec or ModelSpec()
        self._changed = threading.Condition()
        self._one_at_a_time = threading.Lock()
        self._held: _Held | None = None
        self._job: _Job | None = None
        self._closing = threading.Event()
        self.state = ModelState()

    def start(self) -> None:
        """Begins to load, once."""
        with self._changed:
            self._start()

    def choose(self, spec: ModelSpec) -> None:
        """Loads another model beside the present one. What was loading is given up; what is there stays."""
        with self._changed:
            self._give_up()
            self._begin(spec)

    def cancel(self) -> None:
        """Gives up what is loading; the present model answers on."""
        with self._changed:
            if self._job is not None:
                self._job.cancelled.set()

    def retry(self) -> None:
        """Begins again where loading failed; does nothing otherwise."""
        with self._changed:
            if self._job is None and self.state.failed is not None:
                self._begin(self.state.failed)

    def loaded(self) -> "ServedModel":
        """The model, waited for. Raises what loading raised."""
        return cast("ServedModel", self.get())  # None only comes to who stops waiting

    def get(self, stop: threading.Event | None = None) -> "ServedModel | None":
        """The model, as soon as it is there; None when `stop` was set first. Raises what loading raised."""
        with self.using(stop) as model:
            return model

    @contextmanager
    def using(self, stop: threading.Event | None = None) -> "Iterator[ServedModel | None]":
        """As `get`; within the block the model stays open, even when another takes over meanwhile."""
        held = self._take(stop)
        try:
            yield held.model if held is not None else None
        finally:
            if held is not None:
                self._give_back(held)

    def close(self) -> None:
        """Gives up what is loading and closes the model, for good: whoever asks now gets LoadCancelled."""
        with self._changed:
            self._closing.set()
            self._give_up()
            held, self._held = self._held, None
            self.state = ModelState(error=LoadCancelled(id=held.asked.id if held else self._wanted.id))
            self._changed.notify_all()
        if held is not None:
            _close(held.model)

    def _start(self) -> None:
        if self._held is None and self._job is None and self.state.error is None:
            self._begin(self._wanted)

    def _begin(self, spec: ModelSpec) -> None:
        if self._closing.is_set():
            return
        job = self._job = _Job(spec)
        self.state = replace(self.state, loading=Loading(spec), failed=None, error=None)
        threading.Thread(target=self._run, args=[job], name="model-loader", daemon=True).start()

    def _give_up(self) -> None:
        if self._job is not None:
            self._job.cancelled.set()
            self._job = None

    def _take(self, stop: threading.Event | None) -> _Held | None:
        with self._changed:
            self._start()
            while self._held is None:
                if stop is not None and stop.is_set():
                    return None
                if self._job is None and self.state.error is not None:
                    raise self.state.error
                self._changed.wait(LOOK_EVERY_S)
            self._held.users += 1
            return self._held

    def _give_back(self, held: _Held) -> None:
        with self._changed:
            held.users -= 1
            done = held.retired and held.users == 0
            self._changed.notify_all()
        if done:
            _close(held.model)

    def _run(self, job: _Job) -> None:
        with self._one_at_a_time:
            if self._is_here(job):
                return
            try:
                model = self._loaded_for(job)
            except Exception as error:
                self._fail(job, error)
            else:
                self._take_over(job, model)

    def _is_here(self, job: _Job) -> bool:
        """Whether the job's model answers already: then nothing is loaded."""
        with self._changed:
            held = self._held
            if job is not self._job or held is None or job.spec not in (held.asked, held.model.spec):
                return False
            self._job = None
            self.state = replace(self.state, loading=None)
            return True

    def _loaded_for(self, job: _Job) -> "ServedModel":
        """The job's model; the present one goes first where both do not fit."""
        _check(job)
        try:
            return self._load(job.spec, self._reporter(job), job.cancelled)
        except NotEnoughMemory as error:
            if not self._fits_alone(error):
                raise
        before = self._let_go(job)
        try:
            _check(job)
            model = self._load(job.spec, self._reporter(job), job.cancelled)
            if job.cancelled.is_set():
                _close(model)
                _check(job)
        except Exception:
            self._bring_back(before, job)
            raise
        return model

    def _fits_alone(self, error: NotEnoughMemory) -> bool:
        """Whether it would fit if the present model gave its memory back."""
        held, needed, free = self._held, error.values.get("needed_bytes"), error.values.get("free_bytes")
        if held is None or not isinstance(needed, int) or not isinstance(free, int):
            return False
        return memory.fits(needed, free + (held.model.memory_bytes or 0))

    def _let_go(self, job: _Job) -> ModelSpec:
        """Closes the present model once its answers have ended. Whoever asks now waits for the next one."""
        with self._changed:
            _check(job)  # `close` took the present model itself
            held, self._held = cast(_Held, self._held), None  # else only the loader takes it away
            kept = self.state.answering
            self._say(job, Loading(job.spec, "finishing"), answering=None)
            while held.users and not job.cancelled.is_set():
                self._changed.wait(LOOK_EVERY_S)
            stays = job.cancelled.is_set() and not self._closing.is_set()
            if stays:
                self._held = held
                self.state = replace(self.state, answering=kept)
                self._changed.notify_all()
        if not stays:
            _close(held.model)
        _check(job)
        return held.asked

    def _bring_back(self, spec: ModelSpec, job: _Job) -> None:
        """Loads again what had to make room; what went wrong with that is logged, and `retry` tries it."""
        self._say(job, Loading(spec, "restoring"))
        if self._closing.is_set():
            return
        try:
            model = self._load(spec, self._reporter(job, spec), self._closing)
        except Exception:
            if not self._closing.is_set():
                log.exception("the model that answered before could not be loaded again")
            return
        with self._changed:
            closed = self._closing.is_set()
            if not closed:
                self._hold(_Held(model, spec))
        if closed:
            _close(model)

    def _fail(self, job: _Job, error: Exception) -> None:
        """The present model answers on. That somebody gave up is no error, unless nothing answers now."""
        with self._changed:
            if job is self._job:
                self._job = None
                quiet = isinstance(error, LoadCancelled) and self._held is not None
                told = None if quiet else error
                failed = None if quiet else job.spec
                self.state = replace(self.state, loading=None, failed=failed, error=told)
            self._changed.notify_all()

    def _take_over(self, job: _Job, model: "ServedModel") -> None:
        with self._changed:
            given_up = job.cancelled.is_set()
            before = self._held
            if not given_up:
                self._job = None
                self._hold(_Held(model, job.spec))
                self.state = replace(self.state, loading=None, failed=None, error=None)
                idle = self._retire(before)
        if given_up:
            _close(model)
            self._fail(job, LoadCancelled(id=job.spec.id))
        elif before is not None and idle:
            _close(before.model)

    def _hold(self, held: _Held) -> None:
        self._held = held
        self.state = replace(self.state, answering=_facts(held.model))
        self._changed.notify_all()

    def _retire(self, before: _Held | None) -> bool:
        """Whether it may be closed now; otherwise its last answer closes it."""
        if before is None:
            return False
        before.retired = True
        return before.users == 0

    def _reporter(self, job: _Job, spec: ModelSpec | None = None) -> Report:
        return lambda step, fraction: self._say(job, Loading(spec or job.spec, step, fraction))

    def _say(self, job: _Job, loading: Loading, **more: None) -> None:
        """Only the job that is wanted speaks; `answering=None` says that nothing answers now."""
        with self._changed:
            if job is self._job:
                self.state = replace(self.state, loading=loading, **more)


def _facts(model: "ServedModel") -> Answering:
    figures = (model.memory_bytes, model.context_length, model.capacity)
    return Answering(model.spec, model.engine_key, *figures, notes=model.notes)


def _check(job: _Job) -> None:
    """Raises LoadCancelled where somebody gave up before it began."""
    if job.cancelled.is_set():
        raise LoadCancelled(id=job.spec.id)


def _close(model: "ServedModel") -> None:
    """Its memory comes back; what goes wrong with that is no reason to lose the next model."""
    try:
        model.close()
    except Exception:
        log.exception("a model could not be closed")

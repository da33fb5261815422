"""The one model in memory, and another that may be loading beside it.

Whoever asks is answered by the model that is there. Choosing another loads it meanwhile; it takes over when
it is ready, the answers that still run end on the old one, and then that is closed. Where loading fails, the
old one answers on. Only when both do not fit into memory at once is the old one let go first, and brought
back if the new one fails. Where nothing answers because what was wanted cannot be loaded, the usual model is
loaded instead.
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
from app.held import Held, Job, check, close, facts, worth_loading
from app.model_state import Loading, ModelState

if TYPE_CHECKING:
    from adapters.served import ServedModel

LOOK_EVERY_S = 0.1
NO_FAILURE: dict[str, None] = {"failed": None, "error": None}
log = logging.getLogger(__name__)

Load = Callable[[ModelSpec, Report, threading.Event], "ServedModel"]


class ModelSlot:
    """The model in use; safe to use from any thread. It begins to load at the first use, or at `start`.

    `usual` is loaded where nothing answers and what was wanted failed. `on_chosen` hears of every choice of
    somebody's that came to answer.
    """

    def __init__(
        self,
        load: Load,
        spec: ModelSpec | None = None,
        usual: ModelSpec | None = None,
        on_chosen: Callable[[ModelSpec], None] = lambda spec: None,
    ) -> None:
        self._load, self._wanted = load, spec or ModelSpec()
        self._usual, self._on_chosen = usual, on_chosen
        self._changed = threading.Condition()
        self._one_at_a_time = threading.Lock()
        self._beside = threading.Lock()
        self._held: Held | None = None
        self._job: Job | None = None
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
            self._begin(Job(spec, chosen=True))

    def answers(self, spec: ModelSpec) -> bool:
        """Whether that is what answers now, with nothing else on its way, and choosing it changes nothing."""
        with self._changed:
            return self._job is None and self._held is not None and not worth_loading(spec, self._held)

    @property
    def trouble(self) -> Exception | None:
        """Why what answers could not be reached for the last answer; None where it could."""
        held = self._held
        return held.model.trouble if held is not None else None

    def dismiss(self) -> None:
        """What failed or was given up is not told any more; while nothing answers, the reason stays."""
        with self._changed:
            if self._job is None and self._held is not None:
                self.state = replace(self.state, failed=None, error=None, cancelled=None)

    def cancel(self) -> None:
        """Gives up what is loading; the present model answers on. Where it had to make room already, it is
        brought back first."""
        with self._changed:
            if self._job is None:
                return
            spec = self._job.spec
            self._job.cancelled.set()
            if self._held is not None:
                self._job = None
                self.state = ModelState(self.state.answering, cancelled=spec)
            else:
                self.state = replace(self.state, loading=Loading(spec, "cancelling"))

    def retry(self) -> None:
        """Begins again where loading failed; does nothing otherwise."""
        with self._changed:
            if self._job is None and self.state.failed is not None:
                self._begin(Job(self.state.failed, chosen=True))

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

    @contextmanager
    def beside(self, spec: ModelSpec, report: Report, stop: threading.Event) -> "Iterator[ServedModel]":
        """Another model for the block, beside the present one, which stays whatever happens: where both do
        not fit, this raises NotEnoughMemory. One at a time. Raises LoadCancelled once `stop` is set, and what
        loading raises."""
        with _held(self._beside, spec, stop):
            with _held(self._one_at_a_time, spec, stop):
                model = self._load(spec, report, stop)
            try:
                yield model
            finally:
                close(model)

    def close(self) -> None:
        """Gives up what is loading and closes the model, for good: whoever asks now gets LoadCancelled."""
        with self._changed:
            self._closing.set()
            self._give_up()
            held, self._held = self._held, None
            self.state = ModelState(error=LoadCancelled(id=held.asked.id if held else self._wanted.id))
            self._changed.notify_all()
        if held is not None:
            close(held.model)

    def _start(self) -> None:
        if self._held is None and self._job is None and self.state.error is None:
            self._begin(Job(self._wanted))

    def _begin(self, job: Job) -> None:
        if self._closing.is_set():
            return
        self._job = job
        self.state = ModelState(self.state.answering, Loading(job.spec), job.failed, job.error)
        threading.Thread(target=self._run, args=[job], name="model-loader", daemon=True).start()

    def _give_up(self) -> None:
        if self._job is not None:
            self._job.cancelled.set()
            self._job = None

    def _take(self, stop: threading.Event | None) -> Held | None:
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

    def _give_back(self, held: Held) -> None:
        with self._changed:
            held.users -= 1
            done = held.retired and held.users == 0
            self._changed.notify_all()
        if done:
            close(held.model)

    def _run(self, job: Job) -> None:
        with self._one_at_a_time:
            if self._is_here(job):
                return
            try:
                model = self._loaded_for(job)
            except Exception as error:
                self._fail(job, error)
            else:
                self._take_over(job, model)

    def _is_here(self, job: Job) -> bool:
        """Whether the job's model answers already: then nothing is loaded."""
        with self._changed:
            held = self._held
            if job is not self._job or held is None or worth_loading(job.spec, held):
                return False
            self._job = None
            self.state = replace(self.state, loading=None)
        self._tell(job, held.model)
        return True

    def _loaded_for(self, job: Job) -> "ServedModel":
        """The job's model; the present one goes first where both do not fit."""
        check(job)
        try:
            return self._load(job.spec, self._reporter(job), job.cancelled)
        except NotEnoughMemory as error:
            if not self._fits_alone(error):
                raise
        before = self._let_go(job)
        try:
            check(job)
            model = self._load(job.spec, self._reporter(job), job.cancelled)
            if job.cancelled.is_set():
                close(model)
                check(job)
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

    def _let_go(self, job: Job) -> ModelSpec:
        """Closes the present model once its answers have ended. Whoever asks now waits for the next one."""
        with self._changed:
            check(job)  # `close` took the present model itself
            held, self._held = cast(Held, self._held), None  # else only the loader takes it away
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
            close(held.model)
        check(job)
        return held.asked

    def _bring_back(self, spec: ModelSpec, job: Job) -> None:
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
                self._hold(Held(model, spec))
        if closed:
            close(model)

    def _fail(self, job: Job, error: Exception) -> None:
        """The present model answers on. That somebody gave up is no error, unless nothing answers now."""
        with self._changed:
            if job is self._job:
                self._job = None
                if isinstance(error, LoadCancelled) and self._held is not None:
                    self.state = replace(self.state, loading=None, cancelled=job.spec, **NO_FAILURE)
                else:
                    self.state = replace(self.state, loading=None, failed=job.spec, error=error)
                    self._fall_back(job, error)
            self._changed.notify_all()

    def _fall_back(self, job: Job, error: Exception) -> None:
        """Where nothing answers any more the usual model does; why the other one does not stays told."""
        usual = None if isinstance(error, LoadCancelled) else self._usual
        if self._held is None and usual is not None and usual != job.spec:
            self._begin(Job(usual, (job.spec, error)))

    def _take_over(self, job: Job, model: "ServedModel") -> None:
        with self._changed:
            given_up = job.cancelled.is_set()
            before = self._held
            if not given_up:
                self._job = None
                self._hold(Held(model, job.spec))
                self.state = replace(self.state, loading=None, failed=job.failed, error=job.error)
                idle = self._retire(before)
        if given_up:
            close(model)
            self._fail(job, LoadCancelled(id=job.spec.id))
            return
        if before is not None and idle:
            close(before.model)
        self._tell(job, model)

    def _tell(self, job: Job, model: "ServedModel") -> None:
        """By the name the model turned out to have: what "default" means may change."""
        if job.chosen:
            self._on_chosen(replace(job.spec, id=model.spec.id))

    def _hold(self, held: Held) -> None:
        self._held = held
        self.state = replace(self.state, answering=facts(held))
        self._changed.notify_all()

    def _retire(self, before: Held | None) -> bool:
        """Whether it may be closed now; otherwise its last answer closes it."""
        if before is None:
            return False
        before.retired = True
        return before.users == 0

    def _reporter(self, job: Job, spec: ModelSpec | None = None) -> Report:
        def report(step: str, fraction: float) -> None:
            if spec is not None or not job.cancelled.is_set():
                self._say(job, Loading(spec or job.spec, step, fraction))

        return report

    def _say(self, job: Job, loading: Loading, **more: None) -> None:
        """Only the job that is wanted speaks; `answering=None` says that nothing answers now."""
        with self._changed:
            if job is self._job:
                self.state = replace(self.state, loading=loading, **more)


@contextmanager
def _held(lock: threading.Lock, spec: ModelSpec, stop: threading.Event) -> Iterator[None]:
    """The lock for the block. Raises LoadCancelled where `stop` is set before it is free."""
    while not lock.acquire(timeout=LOOK_EVERY_S):
        if stop.is_set():
            raise LoadCancelled(id=spec.id)
    try:
        yield
    finally:
        lock.release()

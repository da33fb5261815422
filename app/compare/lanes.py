"""One question, answered in several ways at the same time: what each column is at, as it goes on.

Columns of the model that answers the chat run together, as many as it writes at once. A column of another
model or precision waits for those, has its model loaded beside the present one, which stays whatever happens,
and lets it go again. What goes wrong with one column is said there; the others go on.
"""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from adapters.errors import LoadCancelled
from adapters.progress import Report
from adapters.spec import ModelSpec
from app.changes import allow_changes
from app.held import Held, same
from app.services import Services
from app.settings import DEFAULT_CONTEXT
from chains.compare.experiment import Column
from chains.question import Answer, Question

if TYPE_CHECKING:
    from adapters.served import ServedModel

State = Literal["waiting", "loading", "answering", "done", "stopped", "failed"]
ENDED = ("done", "stopped", "failed")
LOOK_S = 0.12
AT_ONCE = 8


@dataclass(frozen=True)
class Lane:
    """One column: what it is at, its answer as far as it came, why it failed. While a model is loaded for it,
    `step` and `fraction` (0..1); while others are answered first, its `place` in the line."""

    column: Column
    state: State = "waiting"
    answer: Answer | None = None
    error: Exception | None = None
    step: str = "waiting"
    fraction: float = 0.0
    place: int = 0

    @property
    def ended(self) -> bool:
        """Whether nothing more comes."""
        return self.state in ENDED


Board = tuple[Lane, ...]


def side_by_side(
    services: Services, asked: Question, columns: Sequence[Column], stop: threading.Event, owner: str = ""
) -> Iterator[Board | None]:
    """The board as it changes, None where nothing is new; the last one has every lane ended.

    Of `asked`, the text and the language count; the rest is the columns'. Setting `stop`, or closing this,
    ends all of them.
    """
    race = _Race(services, asked, columns, stop, owner)
    last: Board | None = None
    try:
        while True:
            over = race.over
            now = race.board
            yield now if now != last else None
            last = now
            if over:
                return
            race.wait(LOOK_S)
    finally:
        stop.set()


def groups(columns: Sequence[Column]) -> dict[ModelSpec, list[int]]:
    """The places of the columns by the model that has to be loaded for them, in the order of the first."""
    found: dict[ModelSpec, list[int]] = {}
    for at, column in enumerate(columns):
        found.setdefault(column.spec, []).append(at)
    return found


class _Race:
    """The lanes, and the threads that move them on."""

    def __init__(
        self,
        services: Services,
        asked: Question,
        columns: Sequence[Column],
        stop: threading.Event,
        owner: str,
    ) -> None:
        self._services, self._asked, self._stop, self._owner = services, asked, stop, owner
        self._lanes = [Lane(column) for column in columns]
        self._lock = threading.Lock()
        self._ended = threading.Event()
        threading.Thread(target=self._run, name="comparison", daemon=True).start()

    @property
    def board(self) -> Board:
        """All lanes as they are now."""
        with self._lock:
            return tuple(self._lanes)

    @property
    def over(self) -> bool:
        """Whether nothing will change any more."""
        return self._ended.is_set()

    def wait(self, seconds: float) -> None:
        """So long, or until it is over."""
        self._ended.wait(seconds)

    def _run(self) -> None:
        try:
            self._here()
            for spec, places in groups([lane.column for lane in self.board]).items():
                self._elsewhere(spec, [at for at in places if self.board[at].state == "waiting"])
        finally:
            self._end([at for at, lane in enumerate(self.board) if not lane.ended])
            self._ended.set()

    def _here(self) -> None:
        """What the present model answers; where none can, why, at the columns that want it."""
        try:
            with self._services.model.using(self._stop) as model:
                if model is not None:
                    self._all(model, self._of(model), here=True)
        except Exception as error:
            wanted = self._services.model.state.failed
            of = [at for at, lane in enumerate(self.board) if _asks_for(lane.column, wanted)]
            self._fail(of, error)

    def _of(self, model: "ServedModel") -> list[int]:
        """The places of the columns that this model answers."""
        present = self._services.model.state.answering
        asked = present.asked if present and present.asked and present.spec == model.spec else model.spec
        held = Held(model, asked)
        return [
            at
            for at, lane in enumerate(self.board)
            if same(replace(lane.column.spec, context=asked.context), held)
        ]

    def _elsewhere(self, spec: ModelSpec, places: list[int]) -> None:
        """Answers those columns through a model that is loaded for them."""
        if not places or self._stop.is_set():
            return
        wanted = replace(spec, context=DEFAULT_CONTEXT)
        try:
            allow_changes(self._services)  # another model may have taken over since the columns were read
            self._tell(places, state="loading")
            with self._services.model.beside(wanted, self._reporter(places), self._stop) as model:
                self._tell(places, state="waiting")
                self._all(model, places)
        except LoadCancelled:
            self._end(places)
        except Exception as error:
            self._fail(places, error)

    def _all(self, model: "ServedModel", places: list[int], here: bool = False) -> None:
        """Answers those columns, as many at a time as the model writes."""
        if not places:
            return
        with ThreadPoolExecutor(max(1, min(len(places), model.capacity, AT_ONCE))) as pool:
            for at in places:
                pool.submit(self._one, at, model, here)

    def _one(self, at: int, model: "ServedModel", here: bool) -> None:
        if self._stop.is_set():
            return self._end([at])
        try:
            if not here:
                return self._answer(at, model)
            with self._services.line.joined() as place:
                self._tell([at], place=place())
                self._answer(at, model)
        except Exception as error:
            self._fail([at], error)

    def _answer(self, at: int, model: "ServedModel") -> None:
        from chains.answer import ask

        column = self.board[at].column
        found_by = (
            self._services.store.retriever(column.collection, column.retriever, column.k)
            if column.collection
            else None
        )
        self._tell([at], state="answering")
        with self._services.through(column.adapter):
            serving = model.serving(column.adapter, self._owner)
            for answer in ask(question_of(self._asked, column), serving, found_by, stop=self._stop):
                self._tell([at], answer=answer, place=0)
        reached = self.board[at].answer
        stopped = reached is None or reached.finish_reason == "stopped"
        self._tell([at], state="stopped" if stopped else "done")

    def _reporter(self, places: list[int]) -> Report:
        def report(step: str, fraction: float) -> None:
            self._tell(places, step=step, fraction=float(fraction))

        return report

    def _end(self, places: list[int]) -> None:
        self._tell(places, state="stopped")

    def _fail(self, places: list[int], error: Exception) -> None:
        self._tell(places, state="failed", error=error)

    def _tell(self, places: Sequence[int], **changes: Any) -> None:
        with self._lock:
            for at in places:
                self._lanes[at] = replace(self._lanes[at], **changes)


def question_of(asked: Question, column: Column) -> Question:
    """The question as that column asks it."""
    return replace(
        asked,
        technique=column.technique,
        collection=column.collection,
        system=column.system,
        examples=column.examples,
        template=column.template,
        options=column.options,
    )


def _asks_for(column: Column, spec: ModelSpec | None) -> bool:
    """Whether it is the model that could not be loaded which that column wants."""
    return spec is None or (column.model, column.precision) == (spec.id, spec.precision)

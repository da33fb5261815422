"""Runs an experiment, cell by cell, and goes on where an earlier run ended.

    for each model and precision (loaded once)
        for each column (an adapter is attached, not loaded)
            for each chunk: passages -> keys -> what is kept, or else the model's answers, which are then kept

A cell that cannot be answered says why and the run goes on; a model that cannot be loaded costs its own
columns. Nothing is loaded while everything is kept.
"""

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol, Self, cast

from langchain_core.language_models import BaseChatModel
from langchain_core.retrievers import BaseRetriever

from adapters.spec import ModelSpec
from chains.answer import answers_or_errors
from chains.compare.answered import cells_of, error_cell, lasting, passes, said_by
from chains.compare.cell import AnsweredBy, Cell
from chains.compare.cell_json import cell_from_json, cell_to_json
from chains.compare.experiment import Column, Experiment
from chains.compare.kept import Kept
from chains.compare.keys import chunk_keys, column_part, embeds, question_part, searches
from chains.compare.likelihood import with_likelihoods
from chains.compare.meanwhile import meanwhile
from chains.compare.metrics import metric
from chains.compare.plan import Block, Chunk, blocks, chunks, questions_of
from chains.compare.progress import Progress, Tally
from chains.compare.question_set import QuestionSet
from chains.compare.stored import Cells
from chains.question import Answer, Question
from chains.retrieve import search_text, searched
from chains.techniques import technique
from vectorstore.passage import Passage

Report = Callable[[str, float], None]


class Loaded(Protocol):
    """A loaded model; also a BaseChatModel. `spec` is resolved, `engine_key` is what runs it."""

    spec: ModelSpec
    engine_key: str

    def serving(self, adapter: str | None, owner: str = "") -> Self:
        """The same weights through an adapter."""

    def forget(self) -> None:
        """Lets go what was read of earlier prompts, so that it cannot change an answer."""

    def close(self) -> None:
        """Gives the memory back."""


class Machine(Protocol):
    """What a run needs of the machine it runs on."""

    def fingerprint(self, spec: ModelSpec) -> str:
        """What determines the model's answers."""

    def load(self, spec: ModelSpec, report: Report, cancelled: threading.Event) -> Loaded:
        """The model, ready to answer; raises what a person is told."""

    def retriever(self, collection: str, key: str, k: int) -> BaseRetriever:
        """Finds passages."""

    def collection_state(self, collection: str) -> str:
        """Another text whenever the collection holds other documents."""

    def embedders_state(self) -> str:
        """Another text whenever texts that are chosen by their embeddings may be others."""

    def begin_memory(self) -> None:
        """From here on the peak counts."""

    def peak_memory(self) -> int | None:
        """The most memory since then, in bytes; None where that is not known."""


def run(
    experiment: Experiment,
    machine: Machine,
    kept: Kept,
    stop: threading.Event | None = None,
    fresh: bool = False,
) -> Iterator[Progress]:
    """Does what is not done yet and says how far it is; the last Progress has all cells, which lie on disk.

    Setting `stop` ends it at once: what is kept by then stays, the chunk that ran is asked again next time.
    `fresh` asks everything anew and keeps it in the place of what was kept.
    """
    yield from _Run(experiment, machine, kept, stop or threading.Event(), fresh).go()


def already_kept(experiment: Experiment, machine: Machine, kept: Kept) -> Cells:
    """The cells that need not run; loads no model."""
    return _Run(experiment, machine, kept, threading.Event(), fresh=False).known()


def found_for(
    chunk: Chunk, questions: QuestionSet, retriever: BaseRetriever | None
) -> tuple[list[Question], float]:
    """A chunk's questions, with the passages that are searched for them together, and the seconds that took.
    Raises what the retriever raises."""
    plain = questions_of(chunk, questions, [None] * len(chunk.items))
    key = chunk.column.technique
    # what searches while it works begins with its own search: passages that are given end all searching
    if retriever is None or technique(key).retrieval != "optional" or searches(key):
        return plain, 0.0
    began = time.perf_counter()
    found: list[tuple[Passage, ...] | None] = []
    for passages in searched([(question, search_text(question)) for question in plain], retriever):
        if isinstance(passages, Exception):
            raise passages
        found.append(passages)
    return questions_of(chunk, questions, found), time.perf_counter() - began


@dataclass
class _Holder:
    """A model that is loaded when it is first needed."""

    spec: ModelSpec
    model: Loaded | None = None
    problem: Exception | None = None
    used: bool = False


@dataclass
class _Source:
    """Where a column's passages come from, and what its cells share in their keys; `fingerprint` is that of
    the model, as soon as it is known. `search_s` is what the last chunk's search took; `weighed`, whether
    the column's own peak of memory has begun."""

    column: Column
    retriever: BaseRetriever | None
    state: str | None
    fingerprint: str = ""
    search_s: float = 0.0
    weighed: bool = False

    def answered_by(self, served: Loaded) -> AnsweredBy:
        """What answers for this column."""
        spec = served.spec
        return AnsweredBy(spec.id, spec.precision, served.engine_key, self.fingerprint)


class _Run:
    def __init__(
        self, experiment: Experiment, machine: Machine, kept: Kept, stop: threading.Event, fresh: bool
    ) -> None:
        self._experiment, self._machine, self._kept = experiment, machine, kept
        self._stop, self._fresh = stop, fresh
        self._likelihood = any("likelihood" in metric(key).needs for key in experiment.metrics)
        each = len(experiment.questions.items) * experiment.repeats
        self._tally = Tally({column.name: each for column in experiment.columns})
        self._cells = Cells(experiment, kept.path.parent)
        self._began = time.monotonic()
        self._column: Column | None = None

    def go(self) -> Iterator[Progress]:
        yield self._progress()
        for block in blocks(self._experiment):
            if not self._stop.is_set():
                yield from self._block(block)
        done = not self._stop.is_set()
        yield replace(self._progress(), cells=self._cells, finished=done, column=None)

    def known(self) -> Cells:
        """The cells that are kept; a column that cannot be tried has none."""
        for block in blocks(self._experiment):
            for column in block.columns:
                with suppress(Exception):
                    source = self._source(column)
                    shared = self._shared(source, _Holder(block.spec))
                    for chunk in chunks(self._experiment, column):
                        parts = map(question_part, self._questions(chunk, source))
                        self._from_before(chunk, chunk_keys(shared, list(parts)))
        return self._cells

    def _block(self, block: Block) -> Iterator[Progress]:
        holder = _Holder(block.spec)
        try:
            for column in block.columns:
                self._column = column
                yield from self._one_column(column, holder)
        finally:
            if holder.model is not None:
                holder.model.close()

    def _one_column(self, column: Column, holder: _Holder) -> Iterator[Progress]:
        try:
            source = self._source(column)
            shared = self._shared(source, holder)
        except Exception as error:
            for chunk in chunks(self._experiment, column):
                self._fail(chunk, error)
            yield self._progress()
            return
        for chunk in chunks(self._experiment, column):
            if self._stop.is_set():
                return
            try:
                questions = self._questions(chunk, source)
            except Exception as error:
                self._fail(chunk, error)
                continue
            if self._from_before(chunk, chunk_keys(shared, list(map(question_part, questions)))):
                yield self._progress()
                continue
            if holder.model is None and holder.problem is None:
                yield from self._load(holder)
                if self._stop.is_set():
                    return
                shared = self._shared_when_loaded(source, holder, shared)
            yield from self._ask(chunk, questions, source, holder, shared)

    def _source(self, column: Column) -> _Source:
        if column.collection is None:
            return _Source(column, None, None)
        retriever = self._machine.retriever(column.collection, column.retriever, column.k)
        working = searches(column.technique)
        state = self._machine.collection_state(column.collection) if working else None
        return _Source(column, retriever, state)

    def _shared(self, source: _Source, holder: _Holder) -> str:
        spec = holder.spec if holder.model is None else holder.model.spec
        fingerprint = self._machine.fingerprint(replace(spec, adapter=source.column.adapter))
        source.fingerprint = fingerprint
        embedders = self._machine.embedders_state() if embeds(source.column.technique) else None
        return column_part(source.column, fingerprint, self._likelihood, source.state, embedders)

    def _shared_when_loaded(self, source: _Source, holder: _Holder, shared: str) -> str:
        """Loading may have downloaded the model, or fallen back to another precision."""
        return shared if holder.model is None else self._shared(source, holder)

    def _questions(self, chunk: Chunk, source: _Source) -> list[Question]:
        questions, source.search_s = found_for(chunk, self._experiment.questions, source.retriever)
        return questions

    def _from_before(self, chunk: Chunk, keys: Sequence[str]) -> bool:
        """Whether the whole chunk was kept; then its cells are taken in."""
        if self._fresh:
            return False
        texts = self._kept.get(keys)
        if len(texts) < len(set(keys)):
            return False
        name, repeat = chunk.column.name, chunk.repeat
        try:
            cells = [
                cell_from_json(texts[key], name, item.id, repeat, key)
                for item, key in zip(chunk.items, keys, strict=True)
            ]
        except (ValueError, TypeError, KeyError):  # written by another version: asked again
            return False
        self._take_in(cells, from_before=True)
        return True

    def _load(self, holder: _Holder) -> Iterator[Progress]:
        reports: queue.SimpleQueue[tuple[str, float]] = queue.SimpleQueue()
        cancelled = threading.Event()

        def load() -> Loaded:
            report = lambda step, part: reports.put((step, float(part)))  # noqa: E731
            return self._machine.load(holder.spec, report, cancelled)

        def news() -> Progress | None:
            if self._stop.is_set():
                cancelled.set()
            last = None
            while not reports.empty():
                last = reports.get()
            return replace(self._progress(), step=last[0], loading=last[1]) if last is not None else None

        try:
            holder.model = yield from meanwhile(load, news, cancelled.set)
        except Exception as error:
            holder.problem = error

    def _ask(
        self,
        chunk: Chunk,
        questions: list[Question],
        source: _Source,
        holder: _Holder,
        shared: str,
    ) -> Iterator[Progress]:
        keys = chunk_keys(shared, list(map(question_part, questions)))
        if holder.model is None:
            self._fail(chunk, holder.problem or RuntimeError("no model"), keys)
        elif not self._from_before(chunk, keys):
            began = time.monotonic()
            try:
                if not source.weighed:  # what an earlier column took, and the loading, is not this one's
                    self._machine.begin_memory()
                    source.weighed = True
                served = holder.model.serving(chunk.column.adapter, owner=keys[0])
                if holder.used:  # one just loaded has nothing to forget
                    served.forget()
                holder.used = True
                cells = yield from self._answered(chunk, keys, questions, served, source)
            except Exception as error:
                self._fail(chunk, error, keys)
            else:
                self._take_in(cells, from_before=False, spent=time.monotonic() - began)
        yield self._progress()

    def _answered(
        self,
        chunk: Chunk,
        keys: list[str],
        questions: list[Question],
        served: Loaded,
        source: _Source,
    ) -> Generator[Progress, None, list[Cell]]:
        """The chunk's cells, kept if the same would come again; none when it was stopped."""
        model = cast(BaseChatModel, served)
        answers = yield from self._answers(questions, model, source)
        same_again = lasting(answers)
        if len(answers) < len(questions) or (self._stop.is_set() and not same_again):
            return []
        cells = cells_of(chunk, keys, answers, self._machine.peak_memory(), source.answered_by(served))
        cells = [_later(one, source.search_s / len(cells)) for one in cells]
        if self._likelihood:
            cells = [self._with_likelihoods(cell, number, chunk, model) for number, cell in enumerate(cells)]
        if same_again and not any(cell.passing for cell in cells):
            self._kept.put({cell.key: cell_to_json(cell) for cell in cells})
        return cells

    def _answers(
        self, questions: list[Question], model: BaseChatModel, source: _Source
    ) -> Generator[Progress, None, list[Answer | Exception]]:
        """What `answers_or_errors` has; says meanwhile how many calls of the model have ended."""
        calls: queue.SimpleQueue[None] = queue.SimpleQueue()
        told = 0

        def ask() -> list[Answer | Exception]:
            return list(
                answers_or_errors(
                    questions, model, source.retriever, stop=self._stop, ended=lambda: calls.put(None)
                )
            )

        def news() -> Progress | None:
            nonlocal told
            before, told = told, calls.qsize()
            return replace(self._progress(), asked=len(questions), calls=told) if told > before else None

        return (yield from meanwhile(ask, news, self._stop.set))

    def _with_likelihoods(self, cell: Cell, number: int, chunk: Chunk, served: BaseChatModel) -> Cell:
        began = time.perf_counter()
        try:
            told = with_likelihoods(cell, chunk.items[number], served, self._experiment.metrics)
        except Exception as error:
            return replace(cell, error=said_by(error), passing=passes(error))
        return _later(told, time.perf_counter() - began) if told != cell else cell

    def _fail(self, chunk: Chunk, error: Exception, keys: Sequence[str] | None = None) -> None:
        name, repeat = chunk.column.name, chunk.repeat
        keyed = zip(chunk.items, keys or [""] * len(chunk.items), strict=True)
        cells = [error_cell(name, item.id, repeat, key, error) for item, key in keyed]
        self._take_in(cells, from_before=False)

    def _take_in(self, cells: list[Cell], from_before: bool, spent: float = 0.0) -> None:
        self._cells.add(cells)
        self._tally.add(cells, from_before, spent)

    def _progress(self) -> Progress:
        tally, column = self._tally, self._column
        return Progress(
            total=tally.total,
            done=dict(tally.done),
            kept=dict(tally.kept),
            failed=dict(tally.failed),
            seconds=time.monotonic() - self._began,
            left_s=tally.left_s,
            tokens_per_s=tally.tokens_per_s,
            column=column.name if column else None,
            model=column.model if column else None,
            notices=tuple(self._kept.notices),
        )


def _later(cell: Cell, spent: float) -> Cell:
    """The answer, with time that was spent on it beside the batch."""
    if cell.error is not None:
        return cell
    return replace(cell, seconds=cell.seconds + spent, beside_s=cell.beside_s + spent)

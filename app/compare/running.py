"""Runs of comparisons: one at a time, each in a process of its own, the others wait for their turn.

A run goes on whoever looks at it. Stopped, killed or cut off by the end of the page it keeps what was
answered, and goes on from there.
"""

import json
import logging
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from adapters.spec import Text
from app.compare.child import Child, Ended, command
from app.compare.run_errors import NoRun, RunActive
from app.compare.run_folders import Run, RunFolders, named
from app.comparing.documents import SharedDocuments
from app.comparing.machine import LocalMachine
from app.comparing.names import LocalNames
from app.locales import languages, say
from app.settings import Settings
from app.terminal.comparing import PROGRESS, SPECIFICATION
from chains.compare.experiment import Column, Experiment
from chains.compare.question_set import QuestionSet
from chains.compare.reading import write_set
from chains.compare.specification import read_specification
from chains.compare.written import QUESTIONS, as_text, document_of, with_columns
from vectorstore.store import Store

_log = logging.getLogger(__name__)
WAIT_S = 5.0
ACTIVE = ("waiting", "running")


class Runs:
    """The runs of a data home, and the one that runs; safe to use from any thread.

    `store` opens the documents of this process, which a run searches through it. Methods that take an id
    raise NoRun.
    """

    def __init__(self, settings: Settings, store: Callable[[], Store]) -> None:
        self._settings, self._store = settings, store
        self.folders = RunFolders(settings.runs)
        self._lock = threading.Lock()
        self._waiting: list[tuple[str, str]] = []
        self._running: str | None = None
        self._child: Child | None = None
        self._told: dict[str, Any] = {}
        self._worker: threading.Thread | None = None
        self._closed = False

    def list(self) -> list[Run]:
        """Every run, the newest first."""
        return [self._present(one) for one in self.folders.list()]

    def get(self, id: str) -> Run:
        """The run as it stands now."""
        return self._present(self.folders.get(id))

    def active(self) -> bool:
        """Whether one runs or waits."""
        with self._lock:
            return self._running is not None or bool(self._waiting)

    def progress(self, id: str) -> Mapping[str, Any]:
        """How far it is, as `compare --progress json` says it."""
        with self._lock:
            if id == self._running and self._told:
                return self._told
        return self.folders.progress(id)

    def command(self, id: str) -> str:
        """What a person would type to do the same."""
        return command(self._settings, self.folders.of(id))

    def make(self, experiment: Experiment, name: str = "") -> Run:
        """A new run, checked as the command will check it. Raises BadSpecification, OSError."""
        document = document_of(experiment)
        self.checked(experiment.questions, document)
        return self.folders.make(experiment, document, name)

    def add(self, id: str, columns: Sequence[Column]) -> Run:
        """The run with more columns; what it has answered stays. Raises RunActive, BadSpecification."""
        self._check_idle(id)
        return self.folders.change(id, self.extended(id, columns))

    def extended(self, id: str, columns: Sequence[Column]) -> dict[str, Any]:
        """The run's specification with more columns, checked. Raises BadSpecification."""
        experiment = self.experiment(id)
        document = with_columns(experiment.document, columns)
        self.checked(experiment.questions, document)
        return document

    def experiment(self, id: str) -> Experiment:
        """What a run asks for, its names looked up again. Raises BadSpecification."""
        return read_specification(self.folders.of(id) / SPECIFICATION, self._names())

    def checked(self, questions: QuestionSet, document: Mapping[str, Any]) -> Experiment:
        """A specification, read as the command reads it. Raises BadSpecification."""
        with tempfile.TemporaryDirectory() as aside:
            write_set(questions, Path(aside) / QUESTIONS)
            return read_specification(as_text(document), self._names(), Path(aside))

    def start(self, id: str, language: str) -> None:
        """Puts the run in line; does nothing where it is there already. Raises OSError."""
        run = self.folders.get(id)
        with self._lock:
            if self._closed or id == self._running or id in dict(self._waiting):
                return
            self.folders.note(replace(run, state="waiting", reason=None, remarks=()))
            if self._worker is None:
                worker = threading.Thread(target=self._work, name="comparison-runs", daemon=True)
                worker.start()  # it waits for the lock
                self._worker = worker
            self._waiting.append((id, language))

    def stop(self, id: str) -> None:
        """Stops the run or takes it out of the line; what is answered stays."""
        with self._lock:
            if id == self._running and self._child is not None:
                self._child.stop()
            if id in dict(self._waiting):
                self._waiting = [one for one in self._waiting if one[0] != id]
                self.folders.note_if_possible(replace(self.folders.get(id), state="stopped"))

    def rename(self, id: str, name: str) -> None:
        """Another name; an empty one changes nothing."""
        with self._lock:
            if named(name):
                self.folders.note(replace(self.folders.get(id), name=named(name)))

    def delete(self, id: str) -> None:
        """The run and its report. Raises RunActive."""
        self._check_idle(id)
        self.folders.delete(id)

    def estimate(
        self, questions: QuestionSet, document: Mapping[str, Any], child: Child
    ) -> dict[str, Any] | str:
        """What a run would cost, as `compare --estimate --json` says it, or why that cannot be told; a few
        questions are asked for it. `child` stops it. Raises BadSpecification."""
        self.checked(questions, document)
        folder = Path(tempfile.mkdtemp())
        try:
            write_set(questions, folder / QUESTIONS)
            (folder / SPECIFICATION).write_text(as_text(document), encoding="utf-8")
            arguments = [str(folder / SPECIFICATION), "--estimate", "--json", "--search", "asked"]
            ended = child.run(arguments, lambda _: None)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if ended.status == 0 and ended.result.strip():
            found: dict[str, Any] = json.loads(ended.result)
            return found
        return "" if child.stopping else (ended.words[-1] if ended.words else "–")

    def child(self, language: str) -> Child:
        """A process that has not begun."""
        return Child(self._settings, self._store, language)

    def close(self) -> None:
        """Stops what runs and waits for it a little; what waits is told as cut off at the next start."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
            child, worker = self._child, self._worker
        if child is not None:
            child.stop()
        if worker is not None:
            worker.join(WAIT_S)
        if child is not None:
            child.kill()

    def _names(self) -> LocalNames:
        documents = SharedDocuments(self._store)
        return LocalNames(self._settings, LocalMachine(self._settings, documents))

    def _present(self, run: Run) -> Run:
        """One that was running or waiting when its page ended was cut off."""
        with self._lock:
            active = run.id == self._running or run.id in dict(self._waiting)
        return replace(run, state="interrupted") if run.state in ACTIVE and not active else run

    def _check_idle(self, id: str) -> None:
        if self.get(id).state in ACTIVE:
            raise RunActive

    def _work(self) -> None:
        """Whatever happens to one run, the next one gets its turn."""
        while (turn := self._next()) is not None:
            id, child = turn
            try:
                self._run(id, child)
            except NoRun:
                _log.warning("comparison %s was removed while it waited or ran", id)
            except Exception:
                _log.exception("comparison %s could not be followed", id)
            finally:
                with self._lock:
                    self._running = self._child = None

    def _next(self) -> tuple[str, Child] | None:
        with self._lock:
            if not self._waiting or self._closed:
                self._worker = None
                return None
            id, language = self._waiting.pop(0)
            self._running, self._told = id, {}
            self._child = child = self.child(language)
            return id, child

    def _run(self, id: str, child: Child) -> None:
        folder = self.folders.of(id)
        with self._lock:
            self.folders.note_if_possible(replace(self.folders.get(id), state="running"))
        arguments = [str(folder / SPECIFICATION), "--out", str(folder), "--progress", "json"]
        try:
            (folder / PROGRESS).unlink(missing_ok=True)
            ended = child.run([*arguments, "--search", "asked"], self._hear)
        except Exception as error:
            _log.warning("comparison %s", id, exc_info=True)
            ended = Ended(1, "", (str(error) or type(error).__name__,))
        with self._lock:
            after = _after(self.folders.get(id), ended, child.stopping, self._told)
            self.folders.note_if_possible(after)

    def _hear(self, told: dict[str, Any]) -> None:
        with self._lock:
            self._told = told


def _after(run: Run, ended: Ended, stopped: bool, told: Mapping[str, Any]) -> Run:
    """What is said of a run whose process ended."""
    if told.get("state") == "finished":
        remarks = tuple(one for one in ended.words if run.id not in one)  # where the report lies is known
        return replace(run, state="finished", reason=None, remarks=remarks)
    if stopped:
        return replace(run, state="stopped", reason=None)
    return replace(run, state="failed", reason=_reason(ended))


def _reason(ended: Ended) -> Text:
    """A process that was killed could say nothing."""
    if ended.status < 0 or ended.status == 137:
        number = -ended.status if ended.status < 0 else 9
        return {language: say("runs.killed", language, number=number) for language in languages()}
    words = ended.words[-1] if ended.words else str(ended.status)
    return dict.fromkeys(languages(), words)

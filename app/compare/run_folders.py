"""Runs of comparisons as folders of the data home: what was asked for, how far it is, what came out.

A folder's name is drawn; a run's own name stands in run.json. Beside it are the specification and its
questions, which the command `compare` reads, and all that it writes.
"""

import json
import logging
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from adapters.spec import Text
from app.compare.run_errors import NoRun
from app.terminal.comparing import PROGRESS, SPECIFICATION
from chains.compare.experiment import Experiment
from chains.compare.reading import write_set
from chains.compare.written import QUESTIONS, as_text
from chains.kept_files import LONGEST_NAME, clean_name, write_whole

State = Literal["new", "waiting", "running", "stopped", "interrupted", "finished", "failed"]
FILE, VERSION = "run.json", 1
RESULTS, ANSWERS = "results.json", "answers.jsonl"
DOWNLOADS = ("report.html", "report.md", "table.csv", ANSWERS, RESULTS, SPECIFICATION, QUESTIONS)
_log = logging.getLogger(__name__)
_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Run:
    """A run as a list shows it. `created` is UTC, as ISO 8601. `reason` says why it failed; `remarks` are
    what the command said beside its progress."""

    id: str
    name: str
    created: str
    questions: int
    asked: str
    columns: tuple[str, ...]
    state: State = "new"
    reason: Text | None = None
    remarks: tuple[str, ...] = ()


class RunFolders:
    """All runs in `folder`. Methods that take an id raise NoRun for one that is none of ours."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._unwritten: dict[str, Run] = {}

    def list(self) -> list[Run]:
        """Every run, the newest first; a folder without a readable run.json is none."""
        read = filter(None, (_read(path) for path in self._folder.glob(f"*/{FILE}")))
        found = [self._unwritten.get(one.id, one) for one in read]
        return sorted(found, key=lambda one: (one.created, one.id), reverse=True)

    def get(self, id: str) -> Run:
        """The run."""
        found = _read(self.of(id) / FILE)
        if found is None:
            raise NoRun
        return self._unwritten.get(id, found)

    def of(self, id: str) -> Path:
        """Its folder; an id is never part of a path before it was looked at."""
        if not _ID.fullmatch(id) or not (self._folder / id).is_dir():
            raise NoRun
        return self._folder / id

    def make(self, experiment: Experiment, document: Mapping[str, Any], name: str) -> Run:
        """A new run that has not begun. Raises OSError."""
        id = secrets.token_hex(8)
        questions = experiment.questions
        columns = tuple(str(one["name"]) for one in document["columns"])
        created = datetime.now(UTC).isoformat(timespec="seconds")
        run = Run(id, named(name) or questions.name, created, len(questions.items), questions.name, columns)
        folder = self._folder / id
        folder.mkdir(parents=True)
        try:
            write_set(questions, folder / QUESTIONS)
            write_whole(folder / SPECIFICATION, as_text(document))
            self.note(run)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return run

    def change(self, id: str, document: Mapping[str, Any]) -> Run:
        """Gives the run another specification over the same questions."""
        write_whole(self.of(id) / SPECIFICATION, as_text(document))
        columns = tuple(str(one["name"]) for one in document["columns"])
        return self.note(replace(self.get(id), columns=columns))

    def note(self, run: Run) -> Run:
        """Keeps what is said of it. Raises OSError."""
        content = json.dumps({"version": VERSION, **asdict(run)}, ensure_ascii=False, indent=1)
        write_whole(self.of(run.id) / FILE, content)
        self._unwritten.pop(run.id, None)
        return run

    def note_if_possible(self, run: Run) -> None:
        """The same for what happens to a run meanwhile: a full disk does not end it. What cannot be written
        is known as long as this process lives."""
        try:
            self.note(run)
        except OSError as error:
            _log.warning("the state of comparison %s could not be written: %s", run.id, error)
            self._unwritten[run.id] = run

    def delete(self, id: str) -> None:
        """The run with all that came out of it; answers that are kept for other runs stay."""
        folder = self.of(id)
        (folder / FILE).unlink(missing_ok=True)  # half a folder is no run
        shutil.rmtree(folder, ignore_errors=True)
        self._unwritten.pop(id, None)

    def progress(self, id: str) -> dict[str, Any]:
        """How far it was when it last said so; nothing where it never did."""
        try:
            found = json.loads((self.of(id) / PROGRESS).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def named(name: str) -> str:
    """A person's own name for a run: one line of visible characters, shortened; "" for none."""
    plain = "".join(one if one.isprintable() else " " for one in clean_name(name))
    return " ".join(plain.split())[:LONGEST_NAME]


def _read(path: Path) -> Run | None:
    """What run.json says; None where it is not ours."""
    try:
        told = json.loads(path.read_text("utf-8"))
        if told.pop("version") != VERSION or told["id"] != path.parent.name:
            return None
        return Run(**{**told, "columns": tuple(told["columns"]), "remarks": tuple(told["remarks"])})
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None

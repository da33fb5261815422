"""The command `compare` as a child process: what it says is heard, what it wants of documents is answered.

It is the command that a person would type. Whatever kills it, be it want of memory, takes nothing else along,
and it ends by itself when whoever started it is gone.
"""

import json
import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from platformdirs import user_data_path

from app.comparing.documents import replied
from app.settings import Settings
from app.terminal.comparing import SPECIFICATION
from vectorstore.store import Store

ROOT = Path(__file__).resolve().parents[2]
GRACE_S = 20.0
MOST_WORDS = 12
Heard = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Ended:
    """How it ended: the exit status (negative: the signal that killed it), its result, and its last words
    for a person."""

    status: int
    result: str
    words: tuple[str, ...]


class Child:
    """One process. `stop` may be called from any thread, also before `run`."""

    def __init__(self, settings: Settings, store: Callable[[], Store], language: str) -> None:
        self._settings, self._store, self._language = settings, store, language
        self._stopping, self._listens = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    @property
    def stopping(self) -> bool:
        """Whether somebody stopped it."""
        return self._stopping.is_set()

    def run(self, arguments: list[str], heard: Heard) -> Ended:
        """Runs the command to its end; `heard` is told everything it says in JSON. Raises OSError."""
        with self._lock:
            if self.stopping:
                return Ended(0, "", ())
            self._process = process = subprocess.Popen(  # noqa: S603 (our own interpreter, no shell)
                [sys.executable, "-m", "app", "compare", *arguments],
                cwd=ROOT,
                env=environment(self._settings, self._language),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,  # Ctrl-C is for the page, which stops it in its own time
            )

        def hear(told: dict[str, Any]) -> None:
            self._listens.set()
            heard(told)

        return _followed(process, hear, _AtFirstUse(self._store))

    def stop(self) -> None:
        """Asks it to stop, as Ctrl-C would; what does not listen in time is killed.

        Until it has said something it may not listen at all (a page that a script started in the background
        ignores Ctrl-C, and so does what it starts, until that asks for it), but has nothing to lose.
        """
        self._stopping.set()
        with self._lock:
            process = self._process
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGINT if self._listens.is_set() else signal.SIGTERM)
            timer = threading.Timer(GRACE_S, _kill, [process])
            timer.daemon = True
            timer.start()

    def kill(self) -> None:
        """Ends it without waiting."""
        with self._lock:
            process = self._process
        if process is not None:
            _kill(process)


def environment(settings: Settings, language: str) -> dict[str, str]:
    """The child's environment: the same data home, and the person's language."""
    kept = {key: value for key, value in os.environ.items() if key not in ("LC_ALL", "LC_MESSAGES")}
    spoken = "ko_KR.UTF-8" if language == "ko" else "C.UTF-8"
    return kept | {"MARU_HOME": str(settings.home), "LC_MESSAGES": spoken, "PYTHONUTF8": "1"}


def command(settings: Settings, folder: Path) -> str:
    """What a person would type to run it, from the folder where Maru lies."""
    usual = Path(user_data_path("maru", appauthor=False)).resolve()
    home = "" if settings.home == usual else f"MARU_HOME={shlex.quote(str(settings.home))} "
    places = f"{shlex.quote(str(folder / SPECIFICATION))} --out {shlex.quote(str(folder))}"
    return f"{home}python -m app compare {places}"


class _AtFirstUse:
    """The store, opened when a comparison first wants something of it, so that what fails is answered."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._open = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._open(), name)


def _followed(process: "subprocess.Popen[str]", heard: Heard, store: Any) -> Ended:
    assert process.stdin and process.stdout and process.stderr  # noqa: S101 (they are pipes)
    results: list[str] = []
    reader = threading.Thread(target=lambda out: results.append(out.read()), args=(process.stdout,))
    reader.start()
    words: list[str] = []
    try:
        for line in process.stderr:
            told = _document(line)
            if told is None:
                words = [*words, line.strip()][-MOST_WORDS:] if line.strip() else words
            elif "wanted" in told:
                _answer(process.stdin, replied(line, store))
            else:
                heard(told)
    finally:
        with suppress(BrokenPipeError):
            process.stdin.close()
        process.wait()
        reader.join()
        process.stderr.close()
        process.stdout.close()
    return Ended(process.returncode, results[0] if results else "", tuple(words))


def _document(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _answer(pipe: IO[str], reply: str | None) -> None:
    with suppress(BrokenPipeError):  # it ended meanwhile: its status says why
        pipe.write(reply or "\n")
        pipe.flush()


def _kill(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        process.kill()

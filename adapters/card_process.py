"""A card is measured in a process of its own: nothing another model left behind is in its figures, and a
model that needs more memory than there is takes only that process with it."""

import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.card_text import Question
from adapters.errors import AdapterError
from adapters.spec import ModelSpec, Text

if TYPE_CHECKING:
    from adapters.card import Card, CardProgress
    from adapters.served import ServedModel

log = logging.getLogger(__name__)

DIED: Text = {
    "en": "its process ended without a word (status {status}): most likely there was not enough memory.",
    "ko": "프로세스가 갑자기 끝났어요(상태 {status}). 메모리가 모자랐을 수 있어요.",
}
BROKE: Text = {"en": "it broke: {cause}", "ko": "오류가 났어요: {cause}"}


@dataclass(frozen=True)
class CardFailed:
    """The model could not be measured. `kind` is the error's class; `reason` is for the person."""

    kind: str
    reason: Text


def measure_apart(
    spec: ModelSpec, folder: Path, text: str, questions: Sequence[Question], stop: threading.Event
) -> "Iterator[CardProgress | Card | CardFailed]":
    """Loads the model and measures it; the last thing is its card, or why there is none. `folder` holds the
    models. Nothing comes last when `stop` was set. Closing the iterator ends the process."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    child = spawn.Process(target=_measure, args=(theirs, spec, folder, text, tuple(questions)))
    child.start()
    theirs.close()  # or its end would not be noticed
    try:
        while not stop.is_set():
            if not ours.poll(0.1):
                continue
            heard = ours.recv()
            yield heard
            if isinstance(heard, CardFailed) or type(heard).__name__ == "Card":
                return
    except EOFError:
        child.join(10)
        yield CardFailed("Died", _filled(DIED, status=child.exitcode))
    finally:
        child.kill()
        child.join()
        ours.close()


def _measure(
    link: "Connection[object, object]",
    spec: ModelSpec,
    folder: Path,
    text: str,
    questions: tuple[Question, ...],
) -> None:
    """What the process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; whoever started us decides
    sys.stdout = sys.stderr
    _keep_locks_here()
    threading.Thread(target=_leave_with_parent, args=(link,), daemon=True).start()
    try:
        for heard in _card(link, spec, folder, text, questions):
            link.send(heard)
    except AdapterError as error:
        link.send(CardFailed(type(error).__name__, {"en": error.text("en"), "ko": error.text("ko")}))
    except Exception as error:
        log.exception("measuring %s failed", spec.id)
        link.send(CardFailed(type(error).__name__, _filled(BROKE, cause=error)))


def _card(
    link: "Connection[object, object]",
    spec: ModelSpec,
    folder: Path,
    text: str,
    questions: tuple[Question, ...],
) -> "Iterator[CardProgress | Card]":
    from adapters.card import CardProgress, measure
    from adapters.load import load

    def report(step: str, fraction: float) -> None:
        link.send(CardProgress(step, float(fraction)))

    _find_adapters(spec, folder)
    model = load(replace(spec, adapter=None), folder, report)
    try:
        yield from measure(_through(model, spec.adapter), text, questions)
    finally:
        model.close()


def _through(model: "ServedModel", adapter: str | None) -> "ServedModel":
    """The model through its adapter, whose memory counts. What a server takes is not here."""
    from adapters import memory

    before = memory.taken()
    served = model.serving(adapter, owner="card")
    if adapter and model.memory_bytes:
        served.memory_bytes = model.memory_bytes + max(0, memory.taken() - before)
    return served


def _find_adapters(spec: ModelSpec, folder: Path) -> None:
    """A misspelt adapter is said before a model is loaded for it; a server has adapters of its own."""
    from adapters.lora import adapters_folder, find_adapter, read_mix
    from adapters.models import find_model

    if find_model(spec.id, folder).kind != "server":
        for name, _weight in read_mix(spec.adapter):
            find_adapter(name, adapters_folder(folder))


def _keep_locks_here() -> None:
    """tqdm, which counts while weights are read, would share its lock with processes that there are not: by a
    semaphore that is left behind, as this process is killed in the end."""
    from tqdm import tqdm  # type: ignore[import-untyped]

    tqdm.set_lock(threading.RLock())


def _leave_with_parent(link: "Connection[object, object]") -> None:
    """The other end closes when whoever asked is gone, also when it was killed."""
    try:
        link.recv()
    except (EOFError, OSError):
        os._exit(1)


def _filled(text: Text, **values: object) -> Text:
    return {language: words.format(**values) for language, words in text.items()}

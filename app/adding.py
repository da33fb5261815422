"""Uploaded files on their way into a collection: a table that tells how each one fares.

An upload is deleted as soon as it was read, or could not be.
"""

import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from app.changes import allow_changes
from app.locales import say
from app.services import Services
from app.show_documents import WORKING, FileState, files
from app.stream import newest
from app.uploads import Upload, named
from vectorstore.embedders import DEFAULT, get
from vectorstore.ingest import AddEvent, add

HANGUL = re.compile(r"[\uac00-\ud7a3]")
LOOKED_AT = 3


def add_uploads(
    services: Services, collection: str, uploads: Iterable[Upload], language: str, stop: threading.Event
) -> Iterator[str]:
    """The table of files as HTML, growing; closing this stops the work.

    Raises NotAllowed, VectorstoreError.
    """
    given = list(uploads)
    try:
        allow_changes(services)
        sources = named(given)
        states = {name: FileState(name) for _, name in sources}
        services.store.documents(collection)  # deleted meanwhile: say so rather than make it anew
        yield files(states.values(), language)
        for events in newest(lambda: _gathered(add(services.store, collection, sources, stop)), stop):
            states.update({event.source: _state(event) for event in events or ()})
            yield files(states.values(), language)
        ended = [_ended(state) for state in states.values()]
        yield files(ended, language, _note(services, collection, ended, language))
    finally:
        discard(path for path, _ in given)


def discard(paths: Iterable[Path]) -> None:
    """Deletes uploads and the folders that Gradio made for them."""
    for path in paths:
        path.unlink(missing_ok=True)
        with suppress(OSError):
            path.parent.rmdir()


def _gathered(events: Iterable[AddEvent]) -> Iterator[tuple[AddEvent, ...]]:
    """Every event so far: a screen that skips some still sees them all."""
    latest: dict[str, AddEvent] = {}
    for event in events:
        latest[event.source] = event
        yield tuple(latest.values())


def _state(event: AddEvent) -> FileState:
    return FileState(event.source, event.status, event.passages, event.fraction, event.error)


def _ended(state: FileState) -> FileState:
    return replace(state, status="stopped") if state.status in WORKING else state


def _note(services: Services, collection: str, states: Iterable[FileState], language: str) -> str:
    """Said once where Korean text went into a collection whose embedder reads English."""
    label = next((one.embedder for one in services.store.collections() if one.name == collection), "")
    added = {state.source for state in states if state.status in {"added", "updated"}}
    if label != get(DEFAULT).label or not added:
        return ""
    new = [one.id for one in services.store.documents(collection) if one.source in added]
    texts = (passage.text for id in new for passage in services.store.passages(collection, id)[:LOOKED_AT])
    return say("documents.korean", language) if any(HANGUL.search(text) for text in texts) else ""

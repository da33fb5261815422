"""Files into a collection: read, cut, embedded in batches across files, and shown all at once or not at all.

A document is written as pending, its vectors follow, and one transaction makes it visible and removes the
version it replaces. Whatever ends the process in between, the collection is as if that file had not been
given.
"""

import threading
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import Connection, Row
from typing import Literal

from vectorstore import loaders, manifest
from vectorstore.embed import Embedder
from vectorstore.errors import CollectionNotFound, VectorstoreError
from vectorstore.records import check_collection, same_collection
from vectorstore.scripts import MOSTLY, readable, readable_share
from vectorstore.sources import Source, expand
from vectorstore.split import Cut, cost_of, split
from vectorstore.store import Store
from vectorstore.words import terms

BATCH_PASSAGES = 256
"""Files are gathered until they have so many passages: enough to embed like lengths together."""

SLICE = 64
"""Passages embedded between two looks at the stop flag: about a second on two cores."""

Status = Literal["reading", "embedding", "added", "unchanged", "updated", "failed"]


@dataclass(frozen=True)
class AddEvent:
    """What happened to one file. `fraction` (0..1) of that step is done; `error` is set when it failed."""

    source: str
    status: Status
    passages: int = 0
    fraction: float = 0.0
    error: VectorstoreError | None = None


@dataclass
class _Draft:
    """A document on its way in."""

    id: str
    source: str
    texts: list[str]
    to_embed: list[int]
    replaces: bool
    embedded: int = 0

    @property
    def fraction(self) -> float:
        return self.embedded / len(self.to_embed) if self.to_embed else 1.0


def add(
    store: Store,
    collection: str,
    paths: Iterable[Path | str | tuple[Path, str]],
    stop: threading.Event | None = None,
) -> Iterator[AddEvent]:
    """Adds files and folders to a collection (made if it is missing) and yields what happens, as it happens.

    A collection that was made for this is taken away again when not one file could be read.
    A path stands under its file name; (path, source) names it otherwise; a folder goes in with all its files.
    Content that is there under that name already is "unchanged", other content replaces it. A file that
    cannot be read is "failed", with its reason, and the others go on. When `stop` is set, or the iterator is
    closed, files that were not finished leave no trace.

    Raises BadCollectionName, CollectionUnusable, EmbedderUnavailable.
    """
    row, embedder, made = _open(store, collection)
    adding = _Adding(store, row, embedder, stop or threading.Event())
    try:
        yield from adding.run(expand(paths))
    finally:
        adding.discard()
        with suppress(CollectionNotFound):
            if made and adding.unreadable and not (adding.begun or store.documents(collection)):
                store.delete(collection)


def _open(store: Store, collection: str) -> tuple[Row, Embedder, bool]:
    """The collection, its embedder, and whether it was made just now."""
    try:
        return *store.open_collection(collection), False
    except CollectionNotFound:
        store.create(collection)
        return *store.open_collection(collection), True


@dataclass
class _Adding:
    """One call of `add`."""

    store: Store
    row: Row
    embedder: Embedder
    stop: threading.Event
    drafts: list[_Draft] = field(default_factory=list)
    begun: int = 0
    unreadable: int = 0

    def __post_init__(self) -> None:
        limit = self.embedder.passage_tokens
        self.cost = cost_of(self.embedder.count_tokens, self.embedder.script, limit)

    def run(self, sources: Iterable[Source]) -> Iterator[AddEvent]:
        for source in sources:
            if self.stop.is_set():
                return
            yield AddEvent(source.name, "reading")
            try:
                yield from self._read(source)
            except VectorstoreError as error:
                self.unreadable += 1
                yield AddEvent(source.name, "failed", error=error)
            if sum(len(draft.texts) for draft in self.drafts) >= BATCH_PASSAGES:
                yield from self._finish()
        yield from self._finish()

    def discard(self) -> None:
        """Takes back what was begun and not finished."""
        drafts, self.drafts = self.drafts, []
        if drafts:
            with self.store.manifest.writing() as connection:
                if same_collection(connection, self.row):
                    for draft in drafts:
                        manifest.drop_document(connection, self.row["id"], self.row["slug"], draft.id)
                else:  # vectors may have gone in after the others were dropped
                    connection.execute("INSERT INTO waste VALUES (?, NULL)", [self.row["slug"]])
            self.store.empty_waste()

    def _read(self, source: Source) -> Iterator[AddEvent]:
        if source.error is not None:
            raise source.error
        if any(draft.source == source.name for draft in self.drafts):
            yield from self._finish()  # the same name twice in one call: one after the other
        there = self._there(source.name)
        if there is not None and there["sha256"] == loaders.fingerprint(source.path, source.name):
            yield AddEvent(source.name, "unchanged", there["passages"], 1.0)
            return
        try:
            loaded = loaders.read(source.path, source.name, self.stop.is_set)
        except loaders.ReadingStopped:
            return
        cuts: list[Cut] = []
        for cut in split(loaded.text, loaded.pages, self.cost, self.embedder.passage_tokens):
            cuts.append(cut)
            if len(cuts) % SLICE == 0:
                if self.stop.is_set():
                    return
                yield AddEvent(source.name, "reading", len(cuts), cut.end / len(loaded.text))
        draft = self._begin(source.name, loaded, cuts, replaces=there is not None)
        self.drafts.append(draft)
        self.begun += 1
        yield AddEvent(source.name, "embedding", len(draft.texts))

    def _there(self, source: str) -> Row | None:
        sql = """SELECT sha256, (SELECT count(*) FROM passages WHERE document = documents.id) AS passages
                 FROM documents WHERE collection = ? AND source = ? AND ready"""
        with self.store.manifest.reading() as connection:
            return next(iter(manifest.rows(connection, sql, self.row["id"], source)), None)

    def _begin(self, source: str, loaded: loaders.Loaded, cuts: Sequence[Cut], replaces: bool) -> _Draft:
        texts = [loaded.text[cut.start : cut.end] for cut in cuts]
        embeds = [readable_share(text, self.embedder.script) >= MOSTLY for text in texts]
        draft = _Draft(uuid.uuid4().hex, source, texts, [n for n, yes in enumerate(embeds) if yes], replaces)
        passages = [
            (draft.id, n, *cut, text, yes)
            for n, (cut, text, yes) in enumerate(zip(cuts, texts, embeds, strict=True))
        ]
        with self.store.manifest.writing() as connection:
            check_collection(connection, self.row)
            manifest.write_document(connection, draft.id, self.row["id"], source, loaded)
            manifest.write_passages(connection, passages)
        return draft

    def _finish(self) -> Iterator[AddEvent]:
        """Embeds and shows everything gathered so far."""
        try:
            for done in self._embed():
                yield from (
                    AddEvent(draft.source, "embedding", len(draft.texts), draft.fraction) for draft in done
                )
            if self.stop.is_set():
                return
            self._publish()
        except VectorstoreError as error:
            failed = self.drafts
            self.discard()
            yield from (AddEvent(draft.source, "failed", error=error) for draft in failed)
            return
        finished, self.drafts = self.drafts, []
        self.store.empty_waste()
        for draft in finished:
            yield AddEvent(draft.source, "updated" if draft.replaces else "added", len(draft.texts), 1.0)

    def _embed(self) -> Iterator[list[_Draft]]:
        """Vectors for all drafts, shortest first; yields the drafts that each slice was for."""
        script = self.embedder.script
        jobs = [(draft, n, readable(draft.texts[n], script)) for draft in self.drafts for n in draft.to_embed]
        jobs.sort(key=lambda job: len(job[2]))
        for at in range(0, len(jobs), SLICE):
            if self.stop.is_set():
                return
            part = jobs[at : at + SLICE]
            vectors = self.embedder.embed_passages([text for _, _, text in part])
            self.store.vectors.add(self.row["slug"], [f"{draft.id}-{n}" for draft, n, _ in part], vectors)
            for draft, _, _ in part:
                draft.embedded += 1
            yield list({draft.id: draft for draft, _, _ in part}.values())

    def _publish(self) -> None:
        """One transaction: the new documents are there, the ones they replace are not."""
        words = {draft.id: [terms(text) for text in draft.texts] for draft in self.drafts}
        with self.store.manifest.writing() as connection:
            check_collection(connection, self.row)
            for draft in self.drafts:
                self._replace(connection, draft)
                keys = manifest.rows(
                    connection, "SELECT key FROM passages WHERE document = ? ORDER BY n", draft.id
                )
                found = zip(keys, words[draft.id], strict=True)
                lines = [(row["key"], " ".join(each.words), " ".join(each.grams)) for row, each in found]
                manifest.index_words(connection, self.row["id"], lines)

    def _replace(self, connection: Connection, draft: _Draft) -> None:
        sql = "SELECT id FROM documents WHERE collection = ? AND source = ? AND ready"
        for old in manifest.rows(connection, sql, self.row["id"], draft.source):
            manifest.drop_document(connection, self.row["id"], self.row["slug"], old["id"])
        connection.execute("UPDATE documents SET ready = 1 WHERE id = ?", [draft.id])

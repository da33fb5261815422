"""The document store: named collections of documents in one folder, and the only place that meets Chroma.

Chroma holds vectors under generated names, nothing else; the manifest holds the truth. Our vectors are always
passed in, so that no embedding function of Chroma's is ever built. One process at a time owns the folder;
inside it, questions and additions may run side by side.
"""

import json
import logging
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from sqlite3 import Row
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from filelock import FileLock, Timeout
from langchain_core.retrievers import BaseRetriever

from vectorstore import embedders, manifest, records, retrievers
from vectorstore.embed import Embedder, Vectors
from vectorstore.errors import (
    CollectionExists,
    CollectionUnusable,
    CollectionWithoutEmbedder,
    DocumentNotFound,
    EmbedderNotFound,
    EmbedderUnavailable,
    StoreFailed,
    StoreInUse,
    VectorstoreError,
    in_both,
)
from vectorstore.index import CollectionIndex
from vectorstore.passage import Passage, from_document
from vectorstore.records import Collection, DocumentInfo

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection as ChromaCollection

logger = logging.getLogger(__name__)

__all__ = ["Collection", "DocumentInfo", "Store"]

LARGEST_BATCH = 5000
"""Chroma takes 5,461 rows a call."""


class Store:
    """All collections under one folder.

    `embedder` replaces the registered embedder of its name, and is the one new collections are made with.
    Raises StoreInUse when another process (or another Store) has the folder, StoreTooNew, StoreFailed.
    """

    def __init__(self, folder: Path, embedder: Embedder | None = None) -> None:
        self._embedder = embedder
        self._lock = FileLock(folder / "lock", timeout=0, thread_local=False)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout as error:
            raise StoreInUse(folder=folder) from error
        except OSError as error:
            raise StoreFailed(folder=folder, cause=error.strerror or error) from error
        try:
            self.manifest = manifest.Manifest(folder / "manifest.sqlite3")
            self.vectors = ChromaVectors(folder / "chroma")
            self._recover()
        except BaseException:
            self._lock.release()
            raise

    def close(self) -> None:
        """Lets another process have the folder. May be called twice."""
        self.vectors.close()
        self.manifest.close()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def collections(self) -> list[Collection]:
        """All collections by name, also those that cannot be used, with the reason."""
        with self.manifest.reading() as connection:
            return [
                Collection(
                    row["name"],
                    *records.count_documents(connection, row["id"]),
                    created_at=row["created_at"],
                    embedder=row["embedder_label"],
                    problem=self._problem(row),
                )
                for row in manifest.rows(connection, "SELECT * FROM collections ORDER BY name")
            ]

    def create(self, name: str, embedder: str | None = None) -> Collection:
        """A new, empty collection; a Hub embedder is downloaded here if it has not been.

        Raises BadCollectionName, CollectionExists, EmbedderNotFound, EmbedderUnavailable.
        """
        kept = records.clean_name(name)
        model = (
            self._named_embedder(embedder) if embedder else self._embedder or embedders.get(embedders.DEFAULT)
        )
        if isinstance(model, embedders.HubEmbedder):
            model.download()
        now = manifest.now()
        values = [f"c-{uuid.uuid4().hex}", kept, model.name, model.label, model.fingerprint, now]
        sql = """INSERT INTO collections(slug, name, embedder, embedder_label, fingerprint, created_at)
                 VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT(name) DO NOTHING RETURNING id"""
        with self.manifest.writing() as connection:
            made = connection.execute(sql, values).fetchone()
            if made is None:
                raise CollectionExists(name=kept)
            manifest.create_word_index(connection, made["id"])
        return Collection(kept, 0, 0, now, model.label)

    def delete(self, name: str) -> None:
        """Removes a collection with all its documents. Raises CollectionNotFound."""
        with self.manifest.writing() as connection:
            row = records.find_collection(connection, name)
            connection.execute("INSERT INTO waste VALUES (?, NULL)", [row["slug"]])
            connection.execute("DELETE FROM collections WHERE id = ?", [row["id"]])
            manifest.drop_word_index(connection, row["id"])
        self.empty_waste()

    def documents(self, collection: str) -> list[DocumentInfo]:
        """The documents of a collection, by name. Raises CollectionNotFound."""
        with self.manifest.reading() as connection:
            return records.list_documents(connection, records.find_collection(connection, collection)["id"])

    def passages(self, collection: str, document_id: str) -> list[Passage]:
        """How a document was cut, in order. Raises CollectionNotFound, DocumentNotFound."""
        with self.manifest.reading() as connection:
            row = records.find_collection(connection, collection)
            return records.list_passages(
                connection, records.find_document(connection, row["id"], document_id)
            )

    def every_passage(self, collection: str) -> Iterator[Passage]:
        """How all documents of a collection were cut, document by document. Raises CollectionNotFound."""
        for document in self.documents(collection):
            with suppress(DocumentNotFound):  # deleted in the meantime
                yield from self.passages(collection, document.id)

    def text(self, collection: str, document_id: str) -> str:
        """The loaded text that passages' offsets count in. Raises CollectionNotFound, DocumentNotFound."""
        with self.manifest.reading() as connection:
            row = records.find_collection(connection, collection)
            return str(records.find_document(connection, row["id"], document_id)["text"])

    def delete_document(self, collection: str, document_id: str) -> None:
        """Removes one document. Raises CollectionNotFound, DocumentNotFound."""
        with self.manifest.writing() as connection:
            row = records.find_collection(connection, collection)
            document = records.find_document(connection, row["id"], document_id)
            manifest.drop_document(connection, row["id"], row["slug"], document["id"])
        self.empty_waste()

    def retriever(self, collection: str, key: str = "hybrid", k: int = 4, once: bool = True) -> BaseRetriever:
        """A LangChain retriever over the collection; `key` is a file name in vectorstore/retrievers.

        It returns the k best passages, best first. `once`: the same text never twice, as a prompt wants it;
        else a text that stands in several documents comes with each of them, as a person who searches wants.

        Raises CollectionNotFound, CollectionUnusable, RetrieverNotFound.
        """
        made_by = retrievers.get(key)
        row, embedder = self.open_collection(collection)
        index = CollectionIndex(self.manifest, self.vectors, embedder, row, once)
        return made_by.make(index, k)

    def search(self, collection: str, text: str, k: int = 5, retriever: str = "hybrid") -> list[Passage]:
        """The k best passages, best first, in every document they stand in. Raises as `retriever` does."""
        made = self.retriever(collection, retriever, k, once=False)
        return [from_document(found) for found in made.invoke(text)]

    def open_collection(self, name: str) -> tuple[Row, Embedder]:
        """The collection's row and its embedder. Raises CollectionNotFound, CollectionUnusable."""
        with self.manifest.reading() as connection:
            row = records.find_collection(connection, name)
        problem = self._problem(row)
        if problem is not None:
            raise problem
        return row, self._named_embedder(row["embedder"])

    def empty_waste(self) -> None:
        """Drops the vectors noted as useless. What cannot be dropped now is, at the next opening."""
        with self.manifest.reading() as connection:
            sql = """SELECT slug, json_group_array(vector) AS ids, min(vector IS NOT NULL) AS parts
                     FROM waste GROUP BY slug"""
            waste = manifest.rows(connection, sql)
        for row in waste:
            try:
                self._drop_vectors(row)
            except StoreFailed as error:  # nobody finds them: what they stood for is gone from the manifest
                logger.warning("Vectors that are of no use any more could not be removed: %s", error)
                continue
            with self.manifest.writing() as connection:
                done = """DELETE FROM waste
                          WHERE slug = ? AND (NOT ? OR vector IN (SELECT value FROM json_each(?)))"""
                connection.execute(done, [row["slug"], row["parts"], row["ids"]])

    def _drop_vectors(self, waste: Row) -> None:
        if waste["parts"]:
            self.vectors.delete(waste["slug"], json.loads(waste["ids"]))
        else:
            self.vectors.delete_all(waste["slug"])

    def _recover(self) -> None:
        """A document that was being added when the process ended was never visible; it goes."""
        sql = """SELECT documents.id, collection, slug FROM documents
                 JOIN collections ON collections.id = collection WHERE NOT ready"""
        with self.manifest.writing() as connection:
            for row in manifest.rows(connection, sql):
                manifest.drop_document(connection, row["collection"], row["slug"], row["id"])
        self.empty_waste()

    def _named_embedder(self, name: str) -> Embedder:
        own = self._embedder
        return own if own is not None and own.name == name else embedders.get(name)

    def _problem(self, row: Row) -> VectorstoreError | None:
        made_with = f"{row['embedder_label']} ({row['fingerprint'][:24]})"
        try:
            embedder = self._named_embedder(row["embedder"])
            if embedder.fingerprint == row["fingerprint"]:
                return None
            found = f"{embedder.label} ({embedder.fingerprint[:24]})"
        except (EmbedderNotFound, EmbedderUnavailable) as error:
            problem = in_both(error)
            return CollectionWithoutEmbedder(name=row["name"], made_with=made_with, problem=problem)
        return CollectionUnusable(name=row["name"], made_with=made_with, found=found)


class ChromaVectors:
    """Vectors by id, one Chroma collection a slug; opened at first use. Every method raises StoreFailed.

    Without a folder they are kept in memory, as long as the process lives.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._lock = threading.RLock()
        self._client: ClientAPI | None = None
        self._open: dict[str, ChromaCollection] = {}

    def close(self) -> None:
        """Releases Chroma's files."""
        with self._lock:
            if self._client is not None:
                self._client.close()  # type: ignore[attr-defined]
            self._client = None
            self._open.clear()

    def add(self, slug: str, ids: Sequence[str], vectors: Vectors) -> None:
        """Adds vectors, or replaces those of the same ids."""
        with self._failing():
            collection = self._collection(slug, create=True)
            for at in range(0, len(ids), LARGEST_BATCH):
                part = slice(at, at + LARGEST_BATCH)
                collection.upsert(ids=list(ids[part]), embeddings=vectors[part])  # type: ignore[union-attr]

    def nearest(self, slug: str, vector: Vectors, n: int) -> list[tuple[str, float]]:
        """The n nearest ids with their cosine similarity, nearest first."""
        with self._failing():
            collection = self._collection(slug)
            if collection is None:
                return []
            found: Any = collection.query(query_embeddings=vector, n_results=n, include=["distances"])
        return [
            (id, 1.0 - distance) for id, distance in zip(found["ids"][0], found["distances"][0], strict=True)
        ]

    def get(self, slug: str, ids: Sequence[str]) -> dict[str, Vectors]:
        """The stored vectors of those ids that have one."""
        with self._failing():
            collection = self._collection(slug)
            if collection is None or not ids:
                return {}
            found: Any = collection.get(ids=list(ids), include=["embeddings"])
        return dict(zip(found["ids"], np.asarray(found["embeddings"], np.float32), strict=True))

    def delete(self, slug: str, ids: Sequence[str]) -> None:
        """Removes vectors; unknown ids are no error."""
        with self._failing():
            collection = self._collection(slug)
            for at in range(0, len(ids) if collection is not None else 0, LARGEST_BATCH):
                collection.delete(ids=list(ids[at : at + LARGEST_BATCH]))  # type: ignore[union-attr]

    def delete_all(self, slug: str) -> None:
        """Removes the whole slug; an unknown one is no error."""
        with self._lock, self._failing():
            if self._collection(slug) is not None:
                self._chroma().delete_collection(slug)
                self._open.pop(slug, None)

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """Chroma and its Rust part raise errors of many kinds, some of them of the standard library."""
        try:
            yield
        except Exception as error:
            place = self._folder or Path("memory")
            raise StoreFailed(folder=place.parent, cause=f"{place.name}: {error}") from error

    def _collection(self, slug: str, create: bool = False) -> "ChromaCollection | None":
        from chromadb.errors import NotFoundError

        with self._lock:
            if slug not in self._open:
                client = self._chroma()
                try:
                    self._open[slug] = client.get_collection(slug, embedding_function=None)
                except NotFoundError:
                    if not create:
                        return None
                    space: Any = {"hnsw": {"space": "cosine"}}
                    self._open[slug] = client.create_collection(
                        slug, configuration=space, embedding_function=None
                    )
            return self._open[slug]

    def _chroma(self) -> "ClientAPI":
        if self._client is None:
            import chromadb
            from chromadb.api.shared_system_client import SharedSystemClient
            from chromadb.config import Settings

            quiet = Settings(anonymized_telemetry=False, is_persistent=self._folder is not None)
            if self._folder is None:
                self._client = chromadb.EphemeralClient(quiet)
                return self._client
            try:
                self._client = chromadb.PersistentClient(str(self._folder), settings=quiet)
            except Exception:
                # What did not start stays in Chroma's cache, and the next attempt would fail for that alone.
                SharedSystemClient._identifier_to_system.pop(str(self._folder), None)
                raise
        return self._client

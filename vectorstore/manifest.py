"""The store's own record, in one SQLite file: collections, documents, passages, and the lexical index.

It is the truth: a passage is found only through it, so a document is there whole or not at all, whatever the
vector index holds. Vectors to be dropped are written down with the change that made them useless, and dropped
afterwards; a crash between the two only leaves the note. Everything can be rebuilt from here.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vectorstore.errors import StoreFailed, StoreTooNew
from vectorstore.loaders import Loaded

VERSION = 1

SCHEMA = """
CREATE TABLE collections (
    id INTEGER PRIMARY KEY AUTOINCREMENT, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE,
    embedder TEXT NOT NULL, embedder_label TEXT NOT NULL, fingerprint TEXT NOT NULL,
    created_at TEXT NOT NULL);
CREATE TABLE documents (
    id TEXT PRIMARY KEY, collection INTEGER NOT NULL REFERENCES collections(id) ON DELETE CASCADE,
    ready INTEGER NOT NULL DEFAULT 0, source TEXT NOT NULL, kind TEXT NOT NULL, encoding TEXT, pages INTEGER,
    text TEXT NOT NULL, characters INTEGER NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL,
    added_at TEXT NOT NULL);
CREATE UNIQUE INDEX ready_source ON documents(collection, source) WHERE ready;
CREATE INDEX documents_of ON documents(collection, ready);
CREATE TABLE passages (
    key INTEGER PRIMARY KEY, document TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    n INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, page INTEGER, text TEXT NOT NULL,
    embedded INTEGER NOT NULL, UNIQUE(document, n));
CREATE TABLE waste (slug TEXT NOT NULL, vector TEXT);
"""
"""`passages.embedded`: whether a vector exists. `waste`: vectors to drop (NULL: the whole slug)."""

BIGRAM_WEIGHT = 4.0
"""FTS5's bm25 has k1 fixed at 1.2, and multiplies a column's term counts by the column's weight: a weight of
w is a k1 of 1.2/w (Robertson & Zaragoza, 2009, on what k1 does). One Korean noun makes several bigrams that
come and go together, so their repeats must saturate sooner than those of words: 4 makes k1 0.3. Chosen on the
even articles of KorQuAD: recall at 1 / 5 of .892/.986 with k1 1.2, .907/.988 with 0.6, .913/.990 with 0.3."""


class Manifest:
    """The SQLite file. Reading opens a connection of its own; one writer at a time, in whole transactions."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._writing = threading.RLock()
        with self._failing():
            self._writer = self._connect()
            try:
                self._prepare()
            except BaseException:
                self._writer.close()
                raise

    def close(self) -> None:
        """Ends the writing connection."""
        with self._writing:
            self._writer.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one committed state while a transaction is open."""
        with self._failing(), closing(self._connect()) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: committed whole, or rolled back when anything is raised."""
        with self._writing, self._failing():
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreFailed(folder=self._file.parent, cause=f"{self._file.name}: {error}") from error

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, timeout=30, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        try:
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA synchronous=FULL")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _prepare(self) -> None:
        self._writer.execute("PRAGMA journal_mode=WAL")
        version = int(self._writer.execute("PRAGMA user_version").fetchone()[0])
        if version > VERSION:
            raise StoreTooNew(folder=self._file.parent)
        if version == 0:
            self._writer.executescript(f"BEGIN;{SCHEMA}PRAGMA user_version={VERSION};COMMIT;")


def create_word_index(connection: sqlite3.Connection, collection: int) -> None:
    """The lexical index of one collection, so that its statistics are the collection's own."""
    connection.execute(
        f"CREATE VIRTUAL TABLE words_{collection} USING fts5(words, grams, tokenize='unicode61')"
    )
    connection.execute(
        f"CREATE VIRTUAL TABLE vocabulary_{collection} USING fts5vocab(words_{collection}, 'row')"
    )
    # Table names are made of our own integers; no name a person typed comes here.
    name = f"words_{collection}"
    connection.execute(f"INSERT INTO {name}({name}, rank) VALUES ('rank', 'bm25(1.0, {BIGRAM_WEIGHT})')")  # noqa: S608


def drop_word_index(connection: sqlite3.Connection, collection: int) -> None:
    """Removes what `create_word_index` made."""
    connection.execute(f"DROP TABLE vocabulary_{collection}")
    connection.execute(f"DROP TABLE words_{collection}")


def write_document(
    connection: sqlite3.Connection, id: str, collection: int, source: str, loaded: Loaded
) -> None:
    """A document that nobody sees yet."""
    values = [id, collection, source, loaded.kind, loaded.encoding, loaded.page_count, loaded.text]
    values += [len(loaded.text), loaded.bytes, loaded.sha256, now()]
    connection.execute(
        """INSERT INTO documents(id, collection, source, kind, encoding, pages, text, characters, bytes,
           sha256, added_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        values,
    )


def write_passages(connection: sqlite3.Connection, passages: Sequence[tuple[Any, ...]]) -> None:
    """(document, n, start, end, page, text, embedded) each."""
    sql = """INSERT INTO passages(document, n, start, "end", page, text, embedded)
             VALUES (?, ?, ?, ?, ?, ?, ?)"""
    connection.executemany(sql, passages)


def index_words(
    connection: sqlite3.Connection, collection: int, rows: Sequence[tuple[int, str, str]]
) -> None:
    """Makes passages findable: (passage key, its words, its bigrams), each joined by spaces."""
    connection.executemany(f"INSERT INTO words_{collection}(rowid, words, grams) VALUES (?, ?, ?)", rows)  # noqa: S608


def drop_document(connection: sqlite3.Connection, collection: int, slug: str, document: str) -> None:
    """Removes a document, its passages and its words, and notes its vectors as waste."""
    connection.execute(
        f"DELETE FROM words_{collection} WHERE rowid IN (SELECT key FROM passages WHERE document = ?)",  # noqa: S608
        [document],
    )
    connection.execute(
        "INSERT INTO waste SELECT ?, document || '-' || n FROM passages WHERE document = ? AND embedded",
        [slug, document],
    )
    connection.execute("DELETE FROM documents WHERE id = ?", [document])


def now() -> str:
    """The time as it is recorded: ISO 8601, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def rows(connection: sqlite3.Connection, sql: str, *values: Any) -> list[sqlite3.Row]:
    """All rows of one statement."""
    return connection.execute(sql, values).fetchall()

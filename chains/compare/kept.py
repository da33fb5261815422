"""What was answered stays: finished cells by their key, in one SQLite file of the data home.

A batch is written in one transaction, so a kill leaves all of it or nothing. Several processes may use the
file at once (write-ahead log). It never stops a run: a damaged file is set aside, a full disk is said once.
"""

import logging
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from adapters.spec import Text

FILE = "cells.sqlite"
MOST_BYTES = 2_000_000_000
LONGEST_UNUSED_S = 180 * 86400.0
TOUCHED_AFTER_S = 86400.0
"""When a cell was last used is noted no more often than this: reading should not write."""

WAIT_S = 30.0
AT_ONCE = 500
TABLE = """CREATE TABLE IF NOT EXISTS cells (
    key TEXT PRIMARY KEY, used REAL NOT NULL, size INTEGER NOT NULL, content BLOB NOT NULL
) WITHOUT ROWID"""
DAMAGED: Text = {
    "en": "The file of kept answers was damaged. It was set aside as {aside}, and a new one was begun.",
    "ko": "보관한 답변 파일이 손상돼서 {aside} 파일로 옮기고 새로 시작했어요.",
}
NOT_KEPT: Text = {
    "en": "Answers cannot be kept ({cause}): if this run is interrupted, it begins anew.",
    "ko": "답변을 보관하지 못했어요({cause}). 중단되면 처음부터 다시 실행해야 해요.",
}

Found = TypeVar("Found")
log = logging.getLogger(__name__)


class Kept:
    """The kept texts by key. `notices` are what a person should know. For one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self.notices: list[Text] = []
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(self, keys: Sequence[str]) -> Mapping[str, str]:
        """What is kept under these keys; nothing for the others."""
        found: dict[str, str] = {}
        for at in range(0, len(keys), AT_ONCE):
            none: dict[str, str] = {}
            found |= self._with(partial(_read, keys=list(keys[at : at + AT_ONCE])), none)
        return found

    def put(self, texts: Mapping[str, str]) -> None:
        """Keeps these, all or none."""
        self._with(lambda one: _write(one, texts), None)

    def clean(self, most_bytes: int = MOST_BYTES, unused_s: float = LONGEST_UNUSED_S) -> int:
        """Lets go what was not used for longest, down to so many bytes; returns how many cells went."""
        return self._with(lambda one: _clean(one, most_bytes, time.time() - unused_s), 0)

    def close(self) -> None:
        """Lets the file go."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _with(self, do: Callable[[sqlite3.Connection], Found], otherwise: Found) -> Found:
        with self._lock:
            for last in (False, True):
                try:
                    return do(self._open())
                except (sqlite3.OperationalError, OSError) as error:  # locked, full, read-only: not damage
                    self._say(NOT_KEPT, cause=error)
                    return otherwise
                except (sqlite3.DatabaseError, zlib.error, ValueError) as error:
                    log.warning("%s: %s", self.path, error)
                    self._set_aside()
                    if last:
                        break
        return otherwise

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(
                self.path, timeout=WAIT_S, isolation_level=None, check_same_thread=False
            )
            try:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=NORMAL")
                connection.execute(TABLE)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _set_aside(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        aside = self.path.with_name(f"{self.path.stem}.damaged-{time.time_ns()}{self.path.suffix}")
        for suffix in ("", "-wal", "-shm"):
            place = self.path.with_name(self.path.name + suffix)
            if place.exists():
                place.replace(aside.with_name(aside.name + suffix))
        self._say(DAMAGED, aside=aside.name)

    def _say(self, text: Text, **values: object) -> None:
        notice = {language: words.format(**values) for language, words in text.items()}
        if notice not in self.notices:
            self.notices.append(notice)


def _read(connection: sqlite3.Connection, keys: list[str]) -> dict[str, str]:
    marks = ",".join("?" * len(keys))
    sql = f"SELECT key, used, content FROM cells WHERE key IN ({marks})"  # noqa: S608 (only question marks)
    rows = connection.execute(sql, keys).fetchall()
    found = {key: zlib.decompress(content).decode() for key, _, content in rows}
    now = time.time()
    old = [(now, key) for key, used, _ in rows if now - used > TOUCHED_AFTER_S]
    if old:
        with _transaction(connection):
            connection.executemany("UPDATE cells SET used = ? WHERE key = ?", old)
    return found


def _write(connection: sqlite3.Connection, texts: Mapping[str, str]) -> None:
    now = time.time()
    contents = [(key, zlib.compress(text.encode("utf-8", "replace"))) for key, text in texts.items()]
    rows = [(key, now, len(content), content) for key, content in contents]
    with _transaction(connection):
        connection.executemany("INSERT OR REPLACE INTO cells VALUES (?, ?, ?, ?)", rows)


def _clean(connection: sqlite3.Connection, most_bytes: int, before: float) -> int:
    with _transaction(connection):
        gone = connection.execute("DELETE FROM cells WHERE used < ?", (before,)).rowcount
        (size,) = connection.execute("SELECT coalesce(sum(size), 0) FROM cells").fetchone()
        if size > most_bytes:
            sql = """DELETE FROM cells WHERE key IN (SELECT key FROM (
                         SELECT key, sum(size) OVER (ORDER BY used DESC, key) AS total FROM cells
                     ) WHERE total > ?)"""
            gone += connection.execute(sql, (most_bytes,)).rowcount
    return gone


class _transaction:  # noqa: N801 (it is used as a word)
    """Takes the write lock first, so that two writers wait for each other instead of failing."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        self._connection.execute("COMMIT" if kind is None else "ROLLBACK")

"""What the store tells about its collections and documents: frozen records, read from the manifest."""

import sqlite3
import unicodedata
from dataclasses import dataclass

from vectorstore.errors import BadCollectionName, CollectionNotFound, DocumentNotFound, VectorstoreError
from vectorstore.manifest import rows
from vectorstore.passage import Passage
from vectorstore.scripts import nfc

MAX_NAME = 100

_UNSEEN = {"Cc", "Cs", "Co", "Cn"}
_DIRECTION = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that make a name read as another; names written right to left need none of them."""


@dataclass(frozen=True)
class Collection:
    """A named set of documents. `embedder` is its label; `problem`: why it cannot be used (None: it can)."""

    name: str
    documents: int
    passages: int
    created_at: str
    embedder: str
    problem: VectorstoreError | None = None


@dataclass(frozen=True)
class DocumentInfo:
    """A document as it went in. `kind` is its suffix, `pages` None where the format has none."""

    id: str
    source: str
    kind: str
    pages: int | None
    passages: int
    characters: int
    bytes: int
    sha256: str
    added_at: str
    encoding: str | None


def clean_name(name: str) -> str:
    """The name as it is kept: composed Unicode, no white space around. Raises BadCollectionName."""
    kept = nfc(name).strip()
    bad = any(unicodedata.category(c) in _UNSEEN or c in _DIRECTION for c in kept)
    if not 1 <= len(kept) <= MAX_NAME or bad or not any(unicodedata.category(c)[0] in "LNPS" for c in kept):
        raise BadCollectionName
    return kept


def find_collection(connection: sqlite3.Connection, name: str) -> sqlite3.Row:
    """The collection's row. Raises CollectionNotFound, also for names that no collection could have."""
    found = connection.execute("SELECT * FROM collections WHERE name = ?", [_lookup(name)]).fetchone()
    if found is None:
        raise _not_found(connection, name)
    return found  # type: ignore[no-any-return]


def check_collection(connection: sqlite3.Connection, row: sqlite3.Row) -> None:
    """Raises CollectionNotFound when that collection was deleted, or deleted and made anew."""
    if not same_collection(connection, row):
        raise _not_found(connection, row["name"])


def same_collection(connection: sqlite3.Connection, row: sqlite3.Row) -> bool:
    """Whether the collection is still there: not deleted, nor deleted and made anew under the same name."""
    sql = "SELECT 1 FROM collections WHERE id = ? AND slug = ?"
    return connection.execute(sql, [row["id"], row["slug"]]).fetchone() is not None


def find_document(connection: sqlite3.Connection, collection: int, document: str) -> sqlite3.Row:
    """The row of a document that is whole. Raises DocumentNotFound."""
    sql = "SELECT * FROM documents WHERE id = ? AND collection = ? AND ready"
    found = connection.execute(sql, [_printable(document), collection]).fetchone()
    if found is None:
        raise DocumentNotFound
    return found  # type: ignore[no-any-return]


def count_documents(connection: sqlite3.Connection, collection: int) -> tuple[int, int]:
    """How many documents and passages a collection has."""
    sql = """SELECT count(DISTINCT documents.id), count(passages.key) FROM documents
             LEFT JOIN passages ON passages.document = documents.id WHERE collection = ? AND ready"""
    documents, passages = connection.execute(sql, [collection]).fetchone()
    return documents, passages


def list_documents(connection: sqlite3.Connection, collection: int) -> list[DocumentInfo]:
    """The documents of a collection, by name."""
    sql = """SELECT id, source, kind, pages, characters, bytes, sha256, added_at, encoding,
                    (SELECT count(*) FROM passages WHERE document = documents.id) AS passages
             FROM documents WHERE collection = ? AND ready ORDER BY source"""
    return [DocumentInfo(**dict(row)) for row in rows(connection, sql, collection)]


def list_passages(connection: sqlite3.Connection, document: sqlite3.Row) -> list[Passage]:
    """How a document was cut, in order."""
    found = rows(connection, "SELECT * FROM passages WHERE document = ? ORDER BY n", document["id"])
    return [read_passage(row, document["source"]) for row in found]


def read_passage(
    row: sqlite3.Row, source: str, score: float = 0.0, relevance: float | None = None
) -> Passage:
    """A row of `passages` as a Passage."""
    return Passage(
        id=f"{row['document']}-{row['n']}",
        document_id=row["document"],
        source=source,
        text=row["text"],
        start=row["start"],
        end=row["end"],
        page=row["page"],
        score=score,
        relevance=relevance,
    )


def _not_found(connection: sqlite3.Connection, name: str) -> CollectionNotFound:
    known = [row["name"] for row in rows(connection, "SELECT name FROM collections ORDER BY name")]
    return CollectionNotFound(name=_shown(name), known=", ".join(known) or "–")


def _lookup(name: str) -> str:
    try:
        return clean_name(name)
    except BadCollectionName:
        return ""


def _shown(name: str) -> str:
    return _printable(name if len(name) <= MAX_NAME else name[:MAX_NAME] + "…")


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")

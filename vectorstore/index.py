"""What a retriever may ask of one collection: nearest vectors, best-matching words, how relevant a hit is."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from sqlite3 import Connection, Row
from typing import Protocol

from vectorstore.embed import Embedder, Vectors
from vectorstore.errors import StoreFailed
from vectorstore.manifest import Manifest, rows
from vectorstore.passage import Passage
from vectorstore.records import check_collection, read_passage
from vectorstore.scripts import MOSTLY, readable, readable_share, whole
from vectorstore.words import content_terms, terms

BACKGROUND_PASSAGES = 100
"""The rarity of a word is judged as if so many more passages, without it, were there: in a collection of
three passages a count alone says little. Vanishes in large collections."""

Hits = list[tuple[int, float]]
"""(passage key, score), best first."""


class VectorIndex(Protocol):
    """Vectors by id under a slug."""

    def nearest(self, slug: str, vector: Vectors, n: int) -> list[tuple[str, float]]:
        """(id, cosine), nearest first."""
        ...

    def get(self, slug: str, ids: Sequence[str]) -> dict[str, Vectors]:
        """The stored vectors of those ids that have one."""
        ...


@dataclass(frozen=True)
class CollectionIndex:
    """One collection, ready to be searched.

    `once`: a text that stands in several documents is found once, which is what a prompt wants. A person who
    searches wants to see every place.
    """

    manifest: Manifest
    vectors: VectorIndex
    embedder: Embedder
    row: Row
    once: bool = True

    @property
    def collection(self) -> int:
        """The collection's number, which its tables are named after."""
        return int(self.row["id"])

    @property
    def slug(self) -> str:
        """The collection's name among the vectors."""
        return str(self.row["slug"])

    def search(self, query: str) -> "Search":
        """One question put to this collection."""
        return Search(self, whole(query))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection. What fails because the collection was deleted meanwhile raises CollectionNotFound."""
        try:
            with self.manifest.reading() as connection:
                yield connection
        except StoreFailed:
            self.check_there()
            raise

    def check_there(self) -> None:
        """Raises CollectionNotFound when the collection has been deleted."""
        with self.manifest.reading() as connection:
            check_collection(connection, self.row)


class Search:
    """One question put to one collection; what is worked out for one leg is there for the other."""

    def __init__(self, index: CollectionIndex, query: str) -> None:
        self._index = index
        self._query = query

    @cached_property
    def trust(self) -> float:
        """How far the embedder is to be trusted with this question: the share (0..1) of it that it reads.

        0 when it cannot read most of it: the few Latin letters of a Korean question say little.
        """
        share = readable_share(self._query, self._index.embedder.script)
        return share if share >= MOSTLY else 0.0

    @cached_property
    def terms(self) -> list[str]:
        """The question's content terms, as the lexical index has them."""
        return content_terms(self._query)

    @cached_property
    def vector(self) -> Vectors:
        """The question as one row."""
        embedder = self._index.embedder
        return embedder.embed_query(readable(self._query, embedder.script))

    def dense(self, n: int) -> Hits:
        """The n nearest passages by cosine; none when the embedder reads nothing of the question."""
        if not self.trust:
            return []
        with self._index.reading():
            nearest = dict(self._index.vectors.nearest(self._index.slug, self.vector, n))
        keys = self._keys(list(nearest))
        return [(keys[id], cosine) for id, cosine in nearest.items() if id in keys]

    def lexical(self, n: int) -> Hits:
        """The n best passages by BM25 (Robertson & Zaragoza, 2009); none when no word occurs."""
        if not self.terms:
            return []
        words = f"words_{self._index.collection}"
        wanted = " OR ".join(f'"{term}"' for term in self.terms)
        sql = f"SELECT rowid, rank FROM {words} WHERE {words} MATCH ? ORDER BY rank LIMIT ?"  # noqa: S608
        with self._index.reading() as connection:
            return [(row["rowid"], -row["rank"]) for row in rows(connection, sql, wanted, n)]

    def cosines(self, found: Sequence[Passage]) -> dict[str, float]:
        """Passage id to cosine similarity with the question, for passages that have a vector."""
        if not self.trust:
            return {}
        with self._index.reading():
            stored = self._index.vectors.get(self._index.slug, [passage.id for passage in found])
        return {id: _bounded(float(vector @ self.vector[0])) for id, vector in stored.items()}

    def shares(self, found: Sequence[Passage]) -> dict[str, float]:
        """Passage id to the share of the question's content terms it has, rare terms counting more (idf)."""
        weights = self._weights
        total = sum(weights.values()) or 1.0
        shares = {}
        for passage in found:
            has = {term for kind in terms(passage.text) for term in kind}
            shares[passage.id] = sum(weight for term, weight in weights.items() if term in has) / total
        return shares

    def relevances(self, found: Sequence[Passage]) -> dict[str, float]:
        """Both kinds of evidence, the cosine's part growing to a half with what the embedder reads."""
        shares, cosines = self.shares(found), self.cosines(found)
        weight = self.trust / 2
        return {
            id: share if id not in cosines else (1 - weight) * share + weight * cosines[id]
            for id, share in shares.items()
        }

    def passages(
        self, hits: Hits, k: int, relevance: Callable[[Sequence[Passage]], Mapping[str, float]]
    ) -> list[Passage]:
        """The first k hits as passages, with what `relevance` says of them. Raises CollectionNotFound."""
        found: dict[str, Passage] = {}
        for passage in self._fetch(hits):
            found.setdefault(passage.text if self._index.once else passage.id, passage)
            if len(found) == k:
                break
        if not found:  # nothing fits, or nothing is left
            self._index.check_there()
        kept = list(found.values())
        known = relevance(kept)
        return [_with_relevance(passage, known.get(passage.id)) for passage in kept]

    @cached_property
    def _weights(self) -> dict[str, float]:
        """Term to inverse document frequency, never below 0 (the form of Lucene's BM25)."""
        collection = self._index.collection
        vocabulary = f"SELECT doc FROM vocabulary_{collection} WHERE term = ?"  # noqa: S608
        with self._index.reading() as connection:
            total = connection.execute(f"SELECT count(*) FROM words_{collection}_docsize").fetchone()[0]  # noqa: S608
            counts = {
                term: next((row["doc"] for row in rows(connection, vocabulary, term)), 0)
                for term in self.terms
            }
        size = total + BACKGROUND_PASSAGES
        return {term: math.log(1 + (size - n + 0.5) / (n + 0.5)) for term, n in counts.items()}

    def _keys(self, ids: list[str]) -> dict[str, int]:
        """Vector id to passage key, for passages of whole documents only."""
        sql = """SELECT key FROM passages JOIN documents ON documents.id = document
                 WHERE document = ? AND n = ? AND ready AND collection = ?"""
        keys = {}
        with self._index.reading() as connection:
            for id in ids:
                document, _, n = id.rpartition("-")
                for row in rows(connection, sql, document, int(n), self._index.collection):
                    keys[id] = row["key"]
        return keys

    def _fetch(self, hits: Hits) -> list[Passage]:
        sql = """SELECT passages.*, source FROM passages JOIN documents ON documents.id = document
                 WHERE key = ? AND ready"""
        with self._index.reading() as connection:
            return [
                read_passage(row, row["source"], score)
                for key, score in hits
                for row in rows(connection, sql, key)
            ]


def _bounded(value: float) -> float:
    return min(1.0, max(0.0, value))


def _with_relevance(passage: Passage, relevance: float | None) -> Passage:
    return replace(passage, relevance=None if relevance is None else round(relevance, 4))

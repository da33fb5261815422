"""Which of some texts are nearest to a question: the port for examples that are chosen by likeness.

The texts' vectors stay in Chroma, in memory, one collection for each pool of texts and embedder; a pool is
embedded once a process. Imports nothing heavy until it is asked.
"""

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vectorstore.embed import Embedder
    from vectorstore.store import ChromaVectors

LOOKED_AT = 50
"""How many neighbours Chroma is asked for at least: its index is approximate, and the best of more are right
more often."""

MOST_POOLS = 32
"""The pool that was not asked for longest goes first."""


def nearest(texts: Sequence[str], query: str, k: int, embedder: "Embedder | None" = None) -> list[int]:
    """The numbers of the k texts that are nearest to `query`, nearest first; the same text only once.

    By cosine, with the first embedder of this machine that reads the query's writing, unless `embedder` is
    given; where none does, by the share of words in common. Raises EmbedderUnavailable, StoreFailed.
    """
    from vectorstore.scripts import MOSTLY, readable_share, whole

    pool = list(dict.fromkeys(map(whole, texts)))
    first = {text: number for number, text in reversed(list(enumerate(map(whole, texts))))}
    asked, wanted = whole(query), min(k, len(pool))
    if wanted < 1:
        return []
    chosen = embedder or _embedder_for(asked)
    if chosen is None or readable_share(asked, chosen.script) < MOSTLY:
        found = _by_words(pool, asked)[:wanted]
    else:
        found = _pools().nearest(pool, asked, wanted, chosen)
    return [first[pool[number]] for number in found]


def fingerprint() -> str:
    """Another text whenever `nearest` may find other texts: the embedders on this disk, in its order."""
    from vectorstore import embedders
    from vectorstore.errors import EmbedderUnavailable

    found = []
    for name in embedders.CHOICES:
        with suppress(EmbedderUnavailable):
            found.append(embedders.get(name).fingerprint)
    return repr(found)


class _Pools:
    """The pools that are in memory."""

    def __init__(self, vectors: "ChromaVectors") -> None:
        self._vectors = vectors
        self._lock = threading.Lock()
        self._known: OrderedDict[str, None] = OrderedDict()

    def nearest(self, pool: Sequence[str], query: str, k: int, embedder: "Embedder") -> list[int]:
        """The numbers of the k texts of the pool that are nearest."""
        from vectorstore.scripts import readable

        slug = _slug(pool, embedder.fingerprint)
        vector = embedder.embed_query(readable(query, embedder.script))
        with self._lock:
            if slug not in self._known:
                vectors = embedder.embed_passages([readable(text, embedder.script) for text in pool])
                self._vectors.add(slug, [str(number) for number in range(len(pool))], vectors)
            self._known[slug] = None
            self._known.move_to_end(slug)
            if len(self._known) > MOST_POOLS:
                self._vectors.delete_all(self._known.popitem(last=False)[0])
            found = self._vectors.nearest(slug, vector, min(len(pool), max(k, LOOKED_AT)))
        # Equal cosines in the pool's order: the same examples on every run.
        ranked = sorted(((-round(cosine, 6), int(id)) for id, cosine in found))
        return [number for _, number in ranked[:k]]


@cache
def _pools() -> _Pools:
    from vectorstore.store import ChromaVectors

    return _Pools(ChromaVectors(None))


def _slug(pool: Sequence[str], fingerprint: str) -> str:
    content = json.dumps([fingerprint, *pool]).encode()
    return f"n-{hashlib.sha256(content).hexdigest()[:32]}"


def _embedder_for(query: str) -> "Embedder | None":
    """The first one that is on this disk and reads most of the query."""
    from vectorstore import embedders
    from vectorstore.errors import EmbedderUnavailable
    from vectorstore.scripts import MOSTLY, readable_share

    for name in embedders.CHOICES:
        chosen = embedders.get(name)
        if readable_share(query, chosen.script) < MOSTLY:
            continue
        try:
            _ = chosen.fingerprint
        except EmbedderUnavailable:
            continue
        return chosen
    return None


def _by_words(pool: Sequence[str], query: str) -> list[int]:
    """By the Dice coefficient of the content terms; those alike in the pool's order."""
    from vectorstore.words import content_terms

    asked = set(content_terms(query))

    def likeness(number: int) -> float:
        terms = set(content_terms(pool[number]))
        return 2 * len(asked & terms) / (len(asked) + len(terms) or 1)

    return sorted(range(len(pool)), key=lambda number: (-likeness(number), number))

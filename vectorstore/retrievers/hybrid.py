"""By meaning and words together: reciprocal rank fusion (Cormack, Clarke & Büttcher, 2009)."""

from collections import defaultdict
from collections.abc import Sequence

from langchain_core.retrievers import BaseRetriever

from vectorstore.index import CollectionIndex, Hits
from vectorstore.passage import Passage
from vectorstore.retrievers import PassageRetriever

label = {"en": "Meaning and words", "ko": "의미와 단어 함께"}
help = {
    "en": "Both ways together; the best choice unless you want to compare.",
    "ko": "두 방식을 함께 써요. 비교하려는 게 아니라면 이걸 고르세요.",
}

RANK_OFFSET = 60
"""The constant of the paper."""

DEPTH = 50
"""How far down each leg is looked at."""


def make(index: CollectionIndex, k: int) -> BaseRetriever:
    """`score` is the fused one. The dense leg weighs as much as the embedder reads of the question, so that
    an English embedder cannot drag down a Korean search."""

    def find(query: str) -> list[Passage]:
        search = index.search(query)
        depth = max(DEPTH, 2 * k)
        legs = [(search.lexical(depth), 1.0), (search.dense(depth), search.trust)]
        return search.passages(fuse(legs), k, search.relevances)

    return PassageRetriever(find=find)


def fuse(legs: Sequence[tuple[Hits, float]]) -> Hits:
    """Each leg (hits, weight) gives weight / (60 + rank) to what it found; equals keep that order."""
    scores: dict[int, float] = defaultdict(float)
    for hits, weight in legs:
        for rank, (key, _) in enumerate(hits, start=1):
            scores[key] += weight / (RANK_OFFSET + rank)
    return sorted(scores.items(), key=lambda hit: -hit[1])

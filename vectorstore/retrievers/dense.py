"""By meaning: the passages whose vectors are nearest to the question's."""

from langchain_core.retrievers import BaseRetriever

from vectorstore.index import CollectionIndex
from vectorstore.passage import Passage
from vectorstore.retrievers import PassageRetriever

label = {"en": "By meaning", "ko": "의미로 찾기"}
help = {
    "en": "Finds passages that say the same in other words. Works in the languages the embedder reads.",
    "ko": "표현이 달라도 뜻이 비슷한 문단을 찾아요. 임베딩 모델이 읽는 언어에서만 동작해요.",
}

SPARE = 20
"""More than k are fetched, because the same text is returned once."""


def make(index: CollectionIndex, k: int) -> BaseRetriever:
    """`score` and `relevance` are the cosine similarity."""

    def find(query: str) -> list[Passage]:
        search = index.search(query)
        return search.passages(search.dense(k + SPARE), k, search.cosines)

    return PassageRetriever(find=find)

"""By meaning: the passages whose vectors are nearest to the question's."""

from langchain_core.retrievers import BaseRetriever

from vectorstore.index import CollectionIndex, Search
from vectorstore.retrievers import one_leg

label = {"en": "By meaning", "ko": "의미로 찾기"}
help = {
    "en": "Finds passages that say the same in other words. Works in the languages the embedder reads.",
    "ko": "표현이 달라도 뜻이 비슷한 문단을 찾아요. 임베딩 모델이 읽는 언어에서만 동작해요.",
}


def make(index: CollectionIndex, k: int) -> BaseRetriever:
    """`score` and `relevance` are the cosine similarity."""
    return one_leg(index, k, Search.dense, Search.cosines)

"""By words: BM25 over stemmed words, and over character pairs for Korean, Chinese and Japanese."""

from langchain_core.retrievers import BaseRetriever

from vectorstore.index import CollectionIndex
from vectorstore.passage import Passage
from vectorstore.retrievers import PassageRetriever

label = {"en": "By words", "ko": "단어로 찾기"}
help = {
    "en": "Finds passages with the question's own words, rare ones first. Works in every language.",
    "ko": "질문에 나온 단어가 있는 문단을 찾아요. 드문 단어일수록 중요하게 보고, 모든 언어에서 동작해요.",
}

SPARE = 20
"""More than k are fetched, because the same text is returned once."""


def make(index: CollectionIndex, k: int) -> BaseRetriever:
    """`score` is BM25; `relevance` the idf-weighted share of the question's terms that the passage has."""

    def find(query: str) -> list[Passage]:
        search = index.search(query)
        return search.passages(search.lexical(k + SPARE), k, search.shares)

    return PassageRetriever(find=find)

"""By words: BM25 over stemmed words, and over character pairs for Korean, Chinese and Japanese."""

from langchain_core.retrievers import BaseRetriever

from vectorstore.index import CollectionIndex, Search
from vectorstore.retrievers import one_leg

label = {"en": "By words", "ko": "단어로 찾기"}
help = {
    "en": "Finds passages with the question's own words, rare ones first. Works in every language.",
    "ko": "질문에 나온 단어가 있는 문단을 찾아요. 드문 단어일수록 중요하게 보고, 모든 언어에서 동작해요.",
}


def make(index: CollectionIndex, k: int) -> BaseRetriever:
    """`score` is BM25; `relevance` the idf-weighted share of the question's terms that the passage has."""
    return one_leg(index, k, Search.lexical, Search.shares)

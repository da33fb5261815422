"""From a question to the passages that are put before the model."""

import re
from collections.abc import Iterable, Sequence

from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableConfig

from chains.question import Question
from chains.words import content_words
from vectorstore.passage import RELEVANT, Passage, from_document

# Words that point back at something said before.
_POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|he|him|his|she|her|hers|this|that|these|those|there|then)\b"
    r"|^(?:and|but|so|also|what about|how about)\b"
    r"|(?:^|\s)(?:그|이|저)(?:것|게|건|걸|곳|분|때|들)?(?:은|는|이|가|을|를|의|에|도)?(?=\s|$)"
    r"|(?:^|\s)(?:거기|여기|그럼|그러면|그리고|그런데|그중)",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=\s)[A-Z]|\d")
_FEW_WORDS = 2

Found = tuple[Passage, ...] | Exception
"""The relevant passages of a search, best first, or why there are none."""


def passages_for(question: Question, retriever: BaseRetriever | None) -> tuple[Passage, ...] | None:
    """The relevant passages, best first; None when the question is not grounded at all."""
    if question.passages is not None:
        return relevant(question.passages)
    if retriever is None:
        return None
    return found(retriever.invoke(search_text(question)))


def found(documents: Iterable[Document]) -> tuple[Passage, ...]:
    """The relevant ones among what a retriever returned."""
    return relevant(from_document(document) for document in documents)


def searched(wanted: Sequence[tuple[Question, str]], retriever: BaseRetriever | None) -> list[Found]:
    """What each question finds for its query, or the error that its search met.

    All are searched for in one call of the retriever, which may know how to search for many at once, and
    equal queries once. Passages that were given with a question are what it finds, whatever the query.
    """
    queries = list(dict.fromkeys(query for question, query in wanted if question.passages is None))
    results: dict[str, list[Document] | Exception] = {}
    if retriever is not None and queries:
        one_by_one = RunnableConfig(max_concurrency=1)
        batch = retriever.batch(queries, one_by_one, return_exceptions=True)
        results = dict(zip(queries, batch, strict=True))
    return [_found(question, results.get(query)) for question, query in wanted]


def _found(question: Question, result: list[Document] | Exception | None) -> Found:
    if question.passages is not None:
        return relevant(question.passages)
    return result if isinstance(result, Exception) else found(result or ())


def relevant(passages: Iterable[Passage]) -> tuple[Passage, ...]:
    """Without the passages that are known not to be relevant, and without empty ones."""
    return tuple(
        passage
        for passage in passages
        if passage.text.strip() and (passage.relevance is None or passage.relevance >= RELEVANT)
    )


def search_text(question: Question) -> str:
    """What is searched for: the question, behind the one before it where it cannot stand alone.

    "And when was it built?" finds nothing by itself. A question that points back, or that has hardly a word
    of its own and no name, is searched together with the last thing the person asked. No model call is spent.
    """
    earlier = [message.content for message in question.history if message.role == "user"]
    if not earlier or not _leans_back(question.text.strip()):
        return question.text
    return f"{earlier[-1]}\n{question.text}"


def _leans_back(text: str) -> bool:
    if _POINTS_BACK.search(text):
        return True
    return len(content_words(text)) <= _FEW_WORDS and not _NAME.search(text)

"""How an answer begins: what is checked of the question, and whether its technique begins with passages."""

import time
from collections.abc import Callable

from langchain_core.retrievers import BaseRetriever

from chains.errors import CollectionNeeded, EmptyQuestion
from chains.language import reader_language, said
from chains.question import Answer, Prompt, Question, Timings
from chains.retrieve import passages_for
from chains.techniques import Technique, technique
from vectorstore.passage import Passage

NOTHING_FOUND = {
    "en": "I found nothing about this in the documents.",
    "ko": "문서에서 관련 내용을 찾지 못했어요.",
}
Find = Callable[[str], Technique]
"""Where a technique is looked up by its key; raises TechniqueNotFound."""


def check(question: Question, retriever: BaseRetriever | None = None, find: Find = technique) -> None:
    """Raises EmptyQuestion, TechniqueNotFound, or CollectionNeeded where there is nothing to search in."""
    if not any(letter.isprintable() and not letter.isspace() for letter in question.text):
        raise EmptyQuestion
    chosen = find(question.technique)
    nowhere = retriever is None and question.collection is None and question.passages is None
    if chosen.retrieval == "needed" and nowhere:
        raise CollectionNeeded(label=chosen.label)


def begins_with_passages(question: Question, find: Find) -> bool:
    """Whether passages are found before the technique begins: others search themselves, or have no use."""
    return find(question.technique).retrieval == "optional"


def given_passages(question: Question, find: Find) -> tuple[Passage, ...] | None:
    """The relevant ones of those that came with the question; None where none did or they are of no use."""
    return passages_for(question, None) if begins_with_passages(question, find) else None


def nothing_found(question: Question, started: float) -> Answer:
    """The answer where no passage is relevant: the model is not asked."""
    spent = time.perf_counter() - started
    return Answer(
        question,
        Prompt(()),
        text=said(NOTHING_FOUND, reader_language(question)),
        timings=Timings(retrieve_s=spent, total_s=spent),
        finish_reason="nothing_found",
        done=True,
    )

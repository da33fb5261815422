"""From a question to a cited answer: the whole story.

    question -> passages -> the technique's calls and searches -> answer, reasoning apart, sentences cited

`ask` tells it for one question, growing as the model writes. `ask_many` tells it for many, a group at a time.
"""

import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from functools import partial

from langchain_core.language_models import BaseChatModel
from langchain_core.retrievers import BaseRetriever

from chains.begin import Find, begins_with_passages, check, nothing_found
from chains.question import Answer, FinishReason, Question
from chains.retrieve import passages_for, searched
from chains.sending import streamed
from chains.side_by_side import side_by_side
from chains.story import Story
from chains.techniques import technique
from chains.waves import together

GROUP = 64
"""How many questions `ask_many` answers together."""

AT_ONCE = 8
"""How many calls of one question are open together where the model does not say how many it writes."""


def ask(
    question: Question,
    model: BaseChatModel,
    retriever: BaseRetriever | None = None,
    *,
    stop: threading.Event | None = None,
    find: Find = technique,
) -> Iterator[Answer]:
    """Growing answers; the last one has `done=True`.

    `stop`, looked at with every chunk of the model, or closing this iterator ends the generation. What was
    written until then is kept and cited. If the model breaks, the last answer holds the text so far with
    finish_reason "error", and then its error is raised. Raises EmptyQuestion, TechniqueNotFound,
    CollectionNeeded, QuestionTooLong, PassageTooLong, and what the retriever raises, before any answer.
    """
    check(question, retriever, find)
    started = time.perf_counter()
    wanted = begins_with_passages(question, find)
    passages = passages_for(question, retriever) if wanted else None
    if passages == ():
        yield nothing_found(question, started)
        return
    searched = time.perf_counter() - started if passages is not None and question.passages is None else None
    story = Story(question, find(question.technique), passages or (), model)
    story.started, story.retrieve_s = started, searched
    yield story.answer()
    reason: FinishReason | None = None
    broken: Exception | None = None
    try:
        with closing(_told(story, question, model, retriever)) as chunks:
            for _ in chunks if not _is_set(stop) else ():
                if _is_set(stop):
                    break
                yield story.answer()
        reason = "stopped" if _is_set(stop) else None
    except Exception as error:
        reason, broken = "error", error
    yield story.finished(reason)
    if broken is not None:
        raise broken


def ask_many(
    questions: Sequence[Question],
    model: BaseChatModel,
    retriever: BaseRetriever | None = None,
    *,
    find: Find = technique,
) -> Iterator[Answer]:
    """The finished answer of every question, in order. Raises as `ask` does, the first error there is.

    All questions are checked before the first is sent. See `answers_or_errors` for how they are generated.
    """
    for question in questions:
        check(question, retriever, find)
    for answer in answers_or_errors(questions, model, retriever, find=find):
        if isinstance(answer, Exception):
            raise answer
        yield answer


def answers_or_errors(
    questions: Sequence[Question],
    model: BaseChatModel,
    retriever: BaseRetriever | None = None,
    *,
    stop: threading.Event | None = None,
    find: Find = technique,
    ended: Callable[[], None] | None = None,
) -> Iterator[Answer | Exception]:
    """The finished answer of every question, in order, or the error that this question alone met.

    They are answered in groups of GROUP: all calls that the questions of a group want at the same time go to
    the model in one batch, each with its own options and seed, in the same order on every run. `total_s` is
    the time of the whole group, `shared_s` a question's part of it; there is no time to the first token.
    When `stop` is set, the group that runs is given up and nothing more comes. `ended` is called, from any
    thread, after each call of the model.
    """
    for at in range(0, len(questions), GROUP):
        if _is_set(stop):
            return
        yield from together(questions[at : at + GROUP], model, retriever, find, stop, ended)


def _told(
    story: Story, question: Question, model: BaseChatModel, retriever: BaseRetriever | None
) -> Generator[None, None, None]:
    """Does what the technique asks for, until it has its answer; yields whenever there is news."""
    at_once = getattr(model, "capacity", AT_ONCE)
    while not story.over:
        for finding in story.findings:
            began = time.perf_counter()
            (found,) = searched([(question, finding.search.query)], retriever)
            if isinstance(found, Exception):
                raise found
            finding.found(found, time.perf_counter() - began)
            yield
        drafts = story.drafts
        streams = [partial(streamed, draft, model) for draft in drafts]
        with closing(side_by_side(streams, at_once)) as chunks:
            for index, chunk in chunks:
                if chunk is None:
                    drafts[index].end()
                else:
                    drafts[index].add(chunk)
                    yield
        story.go_on()
        if not story.over:
            yield  # what is asked next is shown before the model has read it


def _is_set(stop: threading.Event | None) -> bool:
    return stop is not None and stop.is_set()

"""Many questions at once: all that they want of the model at the same time goes to it together.

A wave is one round: every question's searches, then every question's calls, then each technique is told what
came of its own and says what it wants next. The order within a wave is that of the questions, so that a
second run asks for the same in the same company.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from langchain_core.language_models import BaseChatModel
from langchain_core.retrievers import BaseRetriever

from chains.begin import Find, begins_with_passages, check, given_passages, nothing_found
from chains.question import Answer, Question
from chains.retrieve import Found, search_text, searched
from chains.sending import answered
from chains.story import Story


@dataclass
class _Asked:
    """One question of the group: its story while that goes on, then its answer, or the error it met."""

    question: Question
    story: Story | None = None
    result: Answer | Exception | None = None

    def attempt(self, do: Callable[[], None]) -> None:
        """Does something for this question; what goes wrong is its own affair."""
        try:
            do()
        except Exception as error:
            self.result = error


def together(
    questions: Sequence[Question],
    model: BaseChatModel,
    retriever: BaseRetriever | None,
    find: Find,
    stop: threading.Event | None = None,
    ended: Callable[[], None] | None = None,
) -> list[Answer | Exception]:
    """The answer to every question, in order, or the error in its place; [] once `stop` is set. `ended` is
    called, from any thread, after each call of the model."""
    started = time.perf_counter()
    group = [_Asked(question) for question in questions]
    _begin(group, model, retriever, find)
    while going := _going(group):
        _search(going, retriever)
        _call(going, model, stop, ended)
        if stop is not None and stop.is_set():
            return []
        for one, story in _going(group):
            one.attempt(story.go_on)
    return _results(group, time.perf_counter() - started)


def _going(group: Sequence[_Asked]) -> list[tuple[_Asked, Story]]:
    """Those whose story goes on."""
    told = [(one, one.story) for one in group if one.result is None and one.story is not None]
    return [(one, story) for one, story in told if not story.over]


def _begin(
    group: Sequence[_Asked], model: BaseChatModel, retriever: BaseRetriever | None, find: Find
) -> None:
    """Checks every question, finds the passages of all in one search, and begins the stories."""
    for one in group:
        one.attempt(partial(check, one.question, retriever, find))
    began = time.perf_counter()
    searching = [one for one in group if one.result is None and _searches(one.question, retriever, find)]
    found = searched([(one.question, search_text(one.question)) for one in searching], retriever)
    took = time.perf_counter() - began
    passages = {id(one): passages for one, passages in zip(searching, found, strict=True)}
    for one in group:
        if one.result is None:
            one.attempt(partial(_begin_one, one, passages.get(id(one)), took, model, find))


def _searches(question: Question, retriever: BaseRetriever | None, find: Find) -> bool:
    return retriever is not None and question.passages is None and begins_with_passages(question, find)


def _begin_one(one: _Asked, found: Found | None, took: float, model: BaseChatModel, find: Find) -> None:
    if isinstance(found, Exception):
        raise found
    question = one.question
    passages = found if found is not None else given_passages(question, find)
    if passages == ():
        one.result = nothing_found(question, time.perf_counter() - took)
        return
    one.story = Story(question, find(question.technique), passages or (), model)
    one.story.retrieve_s = None if found is None else took


def _search(going: Sequence[tuple[_Asked, Story]], retriever: BaseRetriever | None) -> None:
    """Carries out the searches of all stories in one go."""
    wanted = [(one, finding) for one, story in going for finding in story.findings]
    began = time.perf_counter()
    found = searched([(one.question, finding.search.query) for one, finding in wanted], retriever)
    took = time.perf_counter() - began
    for (one, finding), passages in zip(wanted, found, strict=True):
        if isinstance(passages, Exception):
            one.result = passages
        else:
            finding.found(passages, took)


def _call(
    going: Sequence[tuple[_Asked, Story]],
    model: BaseChatModel,
    stop: threading.Event | None,
    ended: Callable[[], None] | None,
) -> None:
    """Has the model answer the calls of all stories in one batch."""
    wanted = [(one, draft) for one, story in going if one.result is None for draft in story.drafts]
    if not wanted:
        return
    replies = answered([draft for _, draft in wanted], model, stop, ended)
    for (one, draft), reply in zip(wanted, replies, strict=True):
        if isinstance(reply, Exception):
            one.result = reply
        else:
            draft.add(reply, streamed=False)
            draft.end()


def _results(group: Sequence[_Asked], spent: float) -> list[Answer | Exception]:
    """The answers, with the time of the whole group and each one's part of it, by the tokens written."""
    tokens = sum(one.story.completion_tokens for one in group if one.story is not None)
    return [_result(one, spent, tokens, len(group)) for one in group]


def _result(one: _Asked, spent: float, tokens: int, questions: int) -> Answer | Exception:
    if isinstance(one.result, Exception):
        return one.result
    answer = one.result or (one.story.finished() if one.story else None)
    if answer is None:
        return RuntimeError("a question of the group was never begun")
    part = answer.tokens.completion / tokens if tokens else 1 / questions
    return replace(answer, timings=replace(answer.timings, total_s=spent, shared_s=spent * part))

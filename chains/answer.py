"""From a question to a cited answer: the whole story.

    question -> passages -> prompt -> the model's chunks -> answer, reasoning apart, sentences cited

`ask` tells it for one question, growing as the model writes. `ask_many` tells it for many, a group at a time.
"""

import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import groupby
from typing import Any, cast

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable

from adapters.spec import GenerationOptions
from chains.draft import Draft
from chains.errors import EmptyQuestion
from chains.fit import fit
from chains.language import reader_language, said
from chains.question import Answer, FinishReason, Prompt, Question, Role, Timings
from chains.retrieve import found, passages_for, search_text
from chains.steps import Call
from chains.techniques import technique
from vectorstore.passage import Passage

NOTHING_FOUND = {
    "en": "I found nothing about this in the documents.",
    "ko": "문서에서 관련 내용을 찾지 못했어요.",
}
GROUP = 16
"""How many questions `ask_many` sends to the model at once."""

# Messages are handed over as they are: braces in them are never read as a template's.
_MESSAGES = ChatPromptTemplate([MessagesPlaceholder("messages")])
_KINDS: dict[Role, type[BaseMessage]] = {
    "system": SystemMessage,
    "user": HumanMessage,
    "assistant": AIMessage,
}


def ask(
    question: Question,
    model: BaseChatModel,
    retriever: BaseRetriever | None = None,
    *,
    stop: threading.Event | None = None,
) -> Iterator[Answer]:
    """Growing answers; the last one has `done=True`.

    `stop`, looked at with every chunk of the model, or closing this iterator ends the generation. What was
    written until then is kept and cited. If the model breaks, the last answer holds the text so far with
    finish_reason "error", and then its error is raised. Raises EmptyQuestion, TechniqueNotFound,
    QuestionTooLong, PassageTooLong, and what the retriever raises, before any answer.
    """
    check(question)
    started = time.perf_counter()
    passages = passages_for(question, retriever)
    if passages == ():
        yield _nothing_found(question, started)
        return
    draft = _draft(question, passages, model, started)
    yield draft.answer()
    reason: FinishReason | None = None
    broken: Exception | None = None
    try:
        with closing(_chunks(draft.prompt, question.options, model, draft.grounded)) as chunks:
            for chunk in chunks if not _is_set(stop) else ():
                draft.add(chunk)
                if _is_set(stop):
                    break
                yield draft.answer()
        reason = "stopped" if _is_set(stop) else None
    except Exception as error:
        reason, broken = "error", error
    yield draft.finished(reason)
    if broken is not None:
        raise broken


def ask_many(
    questions: Sequence[Question], model: BaseChatModel, retriever: BaseRetriever | None = None
) -> Iterator[Answer]:
    """The finished answer of every question, in order, generated through `model.batch` in bounded groups.

    All questions are checked before the first is sent. Questions in one group share their options; `total_s`
    is the time of the whole group, and there is no time to the first token. Raises as `ask` does.
    """
    for question in questions:
        check(question)
    for group in groups(questions):
        yield from _answered(group, model, retriever)


def check(question: Question) -> None:
    """Raises EmptyQuestion or TechniqueNotFound."""
    if not any(letter.isprintable() and not letter.isspace() for letter in question.text):
        raise EmptyQuestion
    technique(question.technique)


def groups(questions: Sequence[Question]) -> Iterator[list[Question]]:
    """Neighbours with the same options, at most GROUP together: a call of the model has one set of them."""
    group: list[Question] = []
    for question in questions:
        if group and (len(group) == GROUP or question.options != group[0].options):
            yield group
            group = []
        group.append(question)
    if group:
        yield group


def _answered(
    group: list[Question], model: BaseChatModel, retriever: BaseRetriever | None
) -> Iterator[Answer]:
    started = time.perf_counter()
    drafts = [
        _draft(question, passages, model, started) if passages != () else None
        for question, passages in zip(group, _passages_for_all(group, retriever), strict=True)
    ]
    replies = _replies([draft.prompt for draft in drafts if draft is not None], group[0].options, model)
    for question, draft in zip(group, drafts, strict=True):
        if draft is None:
            yield _nothing_found(question, started)
        else:
            draft.add(next(replies), streamed=False)
            yield draft.finished()


def _passages_for_all(
    group: list[Question], retriever: BaseRetriever | None
) -> list[tuple[Passage, ...] | None]:
    """As `passages_for`, in one call of the retriever, which may know how to search for many at once."""
    open_questions = [question for question in group if question.passages is None]
    if retriever is None or not open_questions:
        return [passages_for(question, None) for question in group]
    searched = retriever.batch([search_text(one) for one in open_questions], {"max_concurrency": 1})
    results = iter(searched)
    return [
        passages_for(question, None) if question.passages is not None else found(next(results))
        for question in group
    ]


def _draft(
    question: Question, passages: tuple[Passage, ...] | None, model: BaseChatModel, started: float
) -> Draft:
    searched = passages is not None and question.passages is None
    retrieved_s = time.perf_counter() - started if searched else None
    (call,) = next(technique(question.technique).run(question, passages or ()))
    if not isinstance(call, Call):
        raise TypeError(call)
    fitted = fit(question, passages or (), call.build, model)
    start = Answer(
        question,
        fitted.prompt,
        passages=fitted.passages,
        notices=fitted.notices,
        timings=Timings(retrieve_s=retrieved_s),
    )
    return Draft(start, call.read, model, started)


def _chunks(
    prompt: Prompt, options: GenerationOptions, model: BaseChatModel, grounded: bool
) -> Generator[AIMessage, None, None]:
    chain = _chain(prompt.stop, options, model, grounded)
    stream = chain.stream({"messages": _messages(prompt)})
    return cast(Generator[AIMessage, None, None], stream)


def _replies(
    prompts: Sequence[Prompt], options: GenerationOptions, model: BaseChatModel
) -> Iterator[AIMessage]:
    for stop, alike in groupby(prompts, key=lambda prompt: prompt.stop):
        yield from _chain(stop, options, model).batch([{"messages": _messages(prompt)} for prompt in alike])


def _chain(
    stop: tuple[str, ...],
    options: GenerationOptions,
    model: BaseChatModel,
    grounded: bool = False,
) -> Runnable[dict[str, Any], AIMessage]:
    arguments: dict[str, Any] = {
        "max_tokens": options.max_tokens,
        "temperature": options.temperature,
        "top_p": options.top_p,
    }
    if options.seed is not None:
        arguments["seed"] = options.seed
    if stop:
        arguments["stop"] = list(stop)
    if grounded:
        arguments["copies"] = True  # an answer from passages repeats them: our models guess ahead then
    return _MESSAGES | model.bind(**arguments)


def _messages(prompt: Prompt) -> list[BaseMessage]:
    return [_KINDS[message.role](content=message.content) for message in prompt.messages]


def _nothing_found(question: Question, started: float) -> Answer:
    spent = time.perf_counter() - started
    return Answer(
        question,
        Prompt(()),
        text=said(NOTHING_FOUND, reader_language(question)),
        timings=Timings(retrieve_s=spent, total_s=spent),
        finish_reason="nothing_found",
        done=True,
    )


def _is_set(stop: threading.Event | None) -> bool:
    return stop is not None and stop.is_set()

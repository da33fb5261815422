"""One answer on its way to the transcript: from what the browser sent to what it shows.

The transcript's value is {"conversation": our JSON, "html": [one piece a turn], "busy": bool}.
"""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from adapters.spec import Text
from app import conversation as talk
from app import show
from app.conversation import Conversation
from app.errors import AppError, TooLong, texts_of
from app.forms import Settings, read_settings
from app.locales import known_language, pick, say
from app.marked import clean
from app.services import Services
from app.stream import newest
from chains.errors import ChainError, EmptyQuestion
from chains.question import Answer, Prompt, Question

LONGEST_QUESTION = 50_000
Shown = dict[str, Any]


@dataclass(frozen=True)
class Given:
    """What comes with a question: the panel's values, the flag that stops the answer, whose it is, and, where
    it stands in the transcript already and is asked again, the conversation as it was."""

    settings: Mapping[str, Any]
    stop: threading.Event
    owner: str = ""
    again: Conversation | None = None


def read_shown(value: object) -> Conversation:
    """The conversation inside the transcript's value, or one that came alone. Raises BadConversation."""
    if isinstance(value, Mapping) and "maru" not in value:
        value = value.get("conversation")
    return talk.from_json(value or None)


def settled(conversation: Conversation, language: str) -> Shown:
    """The transcript with nothing going on; an answer that was cut off is marked as stopped."""
    turns = tuple(replace(turn, answer=turn.answer and _ended(turn.answer)) for turn in conversation.turns)
    whole = replace(conversation, turns=turns)
    return _value(whole, show.turns(whole, language), busy=False)


def answer(
    services: Services,
    text: str,
    earlier: Conversation,
    language: str,
    given: Given,
) -> Iterator[Shown]:
    """The transcript while `text` is answered behind the `earlier` turns; closing this stops the model.

    When something breaks, what there is so far is shown before the error is raised, with the cause beside the
    question. A new question that cannot be asked in that way is taken back: it goes into the box again. One
    that is asked again as it was keeps its old answer, until there is a word of a new one.
    """
    settings, stop = read_settings(given.settings), given.stop
    template = services.templates.get(settings.template) if settings.template else None
    question = _question(text, earlier, settings, known_language(language))
    question = replace(question, template=template)
    html = show.turns(earlier, language, more=True)
    reached: Answer | None = None
    try:
        with services.line.joined() as place:
            waiting = _waiting(services, question, None, place(), language)
            yield _growing(earlier, question, None, html, language, waiting)
            for news in newest(lambda: _asked(services, question, settings, given), stop):
                reached = news or reached
                waiting = _waiting(services, question, reached, place(), language)
                yield _growing(earlier, question, reached, html, language, waiting)
    except Exception as error:
        if _unchanged(earlier, question, reached, given, error):
            yield settled(given.again or earlier, language)
        else:
            problem = texts_of(error, services.settings.public)
            yield _broken(earlier, question, reached, problem, language)
        raise
    yield settled(talk.asked(earlier, text, reached or _nothing(question, "stopped")), language)


def _unchanged(
    earlier: Conversation, question: Question, reached: Answer | None, given: Given, error: Exception
) -> bool:
    """Whether, after a failure, the transcript goes back to what it was; nothing is lost for nothing."""
    if reached is not None and reached.text:
        return False
    if given.again is None:
        return isinstance(error, AppError | ChainError)
    before = given.again.turns[len(earlier.turns) : len(earlier.turns) + 1]
    return any(turn.text == question.text and turn.answer and turn.answer.text for turn in before)


def _asked(services: Services, question: Question, settings: Settings, given: Given) -> Iterator[Answer]:
    found_by = (settings.retriever, settings.passages)
    return services.ask(question, *found_by, given.stop, settings.adapter, given.owner)


def _question(text: str, earlier: Conversation, settings: Settings, language: str) -> Question:
    if not text.strip():
        raise EmptyQuestion
    if len(text) > LONGEST_QUESTION:
        raise TooLong(most=LONGEST_QUESTION)
    return Question(
        text=clean(text),
        history=talk.history(earlier),
        technique=settings.technique,
        collection=settings.collection,
        system=settings.system,
        examples=settings.examples,
        language=language,
        options=settings.options,
    )


def _growing(
    earlier: Conversation,
    question: Question,
    reached: Answer | None,
    html: list[str],
    language: str,
    waiting: str,
) -> Shown:
    grown = talk.asked(earlier, question.text, reached)
    turn = show.turn(len(earlier.turns), grown.turns[-1], language, waiting=waiting)
    return _value(grown, [*html, turn], busy=True)


def _waiting(
    services: Services, question: Question, reached: Answer | None, place: int, language: str
) -> str:
    """What is being waited for, in words, as long as there is no word of the answer."""
    if services.model.state.status == "loading":
        return say("waiting.model", language)
    if place and not (reached and reached.raw):
        return say("waiting.turn", language, place=place)
    if reached is None:
        return say("waiting.search" if question.collection else "waiting.start", language)
    if reached.waiting:
        return pick(reached.waiting, language)
    return say("waiting.reading", language)


def _broken(
    earlier: Conversation, question: Question, reached: Answer | None, problem: Text, language: str
) -> Shown:
    """The turn stays as far as it came, with the cause: it can be asked again, and tells why it has to be."""
    ended = replace(_ended(reached), finish_reason="error") if reached is not None else None
    return settled(talk.asked(earlier, question.text, ended, problem), language)


def _ended(reached: Answer) -> Answer:
    return reached if reached.done else replace(reached, done=True, finish_reason="stopped")


def _nothing(question: Question, reason: Any) -> Answer:
    return Answer(question, Prompt(()), finish_reason=reason, done=True)


def _value(conversation: Conversation, html: list[str], busy: bool) -> Shown:
    return {"conversation": talk.to_json(conversation), "html": html, "busy": busy}

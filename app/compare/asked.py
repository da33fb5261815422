"""One question on its way through several columns: from what the browser sent to what it shows.

What is shown is {"bar", "cards": [a card a column], "foot": HTML, "patches": [[text, differences]], "busy",
"kept": the finished comparison, which the browser keeps and sends along with a vote}; see
app/static/compare.js.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from adapters.spec import Text
from app.answering import LONGEST_QUESTION
from app.compare.compared import (
    Compared,
    Told,
    against,
    compared_of,
    from_json,
    scores_of,
    to_json,
    vote_of,
)
from app.compare.lanes import Board, Lane, side_by_side
from app.compare.show_side_by_side import ballot, bar, card, kept_card, patches
from app.compare.show_votes import tally_html
from app.errors import TooLong
from app.locales import known_language
from app.marked import clean
from app.services import Services
from chains.compare.experiment import Column
from chains.compare.votes import Votes, tally
from chains.errors import EmptyQuestion
from chains.question import Question

LONGEST_REFERENCE = 4_000
MOST_REFERENCES = 20
Shown = dict[str, Any]


@dataclass(frozen=True)
class Wish:
    """What a person wants compared: the question, the right answers as far as they are known, the columns
    with their names in every language, and whose it is. `stop` ends it."""

    question: Question
    references: tuple[str, ...]
    columns: tuple[Column, ...]
    names: tuple[Text, ...]
    stop: threading.Event
    owner: str = ""


@dataclass
class _Drawn:
    """The cards as they were drawn last: what did not change is not drawn again."""

    lanes: list[Lane | None] = field(default_factory=list)
    cards: list[str] = field(default_factory=list)

    def again(self, board: Board, draw: Any) -> list[str]:
        """All cards, of which only those of changed lanes are made."""
        if len(self.lanes) != len(board):
            self.lanes, self.cards = [None] * len(board), [""] * len(board)
        for at, lane in enumerate(board):
            if lane is not self.lanes[at]:
                self.lanes[at], self.cards[at] = lane, draw(lane)
        return list(self.cards)


def question_in(text: object, spoken: str) -> Question:
    """The question as it was typed. Raises EmptyQuestion, TooLong."""
    words = clean(text) if isinstance(text, str) else ""
    if not words.strip():
        raise EmptyQuestion
    if len(words) > LONGEST_QUESTION:
        raise TooLong(most=LONGEST_QUESTION)
    return Question(words, language=known_language(spoken))


def references_in(text: object) -> tuple[str, ...]:
    """The right answers, one a line; () where none is known. Raises TooLong."""
    words = clean(text) if isinstance(text, str) else ""
    if len(words) > LONGEST_REFERENCE:
        raise TooLong(most=LONGEST_REFERENCE)
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return tuple(dict.fromkeys(lines))[:MOST_REFERENCES]


def comparison(services: Services, wish: Wish, spoken: str) -> Iterator[Shown | None]:
    """What is shown while all columns answer, None where nothing is new; the last one can be voted on.
    Closing this stops them all."""
    public = services.settings.public
    question, references = wish.question.text, wish.references
    drawn = _Drawn()
    board: Board = ()
    for news in side_by_side(services, wish.question, wish.columns, wish.stop, wish.owner):
        if news is None:
            yield None
            continue
        board = news
        cards = drawn.again(
            board, lambda lane: card(lane, spoken, public, _scores(question, references, lane))
        )
        yield {"bar": "", "cards": cards, "foot": "", "busy": True, "kept": None}
    compared = compared_of(question, references, wish.names, board, public)
    yield {"cards": list(drawn.cards), "busy": False, **_told(services, compared, spoken)}


def reopened(services: Services, kept: object, spoken: str) -> tuple[Shown, Compared]:
    """A comparison that the browser kept, drawn anew. Raises BadColumns."""
    compared = from_json(kept)
    told = [(one, _scores(compared.question, compared.references, one)) for one in compared.columns]
    cards = [kept_card(one, spoken, scores) for one, scores in told]
    return {"cards": cards, "busy": False, **_told(services, compared, spoken)}, compared


def compared_with(services: Services, shown: Any, place: object, spoken: str) -> Shown:
    """The same answers, compared with another one. Raises BadColumns."""
    compared = _kept(shown)
    wanted = int(place) if isinstance(place, str) and place.isdecimal() and len(place) < 3 else 0
    return {"busy": False, **_told(services, against(compared, wanted), spoken)}


def voted(services: Services, shown: Any, choice: object, spoken: str) -> Shown:
    """The choice is kept, once. Raises BadColumns, OSError."""
    compared = _kept(shown)
    if not compared.voted:
        votes_of(services).add(vote_of(compared, str(choice)))
        compared = replace(compared, voted=str(choice))
    return {"busy": False, **_told(services, compared, spoken)}


def votes_of(services: Services) -> Votes:
    """The votes of this machine."""
    return Votes(services.settings.home / "votes.jsonl")


def _told(services: Services, compared: Compared, spoken: str) -> Shown:
    """What depends on the reference and on the vote; nobody votes on a public page."""
    foot = "" if services.settings.public else _foot(services, compared, spoken)
    return {
        "bar": bar(compared, spoken),
        "patches": patches(compared, spoken),
        "foot": foot,
        "kept": to_json(compared),
    }


def _foot(services: Services, compared: Compared, spoken: str) -> str:
    answered: Sequence[Any] = [compared.columns[at].settings for at in compared.answered]
    counted = tally(votes_of(services).all(), answered) if compared.voted and len(answered) > 1 else None
    return ballot(compared, spoken) + (tally_html(counted, spoken) if counted else "")


def _scores(question: str, references: Sequence[str], one: Lane | Told) -> dict[str, float]:
    if one.state != "done" or one.answer is None:
        return {}
    return scores_of(question, references, one.answer.text)


def _kept(shown: Any) -> Compared:
    return from_json(shown.get("kept") if isinstance(shown, dict) else None)

"""The questions a model drafted, as a person keeps, changes or drops them. No gradio, no HTML."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from app.compare.editing import edited
from chains.compare.drafting import DraftedItem, flaws, located
from chains.compare.question_set import Item, QuestionSet
from chains.language import HANGUL


@dataclass(frozen=True)
class Draft:
    """A drafted question; `kept`: it goes into the set. One without a flaw is, unless the person says no."""

    drafted: DraftedItem
    kept: bool

    @property
    def item(self) -> Item:
        """The question."""
        return self.drafted.item


class Drafts:
    """The drafts of one session, which come from one thread and are changed from others. Lives in gr.State,
    which copies its value for every session."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._drafts: dict[str, Draft] = {}

    def __deepcopy__(self, memo: object) -> "Drafts":
        return Drafts()

    def begin(self) -> None:
        """Forgets those of an earlier run."""
        with self._lock:
            self._drafts = {}

    def add(self, drafted: DraftedItem) -> None:
        """One more."""
        with self._lock:
            self._drafts[drafted.item.id] = Draft(drafted, drafted.flaw is None)

    def all(self) -> list[Draft]:
        """In the order in which they came."""
        with self._lock:
            return list(self._drafts.values())

    def keep(self, id: str, kept: bool) -> None:
        """Whether the question goes into the set."""
        self._change(id, lambda draft: replace(draft, kept=kept))

    def edit(self, id: str, values: object) -> None:
        """What the form says; a question that was put right is kept."""
        self._change(id, lambda draft: mended(draft, values))

    def drop(self, id: str) -> None:
        """Takes a draft away."""
        with self._lock:
            self._drafts.pop(id, None)

    def kept(self, name: str, language: object) -> QuestionSet:
        """The set of those that are kept; its language is that of most of them where none is given."""
        items = tuple(draft.item for draft in self.all() if draft.kept)
        spoken = language if isinstance(language, str) and language in ("en", "ko") else _language(items)
        return QuestionSet(name, "span", items, spoken)

    def flaws(self) -> Mapping[str, int]:
        """How many have which flaw."""
        return flaws(draft.drafted for draft in self.all())

    def _change(self, id: str, change: Callable[[Draft], Draft]) -> None:
        with self._lock:
            if id in self._drafts:
                self._drafts[id] = change(self._drafts[id])


def mended(draft: Draft, values: object) -> Draft:
    """The draft with what the form says; what is wrong with it is found anew, and it is kept unless it lacks
    something."""
    item = edited(draft.item, values)
    flaw, place = _flaw(item), None
    if item.answers and item.passage:
        place = located(item.answers[0], item.passage)
    start, end = (None, None) if place is None else (draft.drafted.passage.start + at for at in place)
    drafted = replace(draft.drafted, item=item, start=start, end=end, flaw=flaw)
    return Draft(drafted, flaw is None)


def _flaw(item: Item) -> str | None:
    if not item.question.strip():
        return "no_question"
    if not item.answers:
        return "no_answer"
    found = all(located(answer, item.passage or "") is not None for answer in item.answers)
    return None if found else "not_in_passage"


def _language(items: Iterable[Item]) -> str:
    spoken = [bool(HANGUL.search(item.question)) for item in items]
    return "ko" if sum(spoken) * 2 > len(spoken) else "en"

"""The model drafts questions out of a collection, while a page looks on."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

from app.compare.drafts import Drafts
from app.compare.show_drafts import progress, remark
from app.errors import NoCollection
from app.locales import say
from app.services import Services
from app.stream import newest
from chains.compare.drafting import draft


@dataclass(frozen=True)
class Wanted:
    """What is drafted: how many good questions, out of which collection, in which language (None: each
    passage's own)."""

    collection: str
    count: int
    language: str | None = None


def drafting(
    services: Services, drafts: Drafts, wanted: Wanted, stop: threading.Event, spoken: str
) -> Iterator[str]:
    """What is said while `drafts` fills; closing this stops the model. Raises NoCollection, VectorstoreError,
    and what the model raises where it cannot work at all."""
    if not wanted.collection:
        raise NoCollection
    services.store.documents(wanted.collection)  # gone meanwhile: said before the model is waited for
    yield _progress(services, drafts, wanted, spoken)
    stopped = False

    def drafted() -> Iterator[int]:
        nonlocal stopped  # asked where it ends: `newest` sets `stop` itself when it is done
        yield from _drafted(services, drafts, wanted, stop)
        stopped = stop.is_set()

    for _ in newest(drafted, stop):
        yield _progress(services, drafts, wanted, spoken)
    yield remark(_ended(drafts, wanted, stopped, spoken))


def _drafted(services: Services, drafts: Drafts, wanted: Wanted, stop: threading.Event) -> Iterator[int]:
    passages = services.store.every_passage(wanted.collection)
    with services.model.using(stop) as model:
        if model is None:
            return
        for number, one in enumerate(draft(passages, model, wanted.count, wanted.language, stop)):
            drafts.add(one)
            yield number


def _progress(services: Services, drafts: Drafts, wanted: Wanted, spoken: str) -> str:
    if services.model.state.status == "loading":
        return progress(0, wanted.count, say("waiting.model", spoken))
    found = drafts.all()
    good = sum(one.drafted.flaw is None for one in found)
    words = say("drafts.progress", spoken, good=good, wanted=wanted.count, seen=len(found))
    return progress(good, wanted.count, words)


def _ended(drafts: Drafts, wanted: Wanted, stopped: bool, spoken: str) -> str:
    found = drafts.all()
    good = sum(one.drafted.flaw is None for one in found)
    key = "drafts.stopped" if stopped else "drafts.enough" if good >= wanted.count else "drafts.fewer"
    return say(key, spoken, good=good, wanted=wanted.count, seen=len(found))

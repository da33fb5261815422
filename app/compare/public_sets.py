"""Public question sets as they can be had here: from the Hub, or from a folder of this machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from adapters.spec import Text
from app.errors import BadOption
from app.local_path import local_path
from chains.compare.hub import obstacle, reachable
from chains.compare.public import PublicSet, public_set, public_sets
from chains.compare.question_set import QuestionSet

MOST, USUAL = 100_000, 200
LARGEST_SEED = 2**31 - 1
_LIMIT: Text = {"en": "How many questions", "ko": "질문 수"}
_SEED: Text = {"en": "Seed", "ko": "시드"}


@dataclass(frozen=True)
class Offer:
    """A public set, and why it cannot be had from the Hub here (None: it can)."""

    one: PublicSet
    reason: Text | None


def offers(folder: bool) -> list[Offer]:
    """Every public set; from a `folder` all can be tried. Asks the Hub once, for 3 seconds at the most."""
    answers = cache(reachable)
    return [
        Offer(one, None if folder else obstacle(one.hub, first_language(one), answers))
        for one in public_sets().values()
    ]


def first_language(one: PublicSet) -> str:
    """The language a set is read in where nobody chose, "" where it has only one."""
    return one.languages[0] if one.languages else ""


def chosen_offer(value: object, found: list[Offer]) -> str:
    """The key that is chosen, where it can be; else the first that can, else ""."""
    wanted = value.get("chosen") if isinstance(value, Mapping) else None
    possible = [offer.one.key for offer in found if offer.reason is None]
    return wanted if wanted in possible else next(iter(possible), "")


def loaded(key: str, place: object, limit: Any, seed: Any, language: object) -> QuestionSet:
    """The questions; `place` is a folder's path, "" for the Hub.

    Raises PublicSetMissing, BadPath, BadOption.
    """
    one = public_set(key)
    text = str(place or "").strip()
    folder: Path | None = local_path(text) if text else None
    spoken = language if isinstance(language, str) and language in one.languages else None
    most, drawn = _whole(limit, _LIMIT, 1, MOST), _whole(seed, _SEED, 0, LARGEST_SEED)
    return one.read(folder, most, drawn, language=spoken)


def usual_name(one: PublicSet, limit: object, language: object) -> str:
    """What a set is called where nobody named it."""
    parts = [
        one.key,
        language if language in one.languages else "",
        f"{limit:.0f}" if isinstance(limit, int | float) else "",
    ]
    return "-".join(str(part) for part in parts if part)


def _whole(value: Any, name: Text, low: int, high: int) -> int:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not low <= value <= high
        or value != int(value)
    ):
        raise BadOption(label=name, low=low, high=f"{high:,}")
    return int(value)

"""Votes on answers that stood side by side: kept as JSON lines, and what they show so far.

A line: {"question", "columns": [settings], "texts": [answer], "choice": number of the column, null where all
were equally good, "day": "2026-01-31"}. Who voted is not kept.

Two ways to answer are compared on the votes in which they stood beside each other and one of them was chosen:
as often the one as the other if they are equally good. The table is shown after every vote, so the test is
one that holds at every look; Holm's correction covers all pairs.
"""

import json
import logging
import os
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from chains.compare.statistics.holm import LEVEL, holm
from chains.compare.statistics.sequential import fair_coin

_log = logging.getLogger(__name__)
_NOT_COUNTED = ("name", "seed")
_Ballot = tuple[frozenset[str], str | None]
"""The keys of the ways that stood there, and of the one that was chosen."""


@dataclass(frozen=True)
class Vote:
    """One choice. `choice` is a place in `columns`; None: all are equally good."""

    question: str
    columns: tuple[Mapping[str, Any], ...]
    texts: tuple[str, ...]
    choice: int | None
    day: str = ""


@dataclass(frozen=True)
class Standing:
    """What one way to answer got: chosen `won` times of the `shown` in which it stood there."""

    settings: Mapping[str, Any]
    won: int
    shown: int


@dataclass(frozen=True)
class Preferred:
    """Two ways that the votes tell apart: `better` and `worse` are places in the tally's standings."""

    better: int
    worse: int
    won: int
    lost: int
    p: float


@dataclass(frozen=True)
class Tally:
    """Standings, most often chosen first; the pairs that can be told apart; how many votes there are, and
    how many in a row for the same one would at least be needed to tell two apart."""

    standings: tuple[Standing, ...]
    preferred: tuple[Preferred, ...]
    votes: int
    needed: int


class Votes:
    """The votes in one file. Safe to use from any thread, and by several processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def add(self, vote: Vote) -> None:
        """Keeps one more; it is on the disk when this returns. Raises OSError."""
        line = json.dumps(asdict(vote), ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        with self._lock:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab+") as file:
                if file.tell() and not _ends_a_line(file):
                    line = b"\n" + line  # what was cut off by a crash stays a line of its own
                file.write(line)
                file.flush()
                os.fsync(file.fileno())

    def all(self) -> tuple[Vote, ...]:
        """Every vote, oldest first; a line that is none is left out and logged."""
        if not self._path.is_file():
            return ()
        with self._path.open(encoding="utf-8", errors="replace") as file:
            found = [_read(line) for line in file if line.strip()]
        return tuple(vote for vote in found if vote is not None)


def tally(votes: Sequence[Vote], of: Iterable[Mapping[str, Any]] = ()) -> Tally:
    """What the votes say; of those settings only, where some are named."""
    keys = {key_of(settings): settings for settings in of}
    known = keys or {key_of(one): one for vote in votes for one in vote.columns}
    ballots = [_ballot(vote) for vote in votes]
    won, shown = Counter[str](), Counter[str]()
    for present, chosen in ballots:
        shown.update(present)
        if chosen is not None:
            won[chosen] += 1
    order = sorted(known, key=lambda key: (-won[key], shown[key], key))
    standings = tuple(Standing(known[key], won[key], shown[key]) for key in order)
    counted = sum(not present.isdisjoint(known) for present, _ in ballots)
    return Tally(standings, _preferred(ballots, order), counted, _needed(len(order)))


def key_of(settings: Mapping[str, Any]) -> str:
    """The same for the same way to answer: its name and its seed do not count."""
    told = {name: value for name, value in settings.items() if name not in _NOT_COUNTED}
    if isinstance(told.get("options"), Mapping):
        told["options"] = {name: value for name, value in told["options"].items() if name != "seed"}
    return json.dumps(told, sort_keys=True, ensure_ascii=False)


def _ballot(vote: Vote) -> _Ballot:
    keys = [key_of(one) for one in vote.columns]
    return frozenset(keys), None if vote.choice is None else keys[vote.choice]


def _preferred(ballots: Sequence[_Ballot], order: Sequence[str]) -> tuple[Preferred, ...]:
    """The pairs that stand beside each other often enough, and of which one is chosen often enough."""
    beaten = Counter((chosen, other) for present, chosen in ballots if chosen for other in present - {chosen})
    pairs = [
        (a, b, beaten[order[a], order[b]], beaten[order[b], order[a]])
        for a, b in combinations(range(len(order)), 2)
    ]
    corrected = holm([fair_coin(wins, losses) for *_, wins, losses in pairs])
    told = [(pair, p) for pair, p in zip(pairs, corrected, strict=True) if p <= LEVEL]
    return tuple(
        Preferred(a, b, wins, losses, p) if wins > losses else Preferred(b, a, losses, wins, p)
        for (a, b, wins, losses), p in told
    )


def _needed(ways: int) -> int:
    """The fewest votes that could tell two of so many ways apart: all for the same one."""
    pairs = max(1, ways * (ways - 1) // 2)
    return next(n for n in range(1, 100) if fair_coin(n, 0) * pairs <= LEVEL)


def _ends_a_line(file: Any) -> bool:
    file.seek(-1, os.SEEK_END)
    return bool(file.read(1) == b"\n")


def _read(line: str) -> Vote | None:
    try:
        told = json.loads(line)
        columns, texts, choice = tuple(told["columns"]), tuple(map(str, told["texts"])), told["choice"]
        in_range = choice is None or (isinstance(choice, int) and 0 <= choice < len(columns))
        if len(columns) != len(texts) or not in_range or not all(isinstance(one, dict) for one in columns):
            raise ValueError("it does not fit together")
        return Vote(str(told["question"]), columns, texts, choice, str(told.get("day", "")))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        _log.warning("a vote could not be read: %s", error)
        return None

"""What came out of a run, read lazily: the figures at once, of the answers only those that are looked at.

answers.jsonl holds all answers to a question in lines that follow each other, so that the places of questions
in the file are all that is kept in memory, of the runs that were looked at last.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.compare.run_folders import ANSWERS, RESULTS
from app.errors import NoResults
from chains.compare.cell import Cell
from chains.compare.question_set import Item
from chains.compare.report.answers import read

A_PAGE = 20
REMEMBERED = 2
ID = re.compile(rb'\{"id": ("(?:[^"\\]|\\.)*")')
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """One question that is looked at: `scores` are the columns' on the deciding metric."""

    item: Item
    cells: tuple[Cell, ...]
    scores: tuple[float | None, ...]


@dataclass(frozen=True)
class Seen:
    """One page of the questions that a filter lets through; `count` is how many these are."""

    asked: tuple[Asked, ...]
    start: int
    count: int


def results_of(folder: Path) -> Document:
    """The document of results.json. Raises NoResults where there is none that can be read."""
    path = folder / RESULTS
    try:
        return _results(path, path.stat().st_mtime_ns)
    except (OSError, ValueError) as error:
        raise NoResults from error


def seen(folder: Path, results: Document, wanted: str = "", start: int = 0) -> Seen:
    """The page on which the `start`-th question stands of those that are `wanted`; see `matching`.

    Raises NoResults.
    """
    ids = matching(results, wanted)
    first = min(max(0, start), max(0, len(ids) - 1)) // A_PAGE * A_PAGE
    shown, places = ids[first : first + A_PAGE], _places_of(folder)
    wanted_ids = set(shown)
    rows = {one["id"]: one for one in results["per_question"] if one["id"] in wanted_ids}
    metric = results["deciding"] or next(iter(results["metrics"]))
    asked = [_asked(folder, places[id], rows[id], metric) for id in shown if id in places]
    return Seen(tuple(asked), first, len(ids))


def matching(results: Document, wanted: str) -> Sequence[str]:
    """The ids of questions: "" all of them, "divided" those on which columns disagree, "fixed 2" and
    "broke 2" what the column in that place did to the baseline's, "tag 0" those with the tag in that place.
    What is none of these lets everything through."""
    kind, _, place = wanted.partition(" ")
    at = int(place) if place.isdecimal() else -1
    everything = [one["id"] for one in results["per_question"]]
    if kind == "divided":
        return list(results["disagreements"])
    if kind in ("fixed", "broke") and 0 <= at < len(results["columns"]):
        changed = results["changes"].get(results["columns"][at]["name"], {})
        return list(changed.get(kind, []))
    tags = list(results["tags"])
    if kind == "tag" and 0 <= at < len(tags):
        return [one["id"] for one in results["per_question"] if tags[at] in one["tags"]]
    return everything


@lru_cache(maxsize=REMEMBERED)
def _results(path: Path, changed: int) -> Document:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def _places_of(folder: Path) -> Mapping[str, tuple[int, int]]:
    path = folder / ANSWERS
    try:
        return _places(path, path.stat().st_mtime_ns)
    except (OSError, ValueError) as error:
        raise NoResults from error


@lru_cache(maxsize=REMEMBERED)
def _places(path: Path, changed: int) -> Mapping[str, tuple[int, int]]:
    """Where each question's lines begin and end, in bytes."""
    places: dict[str, tuple[int, int]] = {}
    with path.open("rb") as file:
        at = 0
        for line in file:
            match = ID.match(line)
            if match is not None:
                id = json.loads(match[1])
                places[id] = (places.get(id, (at, 0))[0], at + len(line))
            at += len(line)
    return places


def _asked(folder: Path, place: tuple[int, int], row: Mapping[str, Any], metric: str) -> Asked:
    try:
        with (folder / ANSWERS).open("rb") as file:
            file.seek(place[0])
            item, cells = read(file.read(place[1] - place[0]).splitlines())
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise NoResults from error
    return Asked(replace(item, tags=tuple(row["tags"])), tuple(cells), tuple(row["scores"][metric]))

"""A cell as JSON and back, to the last digit: what is kept is what was written."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from chains.compare.cell import AnsweredBy, Cell, Generation
from chains.question import Citation, Message, Sentence
from vectorstore.passage import Passage


def cell_to_json(cell: Cell) -> str:
    """The cell without its place in the grid: the same answer may stand elsewhere in another experiment."""
    values = asdict(cell)
    for name in ("column", "item", "repeat", "key"):
        del values[name]
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def cell_from_json(text: str, column: str, item: str, repeat: int, key: str) -> Cell:
    """The cell in that place. Raises ValueError, TypeError or KeyError when the text is not ours."""
    values: dict[str, Any] = json.loads(text)
    values["passages"] = tuple(Passage(**one) for one in values["passages"])
    values["citations"] = tuple(_citation(one) for one in values["citations"])
    values["sentences"] = tuple(
        Sentence(**{**one, "citations": tuple(one["citations"])}) for one in values["sentences"]
    )
    values["generations"] = tuple(_generation(one) for one in values["generations"])
    values["notices"] = tuple(values["notices"])
    if values.get("answered_by") is not None:  # what was kept before has none
        values["answered_by"] = AnsweredBy(**values["answered_by"])
    for name in ("log_likelihoods", "text_log_likelihoods"):
        values[name] = None if values[name] is None else tuple(values[name])
    return Cell(column=column, item=item, repeat=repeat, key=key, **values)


def _citation(one: Mapping[str, Any]) -> Citation:
    return Citation(**{**one, "highlights": tuple((start, end) for start, end in one["highlights"])})


def _generation(one: Mapping[str, Any]) -> Generation:
    messages = tuple(Message(**message) for message in one["messages"])
    return Generation(**{**one, "messages": messages})

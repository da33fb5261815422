"""A question as a form shows it and as it comes back. Pure functions; the checks are the set's own.

Every answer and every choice has a field of its own, so that any text can be one of them.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chains.compare.question_set import Item

BETWEEN_TAGS = " | "


def edited(item: Item, values: object) -> Item:
    """The question with what the form says; what it does not say stays as it was."""
    given: Mapping[str, Any] = values if isinstance(values, Mapping) else {}
    texts = {
        name: given[name] for name in ("question", "passage", "tags") if isinstance(given.get(name), str)
    }
    lists = {
        name: _texts(given[name]) for name in ("answers", "choices") if isinstance(given.get(name), list)
    }
    if "passage" in texts:
        lists["passage"] = texts["passage"] if texts["passage"].strip() else None
    if "tags" in texts and texts["tags"] != shown_tags(item):
        parts = (part.strip() for part in texts["tags"].split(BETWEEN_TAGS.strip()))
        lists["tags"] = tuple(part for part in parts if part)
    if isinstance(given.get("answerable"), bool):
        lists["answerable"] = given["answerable"]
    return replace(item, question=texts.get("question", item.question), **lists)


def shown_tags(item: Item) -> str:
    """The tags in one line."""
    return BETWEEN_TAGS.join(item.tags)


def _texts(values: list[Any]) -> Any:
    return tuple(value for value in values if isinstance(value, str) and value.strip())

"""Sets of questions that come with Maru, so that a comparison can be tried at once: one JSON file each.

A file is {"label": {"en", "ko"}, "answer_type", "language", "items": [question, …]}; its name is its key.
Every question has a passage that holds its answer, and a tag. Our own texts, free to use like the code.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from adapters.spec import Text
from chains.compare.question_set import QuestionSet
from chains.compare.reading import checked_items

LICENCE = "Apache-2.0"


@dataclass(frozen=True)
class ExampleQuestions:
    """A set that comes with Maru, and what a list calls it."""

    key: str
    label: Text
    questions: QuestionSet


@cache
def example_questions() -> dict[str, ExampleQuestions]:
    """Every set by its key."""
    return {path.stem: _read(path) for path in sorted(Path(__file__).parent.glob("*.json"))}


def _read(path: Path) -> ExampleQuestions:
    found = json.loads(path.read_text("utf-8"))
    label: Text = found["label"]
    name = label[found["language"]]
    items = checked_items(found["items"], found["answer_type"], name)
    made = QuestionSet(name, found["answer_type"], items, found["language"], "Maru", LICENCE)
    return ExampleQuestions(path.stem, label, made)

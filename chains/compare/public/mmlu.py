"""MMLU: multiple choice questions of 57 subjects, from school to profession."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chains.compare.hub import Hub
from chains.compare.published import records, text
from chains.compare.question_set import Item

label = {"en": "MMLU", "ko": "MMLU"}
source = "Hendrycks et al. 2021, github hendrycks/test"
licence = "MIT"
answer_type = "choice"
language = "en"
files = ("test/*_test.csv", "data/test/*_test.csv", "*_test.csv", "all/test-*.parquet", "*/test-*.parquet")
train_files = ("dev/*_dev.csv", "data/dev/*_dev.csv", "*_dev.csv", "all/dev-*.parquet", "*/dev-*.parquet")
hub = Hub(
    "cais/mmlu",
    "c30699e8356da336a370243923dbaf21066bb9fe",
    ("all/test-00000-of-00001.parquet",),
    ("all/dev-00000-of-00001.parquet",),
)

LETTERS = "ABCD"


def items(path: Path) -> Iterator[Item]:
    """The questions of one file; a table (without header) is one subject, Parquet names it."""
    stem = path.stem.removesuffix("_test").removesuffix("_dev").removesuffix("_val")
    for number, record in enumerate(records(path, ("question", *LETTERS, "answer")), start=1):
        subject = record.get("subject") or stem
        choices = tuple(map(_choice, record.get("choices") or [record[letter] for letter in LETTERS]))
        yield Item(
            id=f"{subject}-{number}",
            question=text(record["question"]),
            answers=(choices[_place(record["answer"])],),
            choices=choices,
            tags=(subject.replace("_", " "),),
        )


def _place(answer: Any) -> int:
    return answer if isinstance(answer, int) else LETTERS.index(text(answer).strip())


def _choice(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a choice is missing")
    return value

"""BoolQ: questions that people typed into a search engine, answered by yes or no from a paragraph."""

from collections.abc import Iterator
from pathlib import Path

from chains.compare.hub import Hub
from chains.compare.published import records, text
from chains.compare.question_set import Item

label = {"en": "BoolQ", "ko": "BoolQ"}
source = "Clark et al. 2019, github google-research-datasets/boolean-questions"
licence = "CC BY-SA 3.0"
answer_type = "choice"
language = "en"
files = ("boolq*dev*.jsonl", "boolq*val*.jsonl", "dev.jsonl", "data/validation-*.parquet")
train_files = ("boolq*train*.jsonl", "train.jsonl", "data/train-*.parquet")
hub = Hub(
    "google/boolq",
    "35b264d03638db9f4ce671b711558bf7ff0f80d5",
    ("data/validation-00000-of-00001.parquet",),
    ("data/train-00000-of-00001.parquet",),
)

CHOICES = ("yes", "no")


def items(path: Path) -> Iterator[Item]:
    """A question a record, with its paragraph; published in lower case and without a question mark."""
    for number, record in enumerate(records(path), start=1):
        if not isinstance(record["answer"], bool):
            raise TypeError("the answer is not true or false")
        asked = text(record["question"]).strip()
        yield Item(
            id=f"boolq-{number}",
            question=f"{asked[0].upper()}{asked[1:].rstrip('?')}?",
            answers=("yes" if record["answer"] else "no",),
            passage=text(record["passage"]),
            choices=CHOICES,
            tags=(record["title"],) if record.get("title") else (),
        )

"""KMMLU: multiple choice questions of 45 subjects out of Korean examinations."""

from collections.abc import Iterator
from pathlib import Path

from chains.compare.published import records, text
from chains.compare.question_set import Item

label = {"en": "KMMLU", "ko": "KMMLU"}
source = "Son et al. 2024, HAERAE-HUB/KMMLU"
licence = "CC BY-ND 4.0"
answer_type = "choice"
language = "ko"
files = ("data/*-test.csv", "test/*-test.csv", "*-test.csv", "kmmlu*test*.csv")
train_files = ("data/*-dev.csv", "dev/*-dev.csv", "*-dev.csv", "kmmlu*dev*.csv")

LETTERS = "ABCD"


def items(path: Path) -> Iterator[Item]:
    """The questions of one subject; the right choice is given by its number from 1."""
    stem = path.stem.removesuffix("-test").removesuffix("-dev").removesuffix("-train")
    for number, record in enumerate(records(path), start=1):
        choices = tuple(text(record[letter]) for letter in LETTERS)
        place = int(record["answer"]) - 1
        if not 0 <= place < len(choices):
            raise ValueError(f"the answer {place + 1} is no choice")
        yield Item(
            id=f"{stem}-{number}",
            question=text(record["question"]),
            answers=(choices[place],),
            choices=choices,
            tags=(record.get("Category") or stem,),
        )

"""GSM8K: word problems of grade school mathematics, each with its solution worked out."""

import re
from collections.abc import Iterator
from pathlib import Path

from chains.compare.hub import Hub
from chains.compare.published import records, text
from chains.compare.question_set import Item
from chains.question import Example

label = {"en": "GSM8K", "ko": "GSM8K"}
source = "Cobbe et al. 2021, github openai/grade-school-math"
licence = "MIT"
answer_type = "number"
language = "en"
files = ("gsm8k*test*.jsonl", "**/grade_school_math/data/test.jsonl", "test.jsonl", "main/test-*.parquet")
train_files = (
    "gsm8k*train*.jsonl",
    "**/grade_school_math/data/train.jsonl",
    "train.jsonl",
    "main/train-*.parquet",
)
hub = Hub(
    "openai/gsm8k",
    "e53f048856ff4f594e959d75785d2c2d37b678ee",
    ("main/test-00000-of-00001.parquet",),
    ("main/train-00000-of-00001.parquet",),
)

_MARKS = re.compile(r"<<.*?>>")
"""What the authors' calculator was to fill in; nothing a model should imitate."""


def items(path: Path) -> Iterator[Item]:
    """The problems, numbered as in the file; the answer is the number behind the last ####."""
    for number, record in enumerate(records(path), start=1):
        _, answer = _parted(record["answer"])
        yield Item(f"gsm8k-{number}", text(record["question"]), (answer,))


def examples(path: Path, worked: bool) -> Iterator[Example]:
    """Problems with their answers; `worked`: the solution first, then the answer behind "Answer:"."""
    for record in records(path):
        solution, answer = _parted(record["answer"])
        yield Example(text(record["question"]), f"{solution}\nAnswer: {answer}" if worked else answer)


def _parted(answer: str) -> tuple[str, str]:
    solution, mark, number = text(answer).rpartition("####")
    if not mark:
        raise ValueError("no ####")
    return _MARKS.sub("", solution).strip(), text(number).strip().replace(",", "")

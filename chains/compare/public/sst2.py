"""SST-2: sentences of film reviews, negative or positive."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from chains.compare.hub import Hub
from chains.compare.published import records, text
from chains.compare.question_set import Item

label = {"en": "SST-2", "ko": "SST-2"}
source = "Socher et al. 2013, nlp.stanford.edu/sentiment"
licence = "Stanford Sentiment Treebank, research use"
answer_type = "choice"
language = "en"
files = ("sst2*dev*.tsv", "SST-2/dev.tsv", "dev.tsv", "data/validation-*.parquet")
train_files = ("sst2*train*.tsv", "SST-2/train.tsv", "train.tsv", "data/train-*.parquet")
hub = Hub(
    "stanfordnlp/sst2",
    "8d51e7e4887a4caaa95b3fbebbf53c0490b58bbb",
    ("data/validation-00000-of-00001.parquet",),
    ("data/train-00000-of-00001.parquet",),
)

CHOICES = ("negative", "positive")
ASK = "Is this sentence of a film review negative or positive?"


def items(path: Path) -> Iterator[Item]:
    """A question a sentence, numbered as in the file. There are files with a header and without."""
    rows = records(path, ("sentence", "label"))
    for number, row in enumerate(_without_header(rows), start=1):
        asked = f"{ASK}\n{text(row['sentence']).strip()}"
        yield Item(f"sst2-{number}", asked, (_answer(row["label"]),), choices=CHOICES)


def _answer(label: object) -> str:
    """0 is negative, 1 positive. -1 hides the answers of the test part. Raises ValueError."""
    return CHOICES[("0", "1").index(str(label))]


def _without_header(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    first = next(rows, None)
    if first is None:
        return iter(())
    return rows if first["label"] == "label" else chain([first], rows)

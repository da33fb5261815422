"""KLUE-NLI: does a Korean sentence follow from another, contradict it, or neither?"""

from collections.abc import Iterator
from pathlib import Path

from chains.compare.hub import Hub
from chains.compare.published import records, text
from chains.compare.question_set import Item

label = {"en": "KLUE-NLI", "ko": "KLUE-NLI"}
source = "Park et al. 2021, github KLUE-benchmark/KLUE"
licence = "CC BY-SA 4.0"
answer_type = "choice"
language = "ko"
files = ("klue-nli-v1.1_dev.json", "klue*nli*dev*.json", "nli/validation-*.parquet")
train_files = ("klue-nli-v1.1_train.json", "klue*nli*train*.json", "nli/train-*.parquet")
hub = Hub(
    "klue/klue",
    "349481ec73fff722f88e0453ca05c77a447d967c",
    ("nli/validation-00000-of-00001.parquet",),
    ("nli/train-00000-of-00001.parquet",),
)

LABELS = ("entailment", "neutral", "contradiction")
CHOICES = ("함의", "중립", "모순")
ASK = "전제가 참일 때 가설은 어떤가요? 반드시 참이면 함의, 반드시 거짓이면 모순, 알 수 없으면 중립이에요."


def items(path: Path) -> Iterator[Item]:
    """A question a pair of sentences. In JSON the label is a word, in Parquet its number."""
    for record in records(path):
        named = record["gold_label"] if "gold_label" in record else LABELS[record["label"]]
        yield Item(
            id=text(record["guid"]),
            question=f"{ASK}\n전제: {text(record['premise'])}\n가설: {text(record['hypothesis'])}",
            answers=(CHOICES[LABELS.index(named)],),
            choices=CHOICES,
            tags=(record["source"],) if record.get("source") else (),
        )

"""The forms in which public sets are published: records of JSON, JSON Lines, tables and Parquet."""

import csv
import json
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from chains.compare.hub import parquet_readable
from chains.compare.question_set import Item

MOST_BYTES = 500_000_000


def records(path: Path, names: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """The records of a file, in order. `names` are the columns of a table that has no header.

    Raises ValueError, KeyError, TypeError where it is not as published.
    """
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"more than {MOST_BYTES // 1_000_000} MB")
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        yield from _parquet(path)
    elif suffix in {".jsonl", ".ndjson"}:
        with path.open(encoding="utf-8-sig") as file:
            yield from (json.loads(line) for line in file if line.strip())
    elif suffix in {".csv", ".tsv"}:
        yield from _table(path, names, "\t" if suffix == ".tsv" else ",")
    else:
        found = json.loads(path.read_text("utf-8-sig"))
        yield from found["data"] if isinstance(found, dict) else found


def _table(path: Path, names: Sequence[str], delimiter: str) -> Iterator[dict[str, Any]]:
    """Tab-separated files are published without quoting: a quotation mark there is text."""
    columns = list(names) or None
    with path.open(encoding="utf-8-sig", newline="") as file:
        if delimiter == "\t":
            yield from csv.DictReader(file, columns, delimiter="\t", quoting=csv.QUOTE_NONE)
        else:
            yield from csv.DictReader(file, columns)


def _parquet(path: Path) -> Iterator[dict[str, Any]]:
    if not parquet_readable():
        raise ValueError("Parquet needs the package pyarrow: pip install pyarrow")
    parquet = import_module("pyarrow.parquet")
    for batch in parquet.ParquetFile(path).iter_batches():
        yield from batch.to_pylist()


def squad_items(path: Path) -> Iterator[Item]:
    """Items of a file in SQuAD's form: articles of paragraphs of questions, or flat records of Parquet."""
    for record in records(path):
        if "paragraphs" not in record:
            yield _squad_item(record, record["context"], record.get("title"), record["answers"]["text"])
            continue
        for paragraph in record["paragraphs"]:
            for asked in paragraph["qas"]:
                answers = [answer["text"] for answer in asked["answers"]]
                yield _squad_item(asked, paragraph["context"], record.get("title"), answers)


def _squad_item(asked: dict[str, Any], passage: str, title: str | None, answers: Sequence[str]) -> Item:
    answerable = bool(answers) and not asked.get("is_impossible", False)
    return Item(
        id=str(asked["id"]),
        question=text(asked["question"]),
        answers=tuple(dict.fromkeys(map(text, answers))) if answerable else (),
        passage=text(passage),
        tags=(title,) if title else (),
        answerable=answerable,
    )


def text(value: object) -> str:
    """A text that must be one. Raises TypeError."""
    if not isinstance(value, str) or not value.strip():
        raise TypeError(f"not a text: {value!r:.40}")
    return value

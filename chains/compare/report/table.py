"""table.csv: a row for each column, with its scores, intervals, bands and cost."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def table(results: Mapping[str, Any]) -> str:
    """The text of the file, with a byte order mark so that spreadsheets read Hangul. Numbers are exact."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    for row in rows(results):
        writer.writerow([guarded(one) if isinstance(one, str) else one for one in row])
    return "\ufeff" + written.getvalue()


def rows(results: Mapping[str, Any]) -> list[Sequence[Any]]:
    """The heads, then the columns in their order."""
    metrics = list(results["metrics"])
    heads = ["name", "technique", "model", "precision", "adapter", "collection", "retriever", "k", "passage"]
    for key in metrics:
        heads += [key, f"{key}_low", f"{key}_high", f"{key}_n", f"{key}_band"]
    costs = [
        "prompt_tokens",
        "completion_tokens",
        "seconds",
        "peak_memory_bytes",
        "calls",
        "answers",
        "failed",
        "unanswered",
        "cut_off",
    ]
    return [heads + costs, *(_row(one, results, metrics, costs) for one in results["columns"])]


def letters(results: Mapping[str, Any], metric: str, name: str) -> str:
    """The bands a column is in, as letters: a is the best."""
    groups = results["bands"].get(metric, [])
    return "".join(letter(at) for at, group in enumerate(groups) if name in group)


def letter(at: int) -> str:
    """a … z, then a2 …"""
    return chr(ord("a") + at % 26) + (str(at // 26 + 1) if at >= 26 else "")


def guarded(text: str) -> str:
    """A text that a spreadsheet does not take for a formula."""
    return "'" + text if text.startswith(_FORMULA) else text


def _row(
    column: Mapping[str, Any], results: Mapping[str, Any], metrics: list[str], costs: list[str]
) -> list[Any]:
    settings = column["settings"]
    row = [
        column["name"],
        settings["technique"],
        settings["model"],
        settings["precision"],
        settings["adapter"],
    ]
    row += [settings["collection"], settings["retriever"], settings["k"], settings["passage"]]
    for key in metrics:
        score = column["scores"][key]
        row += [score["mean"], score["low"], score["high"], score["n"]]
        row.append(letters(results, key, column["name"]))
    return row + [column["cost"][key] for key in costs]

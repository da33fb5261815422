"""What a person should know of the scores beside them: which answers are missing or cut off."""

from collections.abc import Iterator, Mapping
from typing import Any

from chains.compare.report.words import Words


def remarks(results: Mapping[str, Any], words: Words) -> list[str]:
    """A sentence each: metrics that lack values, then what happened to the columns' answers."""
    metrics = results["metrics"].values()
    lacking = [
        words("yes_reason", metric=words.of(one["label"]), reason=words.of(one["reason"]))
        for one in metrics
        if one["reason"]
    ]
    return [*lacking, *(said for one in results["columns"] for said in _of_column(one, words))]


def unanswered(column: Mapping[str, Any], words: Words) -> str | None:
    """That no question of the column was answered, where that is so for a reason that may pass."""
    cost = column["cost"]
    missing = cost.get("unanswered", 0)  # results of earlier versions do not count it
    if not missing or missing < cost["answers"]:
        return None
    return words("unanswered", column=column["name"])


def judged_by(results: Mapping[str, Any], words: Words) -> str:
    """Which model judged and by which rubric; "" where none did, or an earlier version did not say."""
    judge = results.get("judged_by")
    if not judge:
        return ""
    rubric = words("our_rubric" if judge["rubric"] is None else "own_rubric")
    return words("judged_by", model=judge["model"], precision=judge["precision"], rubric=rubric)


def _of_column(column: Mapping[str, Any], words: Words) -> Iterator[str]:
    cost, name = column["cost"], column["name"]
    missing, cut = cost.get("unanswered", 0), cost.get("cut_off", 0)
    if missing and not unanswered(column, words):
        yield words("left_out", column=name, n=f"{missing:,}", all=f"{cost['answers']:,}")
    if cut:
        ended, limit = cost["answers"] - cost["failed"], column["settings"]["options"]["max_tokens"]
        yield words("cut_off", column=name, n=f"{cut:,}", all=f"{ended:,}", limit=f"{limit:,}")

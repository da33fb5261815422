"""Question by question: which columns were right, what each fixed and broke, where they disagree, by tag."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chains.compare.metrics import Metric
from chains.compare.pairs import Means, score_intervals
from chains.compare.question_set import Item
from chains.compare.rounding import rounded

RIGHT = 0.5
"""From this score on an answer counts as right, where one has to say right or wrong."""
MOST_TAGS = 50


def deciding(metrics: Mapping[str, Metric]) -> str | None:
    """The first metric by which an answer can be right or wrong: a share of 1 of which more is better."""
    return next((key for key, one in metrics.items() if one.unit is None and one.better == "higher"), None)


def changes(
    means: Means, items: Sequence[str], baseline: str, metric: str | None
) -> dict[str, dict[str, list[str]]]:
    """By column but the baseline: the ids of questions it `fixed` (the baseline was wrong, it is right) and
    `broke`. Empty without a deciding metric."""
    if metric is None:
        return {}
    values = means.values[metric]
    before = values[:, means.columns.index(baseline)]
    return {
        name: {
            "fixed": _where(items, (before < RIGHT) & (values[:, at] >= RIGHT)),
            "broke": _where(items, (before >= RIGHT) & (values[:, at] < RIGHT)),
        }
        for at, name in enumerate(means.columns)
        if name != baseline
    }


def disagreements(means: Means, items: Sequence[str], metric: str | None) -> list[str]:
    """The ids of questions that some columns answer right and others wrong, the most divided first."""
    if metric is None or not len(items):
        return []
    values = means.values[metric]
    right = np.sum(values >= RIGHT, axis=1)
    wrong = np.sum(values < RIGHT, axis=1)
    divided = np.minimum(right, wrong)
    order = np.argsort(-divided, kind="stable")
    return [items[at] for at in order.tolist() if divided[at]]


def per_question(means: Means, items: Sequence[Item]) -> list[dict[str, Any]]:
    """For each question its id, its tags, and by metric the columns' scores in their order (None: n/a)."""
    plain = {key: [[rounded(one) for one in row] for row in values] for key, values in means.values.items()}
    return [
        {"id": item.id, "tags": list(item.tags), "scores": {key: rows[at] for key, rows in plain.items()}}
        for at, item in enumerate(items)
    ]


def by_tag(means: Means, items: Sequence[Item], seed: int = 0) -> dict[str, dict[str, Any]]:
    """By tag, the most frequent first and at most MOST_TAGS: {n, scores: {column: {metric: {mean, …}}}}."""
    counted = Counter(tag for item in items for tag in dict.fromkeys(item.tags))
    chosen = sorted(counted, key=lambda tag: (-counted[tag], tag))[:MOST_TAGS]
    return {tag: _of_tag(means, np.array([tag in item.tags for item in items]), seed) for tag in chosen}


def _of_tag(means: Means, inside: NDArray[np.bool_], seed: int) -> dict[str, Any]:
    part = Means(means.columns, means.metrics, {key: rows[inside] for key, rows in means.values.items()})
    scores = score_intervals(part, seed)
    return {
        "n": int(inside.sum()),
        "scores": {
            name: {key: scores[key][at] for key in means.values} for at, name in enumerate(means.columns)
        },
    }


def _where(items: Sequence[str], chosen: NDArray[np.bool_]) -> list[str]:
    return [items[at] for at in np.flatnonzero(chosen).tolist()]

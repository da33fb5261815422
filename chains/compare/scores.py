"""From answers to scores: every metric of an experiment on every cell.

    score_all(experiment, cells, tools) -> Scores

Values lie in arrays of (items, repeats). NaN stands where there is no value: the cell was not run yet, or the
metric does not apply to its question. An answer that failed scores 0 where its question could have had one.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from adapters.spec import Text
from chains.compare.agreement import Agreement, agreement
from chains.compare.cell import Cell
from chains.compare.experiment import Column, Experiment
from chains.compare.metrics import Metric, metric, metrics
from chains.compare.question_set import AnswerType, Item
from chains.compare.tools import NO_TOOLS, Embed, Place, Tools, Verdict, place

Values = NDArray[np.float64]
"""(items, repeats); NaN: no value."""

EMBEDDED_AT_ONCE = 256
NO_LIKELIHOOD: Text = {
    "en": "A model does not tell how likely it finds the choices. Choose one that runs on this machine.",
    "ko": "보기의 가능도를 알려 주지 않는 모델이 있어요. 이 컴퓨터에서 돌아가는 모델을 골라 주세요.",
}
_USUAL: Mapping[AnswerType, tuple[str, ...]] = {
    "exact": ("exact_match", "contains"),
    "number": ("last_number",),
    "choice": ("choice_letter",),
    "span": ("token_f1", "exact_match", "contains"),
    "text": ("rouge_l", "chrf"),
}


@dataclass(frozen=True)
class Scores:
    """`values[metric][column]` is an array (items, repeats), its rows in the order of `items` (their ids).

    `reasons` says, for a metric that has no value somewhere, why: in both languages. Where a judge was asked,
    `unreadable[column]` counts its verdicts without a score, and `agreement[column]` says how far it agrees
    with exact match, where that is among the metrics too; `verdicts` holds its own words.
    """

    items: tuple[str, ...]
    columns: tuple[str, ...]
    repeats: int
    values: Mapping[str, Mapping[str, Values]]
    reasons: Mapping[str, Text] = field(default_factory=dict)
    unreadable: Mapping[str, int] = field(default_factory=dict)
    agreement: Mapping[str, Agreement] = field(default_factory=dict)
    verdicts: Mapping[Place, Verdict] = field(default_factory=dict)


def score_all(experiment: Experiment, cells: Iterable[Cell], tools: Tools = NO_TOOLS) -> Scores:
    """Every metric of the experiment on every cell; cells of other columns or questions are left aside.

    What has to be embedded is embedded once, in batches. Raises MetricNotFound.
    """
    wanted = [metric(key) for key in experiment.metrics]
    items = {item.id: item for item in experiment.questions.items}
    columns = {column.name: column for column in experiment.columns}
    placed = {
        place(cell): cell
        for cell in cells
        if cell.item in items and cell.column in columns and cell.repeat < experiment.repeats
    }
    ready = _embedded(wanted, items, placed, tools)
    rows = {id: row for row, id in enumerate(items)}
    values = {one.key: {name: _empty(len(items), experiment.repeats) for name in columns} for one in wanted}
    # question by question: what metrics remember of its right answers serves all columns
    for (name, id, repeat), cell in sorted(placed.items(), key=lambda one: rows[one[1].item]):
        for one in wanted:
            values[one.key][name][rows[id], repeat] = _value(one, items[id], cell, columns[name], ready)
    return Scores(
        tuple(items),
        tuple(columns),
        experiment.repeats,
        values,
        _reasons(wanted, items, placed, tools),
        _unreadable(values, placed, tools),
        _agreement(_without_failed(values, placed, rows)),
        tools.verdicts if "judge" in values else {},
    )


def suited(answer_type: AnswerType, language: str = "en") -> list[str]:
    """The metrics a form begins with for that type of answer, the one that decides first: few, since each
    makes the others' differences harder to prove, and none that needs a judge or an embedder."""
    usual = _USUAL[answer_type]
    chosen = reversed(usual) if answer_type == "text" and language == "ko" else usual
    return [*chosen, "length"]


def offered(answer_type: AnswerType) -> list[str]:
    """All metrics that make sense for that type of answer, in the order of the screen."""
    return [key for key, one in metrics().items() if answer_type in one.suits]


def _empty(items: int, repeats: int) -> Values:
    return np.full((items, repeats), math.nan)


def _value(one: Metric, item: Item, cell: Cell, column: Column, tools: Tools) -> float:
    """A value, or NaN. The judge's opinion of an answer that failed is not asked: it scores 0 as well."""
    if cell.error is not None:
        return 0.0 if one.better == "higher" and one.applies(item, column) else math.nan
    value = one.score(item, cell, tools)
    return math.nan if value is None else value


def _embedded(
    wanted: Sequence[Metric], items: Mapping[str, Item], placed: Mapping[Place, Cell], tools: Tools
) -> Tools:
    """The tools, with every text that a metric will ask for embedded already."""
    asking = [one for one in wanted if "embedder" in one.needs]
    if tools.embed is None or not asking:
        return tools
    texts = dict.fromkeys(
        text
        for cell in placed.values()
        if cell.error is None
        for one in asking
        if one.missing(items[cell.item], tools) is None
        for text in one.texts(items[cell.item], cell)
    )
    return replace(tools, embed=_remembered(list(texts), tools.embed))


def _remembered(texts: Sequence[str], embed: Embed) -> Embed:
    """An `embed` that looks the texts up: sorted by length, so that a batch is padded little."""
    vectors: dict[str, NDArray[np.float32]] = {}
    ordered = sorted(texts, key=len)
    for at in range(0, len(ordered), EMBEDDED_AT_ONCE):
        batch = ordered[at : at + EMBEDDED_AT_ONCE]
        vectors.update(zip(batch, embed(batch), strict=True))
    return lambda asked: np.stack([vectors[text] for text in asked])


def _unreadable(
    values: Mapping[str, Mapping[str, Values]], placed: Mapping[Place, Cell], tools: Tools
) -> dict[str, int]:
    """For each column the answers whose verdict has no score."""
    if "judge" not in values:
        return {}
    counts = dict.fromkeys(values["judge"], 0)
    for at, verdict in tools.verdicts.items():
        if at in placed and placed[at].error is None and verdict.score is None:
            counts[at[0]] += 1
    return counts


def _without_failed(
    values: Mapping[str, Mapping[str, Values]], placed: Mapping[Place, Cell], rows: Mapping[str, int]
) -> dict[str, dict[str, Values]]:
    """Judge and exact match without the answers that failed: nobody judged those, both simply hold 0."""
    kept = {
        key: {name: array.copy() for name, array in values[key].items()}
        for key in ("judge", "exact_match")
        if key in values
    }
    for (name, id, repeat), cell in placed.items():
        if cell.error is not None:
            for columns in kept.values():
                columns[name][rows[id], repeat] = math.nan
    return kept


def _agreement(values: Mapping[str, Mapping[str, Values]]) -> dict[str, Agreement]:
    """For each column how far judge and exact match agree, where both have a value."""
    if "judge" not in values or "exact_match" not in values:
        return {}
    both = {name: agreement(judged, values["exact_match"][name]) for name, judged in values["judge"].items()}
    return {name: one for name, one in both.items() if one is not None}


def _reasons(
    wanted: Sequence[Metric], items: Mapping[str, Item], placed: Mapping[Place, Cell], tools: Tools
) -> dict[str, Text]:
    """For each metric the first reason why it has no value for a question."""
    found: dict[str, Text] = {}
    for one in wanted:
        reasons = (one.missing(item, tools) for item in items.values())
        reason = next((given for given in reasons if given is not None), None)
        if reason is None and "likelihood" in one.needs and _untold(one, items, placed, tools):
            reason = NO_LIKELIHOOD
        if reason is not None:
            found[one.key] = reason
    return found


def _untold(one: Metric, items: Mapping[str, Item], placed: Mapping[Place, Cell], tools: Tools) -> bool:
    """Whether an answer that did not fail has choices, but no likelihoods."""
    return any(
        cell.error is None and items[cell.item].choices and one.score(items[cell.item], cell, tools) is None
        for cell in placed.values()
    )

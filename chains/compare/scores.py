"""From answers to scores: every metric of an experiment on every cell.

    score_all(experiment, cells, tools) -> Scores

Values lie in arrays of (items, repeats). NaN stands where there is no value: the cell was not run yet, the
metric does not apply to its question, or the answer failed for a reason that passes (a model that cannot be
loaded says nothing of how well it answers). Another that failed scores 0 where its question could have had
a value.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from adapters.spec import Text
from chains.compare.agreement import Agreement, agreement
from chains.compare.cell import Cell
from chains.compare.choices import right_choices
from chains.compare.embedded_texts import embedded
from chains.compare.experiment import Column, Experiment
from chains.compare.metrics import Metric, metric, metrics
from chains.compare.question_set import AnswerType, Item
from chains.compare.stored import Cells, gathered
from chains.compare.tools import NO_TOOLS, Place, Tools, Verdict

Values = NDArray[np.float64]
"""(items, repeats); NaN: no value."""
Answered = NDArray[np.bool_]
"""(items, repeats): where there is an answer that did not fail."""

NO_LIKELIHOOD: Text = {
    "en": "A model does not tell how likely it finds the choices. Choose one that runs on this machine.",
    "ko": "보기의 가능도를 알려 주지 않는 모델이 있어요. 이 컴퓨터에서 돌아가는 모델을 골라 주세요.",
}
NOTHING_FOUND: Text = {
    "en": "Where no passage was found, the model was asked nothing: that counts as 0.",
    "ko": "문단을 찾지 못한 질문은 모델에 묻지 않았고 0점으로 쳤어요.",
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

    `reasons` says, for a metric that has no value somewhere, or 0 without a measurement, why: in both
    languages. Where a judge was asked,
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
    own = gathered(experiment, cells)
    ready = _embedded(wanted, items, own, tools)
    rows = {id: row for row, id in enumerate(items)}
    values = {one.key: {name: _empty(len(items), experiment.repeats) for name in columns} for one in wanted}
    answered = {name: np.zeros((len(items), experiment.repeats), bool) for name in columns}
    found = {name: array.copy() for name, array in answered.items()}
    # question by question: what metrics remember of its right answers serves all columns
    for cell in own.by_question():
        name, at = cell.column, (rows[cell.item], cell.repeat)
        answered[name][at] = cell.error is None
        found[name][at] = cell.error is None and cell.finish_reason != "nothing_found"
        for one in wanted:
            values[one.key][name][at] = _value(one, items[cell.item], cell, columns[name], ready)
    of_likelihood = {one.key: values[one.key] for one in wanted if "likelihood" in one.needs}
    counted = _likelihoods(of_likelihood, items, answered, found)
    return Scores(
        tuple(items),
        tuple(columns),
        experiment.repeats,
        values,
        _reasons(wanted, items, tools, counted),
        _unreadable(values, answered, rows, tools),
        _agreement(_without_failed(values, answered)),
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
    """A value, or NaN. The judge's opinion of an answer that failed is not asked: it scores 0 as well, unless
    there is no judge at all, when no other answer has a score either."""
    if cell.passing:
        return math.nan
    if cell.error is not None:
        unjudged = "judge" in one.needs and tools.unjudged is not None
        could = one.better == "higher" and one.applies(item, column) and not unjudged
        return 0.0 if could else math.nan
    value = one.score(item, cell, tools)
    return math.nan if value is None else value


def _embedded(wanted: Sequence[Metric], items: Mapping[str, Item], cells: Cells, tools: Tools) -> Tools:
    """The tools, with every text that a metric will ask for embedded already."""
    asking = [one for one in wanted if "embedder" in one.needs]
    if tools.embed is None or not asking:
        return tools
    texts = (
        text
        for cell in cells
        if cell.error is None
        for one in asking
        if one.missing(items[cell.item], tools) is None
        for text in one.texts(items[cell.item], cell)
    )
    return replace(tools, embed=embedded(texts, tools.embed, cells.folder))


def _unreadable(
    values: Mapping[str, Mapping[str, Values]],
    answered: Mapping[str, Answered],
    rows: Mapping[str, int],
    tools: Tools,
) -> dict[str, int]:
    """For each column the answers whose verdict has no score."""
    if "judge" not in values:
        return {}
    counts = dict.fromkeys(values["judge"], 0)
    for (name, id, repeat), verdict in tools.verdicts.items():
        known = name in answered and id in rows and repeat < answered[name].shape[1]
        if known and answered[name][rows[id], repeat] and verdict.score is None:
            counts[name] += 1
    return counts


def _without_failed(
    values: Mapping[str, Mapping[str, Values]], answered: Mapping[str, Answered]
) -> dict[str, dict[str, Values]]:
    """Judge and exact match without the answers that failed: nobody judged those, both simply hold 0."""
    return {
        key: {name: np.where(answered[name], array, math.nan) for name, array in values[key].items()}
        for key in ("judge", "exact_match")
        if key in values
    }


def _agreement(values: Mapping[str, Mapping[str, Values]]) -> dict[str, Agreement]:
    """For each column how far judge and exact match agree, where both have a value."""
    if "judge" not in values or "exact_match" not in values:
        return {}
    both = {name: agreement(judged, values["exact_match"][name]) for name, judged in values["judge"].items()}
    return {name: one for name, one in both.items() if one is not None}


def _reasons(
    wanted: Sequence[Metric], items: Mapping[str, Item], tools: Tools, others: Mapping[str, Text]
) -> dict[str, Text]:
    """For each metric the first reason why it has no value for a question, or else that of `others`."""
    found: dict[str, Text] = {}
    for one in wanted:
        reasons = (one.missing(item, tools) for item in items.values())
        reason = next((given for given in reasons if given is not None), None)
        reason = reason or others.get(one.key)
        if reason is not None:
            found[one.key] = reason
    return found


def _likelihoods(
    values: Mapping[str, Mapping[str, Values]],
    items: Mapping[str, Item],
    answered: Mapping[str, Answered],
    found: Mapping[str, Answered],
) -> dict[str, Text]:
    """What is to be said of the metrics that read likelihoods.

    Where nothing was `found` to answer from they hold 0, since there was no prompt. A column whose model
    tells no likelihoods loses those zeros here: they would be its only values.
    """
    right = np.array([bool(right_choices(item)) for item in items.values()], bool)[:, None]
    said: dict[str, Text] = {}
    for key, by_column in values.items():
        for name, own in by_column.items():
            nothing, asked = answered[name] & ~found[name] & right, found[name] & right
            untold = asked & np.isnan(own)
            if np.any(untold):
                said[key] = NO_LIKELIHOOD
                if np.array_equal(untold, asked):
                    own[nothing] = math.nan
            elif np.any(nothing):
                said.setdefault(key, NOTHING_FOUND)
    return said

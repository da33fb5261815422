"""From scores to what they say: the document of DIR/results.json.

The same cells give the same bytes: every number is rounded, every random draw has a fixed seed, and no time
or date is in it but the seconds the cells themselves took. Its keys:

    columns         [{name, settings, scores: {metric: {mean, low, high, n}}, cost: {…}}]; in the settings,
                    `answered_by` says what really answered: [{model, precision, engine, fingerprint}]
    pairs           [{a, b, metric, difference, low, high, p, p_holm, verdict, n, test, more_questions}], the
                    difference being a − b; none of columns without a scored question in common
    bands           {metric: [[name, …], …]}: groups that cannot be told apart, best first
    pareto          {cost: [name, …]}: columns that no other beats on the deciding metric at less of that cost
    changes         {column: {fixed: [id], broke: [id]}} against the baseline
    disagreements   [id]: questions that some columns answer right and others wrong
    spread          {column: {metric: {between_questions, between_repeats, changed, means}}}, with repeats
    judge           {column: {n, share, kappa, unreadable}}: its agreement with exact match; None without one
    judged_by       {model, precision, rubric}: the judge as it was asked for; rubric None is ours
    tags            {tag: {n, scores}}
    per_question    [{id, tags, scores: {metric: [a score per column]}}]
    and what it was: questions (with their fingerprint), metrics, baseline, repeats, statistics, versions,
                    specification, command
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from adapters.spec import Text
from chains.compare.cell import AnsweredBy, Cell
from chains.compare.changes import by_tag, changes, deciding, disagreements, per_question
from chains.compare.cost import Cost, costs
from chains.compare.experiment import Column, Experiment, Judge
from chains.compare.metrics import Metric, metric
from chains.compare.pairs import Means, all_bands, compared, score_intervals
from chains.compare.pareto import pareto_front
from chains.compare.rounding import rounded
from chains.compare.statistics.bootstrap import CONFIDENCE, RESAMPLES
from chains.compare.statistics.holm import LEVEL
from chains.compare.statistics.power import MOST, POWER
from chains.compare.statistics.spread import spread
from chains.compare.versions import versions

if TYPE_CHECKING:
    from chains.compare.scores import Scores

SEED = 0
"""Of the resampling and of the random signs."""
COMMAND = "python -m app compare SPEC.yaml --out DIR"
"""Where nobody says which command it was."""
COSTS = ("seconds", "tokens")


def results(
    experiment: Experiment, scores: "Scores", cells: Collection[Cell], command: str = COMMAND
) -> dict[str, Any]:
    """The document, made of plain lists, dicts, texts and numbers; `command` is what made it."""
    means = _means(experiment, scores)
    by_id = {item.id: item for item in experiment.questions.items}
    items = [by_id[key] for key in scores.items]
    pairs = compared(means, SEED)
    decides = deciding(means.metrics)
    columns = _columns(experiment, means, cells)
    return {
        "questions": _questions(experiment),
        "metrics": {key: _metric(one, scores.reasons.get(key)) for key, one in means.metrics.items()},
        "baseline": experiment.baseline,
        "repeats": experiment.repeats,
        "deciding": decides,
        "columns": columns,
        "pairs": pairs,
        "bands": all_bands(means, pairs),
        "pareto": _pareto(columns, decides),
        "changes": changes(means, scores.items, experiment.baseline, decides),
        "disagreements": disagreements(means, scores.items, decides),
        "spread": _spreads(experiment, scores),
        "judge": _judge(experiment, scores),
        "judged_by": asdict(experiment.judge or Judge()) if "judge" in experiment.metrics else None,
        "tags": by_tag(means, items, SEED),
        "statistics": _statistics(pairs),
        "versions": versions(),
        "specification": experiment.document,
        "command": command,
        "per_question": per_question(means, items),
    }


def settings(column: Column) -> dict[str, Any]:
    """How a column answers. Of few-shot examples their number and a fingerprint: their texts may not be ours
    to copy."""
    return {
        "technique": column.technique,
        "model": column.model,
        "precision": column.precision,
        "adapter": column.adapter,
        "collection": column.collection,
        "retriever": column.retriever if column.collection else None,
        "k": column.k if column.collection else None,
        "passage": column.passage,
        "system": column.system,
        "examples": _examples(column),
        "template": asdict(column.template) if column.template else None,
        "options": asdict(column.options),
    }


def _examples(column: Column) -> dict[str, Any] | None:
    if column.examples is None:
        return None
    texts = (part for one in column.examples for part in (one.question, one.answer))
    return {"count": len(column.examples), "fingerprint": _mark(texts)}


def _mark(texts: Iterable[str]) -> str:
    """A fingerprint of texts in their order."""
    mark = blake2b(digest_size=8)
    for number, text in enumerate(texts):
        mark.update((("\0" if number else "") + text).encode("utf-8", "surrogatepass"))
    return mark.hexdigest()


def _means(experiment: Experiment, scores: "Scores") -> Means:
    names = tuple(column.name for column in experiment.columns)
    values = {}
    for key in experiment.metrics:
        by_column = [_over_repeats(np.asarray(scores.values[key][name], float)) for name in names]
        values[key] = np.stack(by_column, axis=1)
    return Means(names, {key: metric(key) for key in experiment.metrics}, values)


def _over_repeats(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """questions × repeats -> questions: the mean of what there is."""
    known = np.sum(~np.isnan(values), axis=1)
    means = np.full(len(values), np.nan)
    np.divide(np.nansum(values, axis=1), known, out=means, where=known > 0)
    return means


def _columns(experiment: Experiment, means: Means, cells: Collection[Cell]) -> list[dict[str, Any]]:
    answered_by: dict[str, set[AnsweredBy]] = defaultdict(set)
    scored, cost_of = score_intervals(means, SEED), costs(_noted(cells, answered_by))
    return [
        {
            "name": column.name,
            "settings": settings(column) | {"answered_by": _told(answered_by[column.name])},
            "scores": {key: scored[key][at] for key in experiment.metrics},
            "cost": cost_of.get(column.name, Cost().told()),
        }
        for at, column in enumerate(experiment.columns)
    ]


def _noted(cells: Iterable[Cell], answered_by: dict[str, set[AnsweredBy]]) -> Iterator[Cell]:
    """The cells, read once for all that is wanted of them: what answered is noted by column."""
    for cell in cells:
        if cell.answered_by is not None:
            answered_by[cell.column].add(cell.answered_by)
        yield cell


def _told(found: set[AnsweredBy]) -> list[dict[str, str]]:
    return [asdict(one) for one in sorted(found, key=lambda one: tuple(asdict(one).values()))]


def _metric(one: Metric, reason: Text | None) -> dict[str, Any]:
    """`reason`: why it has no value for some question."""
    return {
        "label": dict(one.label),
        "better": one.better,
        "unit": dict(one.unit) if one.unit else None,
        "reason": dict(reason) if reason else None,
    }


def _questions(experiment: Experiment) -> dict[str, Any]:
    asked = experiment.questions
    return {
        "name": asked.name,
        "count": len(asked.items),
        "fingerprint": _mark(json.dumps(asdict(item)) for item in asked.items),
        "answer_type": asked.answer_type,
        "language": asked.language,
        "source": asked.source,
        "licence": asked.licence,
    }


def _statistics(pairs: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "confidence": CONFIDENCE,
        "level": LEVEL,
        "resamples": RESAMPLES,
        "seed": SEED,
        "correction": "holm",
        "family": len(pairs),
        "power": POWER,
        "most_more_questions": MOST,
    }


def _pareto(columns: list[dict[str, Any]], decides: str | None) -> dict[str, list[str]]:
    if decides is None:
        return {}
    fronts = {}
    for kind in COSTS:
        points = [
            (one["name"], cost_per_answer(one, kind), one["scores"][decides]["mean"]) for one in columns
        ]
        known = [(name, at, mean) for name, at, mean in points if at is not None and mean is not None]
        fronts[kind] = pareto_front(known)
    return fronts


def cost_per_answer(column: dict[str, Any], kind: str) -> float | None:
    """ "seconds" or "tokens" (read and written) an answer, of a column of the results; None without one."""
    mean = column["cost"]["per_answer"]
    if kind == "seconds" or mean["prompt_tokens"] is None:
        return mean["seconds"]  # type: ignore[no-any-return]
    return float(mean["prompt_tokens"] + mean["completion_tokens"])


def _judge(experiment: Experiment, scores: "Scores") -> dict[str, dict[str, Any]] | None:
    """How far a judge agrees with exact match, by column, and how many of its verdicts could not be read."""
    if "judge" not in experiment.metrics:
        return None
    found = {}
    for column in experiment.columns:
        one = scores.agreement.get(column.name)
        found[column.name] = {
            "n": one.n if one else 0,
            "share": rounded(one.share) if one else None,
            "kappa": rounded(one.kappa) if one else None,
            "unreadable": scores.unreadable.get(column.name, 0),
        }
    return found


def _spreads(experiment: Experiment, scores: "Scores") -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for column in experiment.columns:
        for key in experiment.metrics:
            one = spread(np.asarray(scores.values[key][column.name], float))
            if one is not None:
                found.setdefault(column.name, {})[key] = {
                    "between_questions": rounded(one.between_questions),
                    "between_repeats": rounded(one.between_repeats),
                    "changed": rounded(one.changed),
                    "means": [rounded(mean) for mean in one.means],
                }
    return found

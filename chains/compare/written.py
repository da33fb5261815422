"""An experiment as a specification: what chains/compare/specification.py reads again.

The questions stand in a file beside it, QUESTIONS, so that a run asks the same ones when the set they came
from has changed since.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import yaml

from adapters.spec import DEFAULT_MODEL, GenerationOptions
from chains.compare.experiment import GREEDY, Column, Experiment
from chains.compare.question_set import QuestionSet

QUESTIONS = "questions.jsonl"


def document_of(experiment: Experiment) -> dict[str, Any]:
    """The specification as plain values; the first column's options stand for all. A column without a seed
    gets one: a comparison is to be repeated."""
    options = _seeded(experiment.columns[0].options)
    document: dict[str, Any] = {
        "questions": QUESTIONS,
        "about": _about(experiment.questions),
        "answer_type": experiment.questions.answer_type,
        "metrics": list(experiment.metrics),
        "baseline": experiment.baseline,
        "repeats": experiment.repeats,
        "options": asdict(options),
        "columns": [_column(one, options) for one in experiment.columns],
    }
    if experiment.judge is not None:
        told = asdict(experiment.judge)
        document["judge"] = {key: value for key, value in told.items() if value is not None}
    return document


def with_columns(document: Mapping[str, Any], columns: Sequence[Column]) -> dict[str, Any]:
    """The specification with more columns behind its own; a name that is taken gets a number. Columns that
    are there already in all but their name are left out."""
    options = replace(GREEDY, **document["options"])
    found = list(document["columns"])
    for column in columns:
        written = _column(column, options)
        if any(_nameless(written) == _nameless(one) for one in found):
            continue
        written["name"] = _free(written["name"], {one["name"] for one in found})
        found.append(written)
    return {**document, "columns": found}


def as_text(document: Mapping[str, Any]) -> str:
    """The specification as YAML."""
    return yaml.dump(dict(document), Dumper=_Plain, allow_unicode=True, sort_keys=False, width=110)


class _Plain(yaml.SafeDumper):
    """Writes every value where it stands, without anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        """Always."""
        return True


def _about(questions: QuestionSet) -> dict[str, str]:
    told = {key: getattr(questions, key) for key in ("name", "language", "source", "licence")}
    return {key: value for key, value in told.items() if value.strip()}


def _column(column: Column, options: GenerationOptions) -> dict[str, Any]:
    """What a column says, without what is so anyway."""
    written: dict[str, Any] = {"name": column.name, "technique": column.technique}
    if column.model != DEFAULT_MODEL:
        written["model"] = column.model
    if column.precision != "auto":
        written["precision"] = column.precision
    if column.adapter:
        written["adapter"] = column.adapter
    if column.collection is not None:
        written |= {"collection": column.collection, "retriever": column.retriever, "k": column.k}
    if column.passage:
        written["passage"] = True
    if column.system:
        written["system"] = column.system
    if column.examples:
        written["examples"] = [{"question": one.question, "answer": one.answer} for one in column.examples]
    if column.template is not None:
        written["template"] = {"name": column.template.name, "version": column.template.version}
    own, common = asdict(_seeded(column.options)), asdict(options)
    differing = {key: value for key, value in own.items() if value != common[key]}
    return written | ({"options": differing} if differing else {})


def _seeded(options: GenerationOptions) -> GenerationOptions:
    return options if options.seed is not None else replace(options, seed=GREEDY.seed)


def _nameless(written: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in written.items() if key != "name"}


def _free(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free

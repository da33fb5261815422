"""A column that did well, used elsewhere: as what the chat begins with, or as a Python script."""

import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from adapters.lora import read_mix
from adapters.spec import ModelSpec
from app.adapter_mix import DEFAULT_SHARE
from app.errors import NoColumn
from app.services import Services
from app.settings import DEFAULT_CONTEXT, DEFAULT_PASSAGES, DEFAULT_RETRIEVER, WITH_TEMPLATE
from chains.compare.experiment import Column, Experiment
from chains.compare.export import export

LOOK_EVERY_S = 0.3


def column_of(experiment: Experiment, name: Any) -> Column:
    """The column of that name. Raises NoColumn."""
    for column in experiment.columns:
        if column.name == name:
            return column
    raise NoColumn


def script_of(experiment: Experiment, name: Any) -> str:
    """The column as a script that runs by itself. Raises NoColumn, NotExportable."""
    questions = experiment.questions
    choices = all(item.choices for item in questions.items)
    return export(column_of(experiment, name), questions.language, choices)


def chat_settings(column: Column) -> dict[str, Any]:
    """The column as the settings that the browser remembers for the chat."""
    mix = read_mix(column.adapter)
    weights = [weight for _, weight in mix]
    share = weights[1] / sum(weights) if len(weights) == 2 and sum(weights) > 0 else DEFAULT_SHARE
    template = column.template.name if column.template and column.technique in WITH_TEMPLATE else ""
    examples = column.examples or ()
    return {
        "technique": column.technique,
        "template": template,
        "examples": [[one.question, one.answer] for one in examples],
        "collection": column.collection or "",
        "retriever": column.retriever if column.collection else DEFAULT_RETRIEVER,
        "passages": column.k if column.collection else DEFAULT_PASSAGES,
        "adapter": mix[0][0] if mix else "",
        "second_adapter": mix[1][0] if len(mix) > 1 else "",
        "adapter_share": share,
        "system": column.system or "",
        **asdict(column.options),
    }


def answering(services: Services, column: Column) -> Iterator[str]:
    """Has the column's model answer; yields its id while it loads. Raises what loading raised."""
    present = services.model.state.answering
    context = present.asked.context if present and present.asked else DEFAULT_CONTEXT
    spec = ModelSpec(column.model, column.precision, context=context)
    if services.model.answers(spec):
        return
    services.model.choose(spec)
    while services.model.state.loading is not None:
        yield spec.id
        time.sleep(LOOK_EVERY_S)
    state = services.model.state
    if state.failed is not None and state.error is not None and state.failed == spec:
        raise state.error

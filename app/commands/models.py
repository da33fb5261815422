"""`models`: what can answer here, and in which precisions."""

import argparse
from typing import TYPE_CHECKING, Any

from adapters.spec import Text
from app.terminal.console import Console
from app.terminal.settings import command_settings
from app.terminal.table import table

if TYPE_CHECKING:
    from adapters.models import ModelEntry

HELP: Text = {
    "en": "list the models and precisions, each with the reason when it cannot be used here",
    "ko": "모델과 정밀도를 보여 줘요. 쓸 수 없으면 이유도 알려 줘요",
}
OUTPUT = (
    "{models: [{id, label, description, parameters, bytes, licence, source, default, ready, problem}], "
    "precisions: [{key, label, help, trains_lora, problem}], auto}"
)
HEADINGS: dict[str, list[str]] = {
    "en": ["model", "parameters", "disk", "licence", "state", "problem"],
    "ko": ["모델", "파라미터", "디스크", "라이선스", "상태", "문제"],
}
PRECISIONS: dict[str, list[str]] = {"en": ["precision", "problem"], "ko": ["정밀도", "문제"]}
STATES: dict[str, Text] = {
    "ready": {"en": "ready", "ko": "준비됨"},
    "fetch": {"en": "made ready at first use", "ko": "처음 쓸 때 준비"},
    "unusable": {"en": "not usable", "ko": "쓸 수 없음"},
}
DEFAULT: Text = {"en": "default", "ko": "기본"}
AUTO: Text = {"en": "auto means {precision} here", "ko": "auto는 여기서 {precision}"}


def add_arguments(parser: argparse.ArgumentParser, language: str) -> None:
    """None of its own."""


def run(args: argparse.Namespace, console: Console) -> int:
    """{"models": […], "precisions": […], "auto": the precision that "auto" means here}."""
    from adapters.models import known_models
    from adapters.precision import AUTO as AUTO_KEY
    from adapters.precision import resolve

    models = [model_entry(model, console) for model in known_models(command_settings().models)]
    precisions = precision_entries(console)
    auto, _precision = resolve(AUTO_KEY)
    if args.json:
        console.document({"models": models, "precisions": precisions, "auto": auto})
        return 0
    console.print(table(HEADINGS[console.language], [_row(model, console) for model in models]))
    console.line()
    console.print(table(PRECISIONS[console.language], [[one["key"], one["problem"]] for one in precisions]))
    console.line(console.text(AUTO).format(precision=auto))
    return 0


def model_entry(model: "ModelEntry", console: Console) -> dict[str, Any]:
    """One model as JSON; `bytes` on disk, `ready`: without converting or downloading first."""
    return {
        "id": model.id,
        "label": model.label,
        "description": console.text(model.description),
        "parameters": model.parameters,
        "bytes": model.bytes,
        "licence": model.licence,
        "source": model.source,
        "default": model.default,
        "ready": model.ready,
        "problem": console.explain(model.problem) if model.problem else None,
    }


def precision_entries(console: Console) -> list[dict[str, Any]]:
    """Every precision as JSON; `problem` says why it cannot work here (None: it can)."""
    from adapters.precision import precisions

    entries = []
    for key, precision in precisions().items():
        problem = precision.available()
        entries.append(
            {
                "key": key,
                "label": console.text(precision.label),
                "help": console.text(precision.help),
                "trains_lora": precision.trains_lora,
                "problem": console.text(problem) if problem else None,
            }
        )
    return entries


def _row(model: dict[str, Any], console: Console) -> list[object]:
    state = "unusable" if model["problem"] else "ready" if model["ready"] else "fetch"
    name = f"{model['id']} ({console.text(DEFAULT)})" if model["default"] else model["id"]
    size, disk = f"{model['parameters'] / 1e6:.0f}M", f"{model['bytes'] / 1e6:.0f} MB"
    return [name, size, disk, model["licence"], console.text(STATES[state]), model["problem"]]

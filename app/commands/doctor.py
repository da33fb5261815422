"""`doctor`: what this machine can do, what is installed, and what is in the way of something."""

import argparse
from pathlib import Path
from typing import Any

from adapters.spec import Text
from app.terminal.console import Console
from app.terminal.findings import findings
from app.terminal.model_facts import model_entry
from app.terminal.settings import command_settings
from app.terminal.table import table

HELP: Text = {
    "en": "say what this machine can do and what is missing",
    "ko": "이 컴퓨터가 할 수 있는 일과 부족한 점을 알려 줘요",
}
OUTPUT = "{home, machine, models, embedders, store, findings: [a sentence each]}"
LABELS: dict[str, Text] = {
    "home": {"en": "data (MARU_HOME)", "ko": "데이터 (MARU_HOME)"},
    "processor": {"en": "processor", "ko": "프로세서"},
    "features": {"en": "features", "ko": "명령어"},
    "bfloat16": {"en": "bfloat16 speed", "ko": "bfloat16 속도"},
    "memory": {"en": "memory free / total", "ko": "메모리 여유 / 전체"},
    "disk": {"en": "disk free", "ko": "디스크 여유"},
    "gpu": {"en": "GPU", "ko": "GPU"},
    "model": {"en": "models", "ko": "모델"},
    "embedder": {"en": "embedders", "ko": "임베딩 모델"},
    "collections": {"en": "collections", "ko": "컬렉션"},
    "hub": {"en": "model hub", "ko": "모델 허브"},
    "versions": {"en": "versions", "ko": "버전"},
}


def add_arguments(parser: argparse.ArgumentParser, language: str) -> None:
    """None of its own."""


def run(args: argparse.Namespace, console: Console) -> int:
    """{"home", "machine", "models", "embedders", "store", "findings"}; findings are no failure."""
    report = examine(console)
    if args.json:
        console.document(report)
        return 0
    console.print(table(["", ""], [[name, value] for name, value in _rows(report, console)]))
    for finding in report["findings"]:
        console.line(f"- {finding}")
    return 0


def examine(console: Console) -> dict[str, Any]:
    """Everything that is known, as JSON."""
    from adapters.machine import probe
    from adapters.models import known_models

    settings = command_settings()
    report: dict[str, Any] = {
        "home": str(settings.home),
        "machine": probe(settings.home),
        "models": [model_entry(model, console) for model in known_models(settings.models)],
        "embedders": _embedders(console),
        "store": _store(settings.vectorstore, console),
    }
    return report | {"findings": findings(report, console.language)}


def _embedders(console: Console) -> list[dict[str, Any]]:
    from vectorstore.embedders import CHOICES

    entries = []
    for name, choice in CHOICES.items():
        problem = choice.available()
        languages, reason = console.text(choice.languages), console.text(problem) if problem else None
        entries.append({"name": name, "label": choice.label, "languages": languages, "problem": reason})
    return entries


def _store(folder: Path, console: Console) -> dict[str, Any]:
    """The documents' state; a folder that another process uses is not looked into."""
    from vectorstore.errors import VectorstoreError
    from vectorstore.store import Store

    empty = {"folder": str(folder), "collections": 0, "documents": 0, "passages": 0, "unusable": []}
    if not folder.exists():  # looking must not make it
        return empty | {"problem": None}
    try:
        with Store(folder) as store:
            found = store.collections()
    except (VectorstoreError, OSError) as error:
        unknown = dict.fromkeys(["collections", "documents", "passages"])
        return empty | unknown | {"problem": console.explain(error)}
    return {
        "folder": str(folder),
        "collections": len(found),
        "documents": sum(one.documents for one in found),
        "passages": sum(one.passages for one in found),
        "unusable": [console.explain(one.problem) for one in found if one.problem],
        "problem": None,
    }


def _rows(report: dict[str, Any], console: Console) -> list[tuple[str, str]]:
    machine, store = report["machine"], report["store"]
    processor, memory = machine["processor"], machine["memory"]
    values = {
        "home": report["home"],
        "processor": f"{processor['name']} ({processor['architecture']}), {processor['usable_cores']} cores",
        "features": " ".join(processor["features"]),
        "bfloat16": f"{machine['bfloat16']['speed_over_float32']} × float32",
        "memory": f"{_size(memory['free'])} / {_size(memory['total'])}",
        "disk": _size(machine["disk"]["free"]),
        "gpu": ", ".join(f"{card['name']} ({_size(card['memory'])})" for card in machine["gpus"]) or "–",
        "model": ", ".join(model["id"] for model in report["models"] if not model["problem"]) or "–",
        "embedder": ", ".join(one["label"] for one in report["embedders"] if not one["problem"]) or "–",
        "collections": _counts(store),
        "hub": machine["hub"]["endpoint"] + ("" if machine["hub"]["reachable"] else " ×"),
        "versions": ", ".join(f"{name} {number}" for name, number in machine["versions"].items() if number),
    }
    return [(console.text(LABELS[key]), value) for key, value in values.items()]


def _counts(store: dict[str, Any]) -> str:
    if store["problem"]:
        return "?"
    return f"{store['collections']} ({store['documents']} / {store['passages']})"


def _size(count: float) -> str:
    return f"{count / 2**30:.1f} GiB"

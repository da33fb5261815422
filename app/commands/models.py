"""`models`: what can answer here, in which precisions and at what cost; adding and removing models."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.spec import DEFAULT_MODEL, Text
from app.known_checkpoint import known_checkpoint
from app.settings import DEFAULT_CONTEXT
from app.terminal.adapter_commands import adapters
from app.terminal.console import Console
from app.terminal.model_facts import (
    adapter_entries,
    engine_entries,
    estimate_entries,
    file_entries,
    model_entry,
    precision_entries,
    widest,
)
from app.terminal.settings import command_settings
from app.terminal.table import table

if TYPE_CHECKING:
    from adapters.models import ModelEntry

HELP: Text = {
    "en": "list the models, precisions and engines with what they need; add, remove or check a model; list, "
    "import or delete LoRA adapters",
    "ko": "모델, 정밀도, 엔진과 필요한 메모리를 보여 줘요. 모델과 LoRA 어댑터를 추가하고 지우고 확인해요",
}
MODEL = (
    "{id, label, description, kind, parameters, bytes, licence, languages, context_length, source, revision, "
    "server_model, key_env, gated, default, removable, ready, problem}"
)
FILES = "{kind, path, bytes}"
ESTIMATE = "{precision, weights, cache, overhead, total, kept, fits}"
OUTPUT = (
    f"list: {{models: [{MODEL[:-1]}, estimates: [{ESTIMATE}], adapters: [{{name, problem}}]}}], "
    "precisions: [{key, label, help, engine, bytes_per_weight, trains_lora, problem}], "
    "engines: [{key, label, problem}], auto, context, free, problem}; "
    f"add: {{added: {MODEL}}}; remove: {{removed, deleted: [{FILES}], kept: [{FILES}]}}; "
    f"check: {{model, context, free, estimates: [{ESTIMATE[:-1]}, engine, problem}}], largest}}; "
    "adapters: {model, adapters: [{name, problem}]}; adapters add: {added: {name, model, rank, bytes}}; "
    "adapters remove: {removed}"
)
ACTIONS = ("list", "add", "remove", "check", "adapters")
ARGUMENTS: dict[str, Text] = {
    "action": {"en": "what to do", "ko": "할 일"},
    "source": {
        "en": "add: a folder, a .gguf file, owner/name on the Hugging Face Hub, or a server's URL; "
        "remove and check: a model's id; adapters: list, add or remove",
        "ko": "add: 폴더, .gguf 파일, Hugging Face Hub의 소유자/이름, 서버 URL. remove와 check: 모델 id. "
        "adapters: list, add, remove",
    },
    "target": {
        "en": "adapters add: the folder of an adapter; adapters remove: its name",
        "ko": "adapters add: 어댑터 폴더. adapters remove: 어댑터 이름",
    },
    "model": {
        "en": "adapters: the model they are for (default: the default one)",
        "ko": "adapters: 어댑터를 쓸 모델 (기본값: 기본 모델)",
    },
    "name": {"en": "what to call an added model or adapter", "ko": "추가하는 모델이나 어댑터의 이름"},
    "revision": {"en": "a branch, tag or commit of the repository", "ko": "저장소의 브랜치, 태그, 커밋"},
    "served-model": {"en": "what the server calls the model", "ko": "서버에서 쓰는 모델 이름"},
    "key-env": {
        "en": "the environment variable that holds the server's key",
        "ko": "서버 키가 든 환경 변수의 이름",
    },
    "files": {
        "en": "remove also what was converted or downloaded for the model; your own files always stay",
        "ko": "변환하거나 내려받은 파일도 지워요. 직접 둔 파일은 지우지 않아요",
    },
    "context": {
        "en": f"tokens of context to count with (default: {DEFAULT_CONTEXT}, as on the page)",
        "ko": f"계산에 쓸 컨텍스트 토큰 수 (기본값: 화면과 같은 {DEFAULT_CONTEXT})",
    },
}
MISSING: Text = {"en": "models {action} needs SOURCE", "ko": "models {action} 뒤에 SOURCE가 필요해요"}
ONE_SOURCE: Text = {
    "en": "models {action} takes one SOURCE",
    "ko": "models {action} 뒤에는 SOURCE 하나만 적어 주세요",
}
NO_SOURCE: Text = {
    "en": "models list shows all of them and takes no SOURCE; one model: models check {source}",
    "ko": "models list는 모두 보여 주고 SOURCE를 받지 않아요. 모델 하나만 보기: models check {source}",
}
ADDED: Text = {"en": "Added: {id}. {checked}", "ko": "추가했어요: {id}. {checked}"}
CHECKED: dict[str, Text] = {
    "folder": {
        "en": "Its headers and its tokenizer were checked; its weights are read when it is first loaded.",
        "ko": "헤더와 토크나이저를 확인했어요. 가중치는 처음 불러올 때 읽어요.",
    },
    "gguf": {
        "en": "Its header was checked; it is converted when it is first loaded.",
        "ko": "헤더를 확인했어요. 처음 불러올 때 변환해요.",
    },
    "hub": {
        "en": "Only the form of its name was checked: whether the Hub has it shows when it is first loaded.",
        "ko": "이름 형식만 확인했어요. Hub에 있는지는 처음 불러올 때 알 수 있어요.",
    },
}
"""What was verified of an added model, and what was not; of a server's adapters.server.adding says it."""
REMOVED: Text = {"en": "Removed: {id}", "ko": "지웠어요: {id}"}
DELETED: Text = {"en": "Deleted: {path} ({size})", "ko": "파일도 지웠어요: {path} ({size})"}
KEPT: Text = {"en": "Still on the disk: {path} ({size})", "ko": "디스크에 남아 있어요: {path} ({size})"}
WITH_FILES: Text = {
    "en": "Delete it by hand, or give --files when you remove a model. Your own files always stay.",
    "ko": "직접 지우거나, 모델을 지울 때 --files를 붙여 주세요. 직접 둔 파일은 늘 그대로 남아요.",
}
HEADINGS: dict[str, list[str]] = {
    "en": ["model", "parameters", "disk", "licence", "languages", "state", "problem"],
    "ko": ["모델", "파라미터", "디스크", "라이선스", "언어", "상태", "문제"],
}
PRECISIONS: dict[str, list[str]] = {
    "en": ["precision", "engine", "LoRA training", "problem"],
    "ko": ["정밀도", "엔진", "LoRA 학습", "문제"],
}
ESTIMATES: dict[str, list[str]] = {
    "en": ["precision", "engine", "weights", "cache", "overhead", "total", "fits", "problem"],
    "ko": ["정밀도", "엔진", "가중치", "캐시", "그 밖", "합계", "가능", "문제"],
}
STATES: dict[str, Text] = {
    "ready": {"en": "ready", "ko": "준비됨"},
    "fetch": {"en": "made ready at first use", "ko": "처음 쓸 때 준비"},
    "download": {"en": "downloaded at first use", "ko": "처음 쓸 때 내려받기"},
    "server": {"en": "not asked", "ko": "물어보지 않음"},
    "unusable": {"en": "not usable", "ko": "쓸 수 없음"},
}
DEFAULT: Text = {"en": "default", "ko": "기본"}
AUTO: Text = {"en": "auto means {precision} here", "ko": "auto는 여기서 {precision}"}
YES: dict[bool | None, Text] = {
    True: {"en": "yes", "ko": "예"},
    False: {"en": "no", "ko": "아니요"},
    None: {"en": "", "ko": ""},
}
ROOM: Text = {
    "en": "The figures are for a context of {context} tokens; {free} of memory are free.",
    "ko": "컨텍스트 {context}토큰 기준이고, 남은 메모리는 {free}예요.",
}
LARGEST: Text = {
    "en": "The widest precision that fits into it: {precision} ({total}).",
    "ko": "그 안에 들어가는 것 중 가장 높은 정밀도: {precision} ({total})",
}
AT_LEAST: Text = {"en": "more than {size}", "ko": "{size} 초과"}
ONLY_WEIGHTS: Text = {
    "en": "This model is not here yet, so only its weights are counted: whether it fits shows when its "
    "header has been downloaded, which loading does first.",
    "ko": "아직 내려받지 않은 모델이라 가중치만 계산했어요. 불러오면 헤더부터 받아서 들어가는지 확인해요.",
}
SHORTER: Text = {
    "en": "The model reads at most {limit} tokens; a longer context is cut to that.",
    "ko": "이 모델은 {limit}토큰까지만 읽어요. 더 긴 컨텍스트는 그만큼으로 줄여요.",
}
NOTHING: Text = {
    "en": "No precision of this model fits into it. Choose a smaller model or a shorter --context.",
    "ko": "이 모델은 어떤 정밀도로도 들어가지 않아요. 더 작은 모델이나 더 짧은 --context를 골라 주세요.",
}


def add_arguments(parser: argparse.ArgumentParser, language: str) -> None:
    """What to do, with which model."""
    told = {name: text[language] for name, text in ARGUMENTS.items()}
    parser.add_argument(
        "action", nargs="?", choices=ACTIONS, default="list", metavar="ACTION", help=told["action"]
    )
    parser.add_argument("source", nargs="?", metavar="SOURCE", help=told["source"])
    parser.add_argument("target", nargs="?", metavar="TARGET", help=told["target"])
    parser.add_argument("--model", metavar="M", help=told["model"])
    parser.add_argument("--name", default="", metavar="NAME", help=told["name"])
    parser.add_argument("--revision", metavar="REVISION", help=told["revision"])
    parser.add_argument("--served-model", default="", metavar="NAME", help=told["served-model"])
    parser.add_argument("--key-env", default="", metavar="VARIABLE", help=told["key-env"])
    parser.add_argument("--files", action="store_true", help=told["files"])
    parser.add_argument("--context", type=int, default=DEFAULT_CONTEXT, metavar="N", help=told["context"])


def run(args: argparse.Namespace, console: Console) -> int:
    """Lists, adds, removes or checks; see OUTPUT."""
    if args.target and args.action != "adapters":
        args.error(console.text(ONE_SOURCE).format(action=args.action))
    if args.source and args.action == "list":
        args.error(console.text(NO_SOURCE).format(source=args.source))
    if args.action in ("add", "remove") and not args.source:
        args.error(console.text(MISSING).format(action=args.action))
    folder = command_settings().models
    actions = {"list": _list, "add": _add, "remove": _remove, "check": _check, "adapters": adapters}
    return actions[args.action](args, console, folder)


def _list(args: argparse.Namespace, console: Console, folder: Path) -> int:
    from adapters.memory import free
    from adapters.models import known_models
    from adapters.precision import automatic

    available = free()
    problem = _registry_problem(folder, console)
    models = [_whole_entry(model, args.context, available, console, folder) for model in known_models(folder)]
    listed = {
        "models": models,
        "precisions": precision_entries(console),
        "engines": engine_entries(console) if args.json else [],  # importing them all takes seconds
        "auto": next(automatic()),
        "context": args.context,
        "free": available,
        "problem": problem,
    }
    if args.json:
        console.document(listed)
    else:
        _print_list(listed, console)
    return 0


def _whole_entry(
    model: "ModelEntry", context: int, free: int, console: Console, folder: Path
) -> dict[str, Any]:
    checkpoint = known_checkpoint(model, folder)
    return {
        **model_entry(model, console),
        "estimates": estimate_entries(model, checkpoint, context, free),
        "adapters": adapter_entries(checkpoint, folder, console),
    }


def _registry_problem(folder: Path, console: Console) -> str | None:
    from adapters.errors import RegistryDamaged
    from adapters.registry import registered

    try:
        registered(folder)
    except RegistryDamaged as error:
        return console.explain(error)
    return None


def _print_list(listed: dict[str, Any], console: Console) -> None:
    console.print(table(HEADINGS[console.language], [_row(model, console) for model in listed["models"]]))
    console.line()
    rows = [
        [one["key"], one["engine"], console.text(YES[one["trains_lora"]]), one["problem"]]
        for one in listed["precisions"]
    ]
    console.print(table(PRECISIONS[console.language], rows))
    console.line(console.text(AUTO).format(precision=listed["auto"]))
    if listed["problem"]:
        console.say(listed["problem"])


def _add(args: argparse.Namespace, console: Console, folder: Path) -> int:
    from adapters import sources

    if args.source.startswith(("http://", "https://")):
        from adapters.server.adding import add_asked

        server = add_asked(args.source, folder, args.name, args.served_model, args.key_env)
        entry, remarks = server.entry, server.remarks
    else:
        entry = sources.add(args.source, folder, args.name, args.revision)
        remarks = (CHECKED[entry.kind],)
    checked = " ".join(console.text(remark) for remark in remarks)
    if args.json:
        console.document({"added": model_entry(entry, console)})
        console.say(checked)
    else:
        console.line(console.text(ADDED).format(id=entry.id, checked=checked))
    return 0


def _remove(args: argparse.Namespace, console: Console, folder: Path) -> int:
    from adapters.memory import shown as shown_size
    from adapters.own_files import KINDS
    from adapters.sources import remove_model

    removed = remove_model(args.source, folder, KINDS if args.files else ())
    if args.json:
        told = {"deleted": file_entries(removed.deleted), "kept": file_entries(removed.kept)}
        console.document({"removed": args.source, **told})
    else:
        console.line(console.text(REMOVED).format(id=args.source))
        for words, files in ((DELETED, removed.deleted), (KEPT, removed.kept)):
            for one in files:
                console.line(console.text(words).format(path=one.path, size=shown_size(one.bytes)))
        if removed.kept and not args.files:
            console.line(console.text(WITH_FILES))
    return 0


def _check(args: argparse.Namespace, console: Console, folder: Path) -> int:
    from adapters.memory import free
    from adapters.models import find_model

    model, available = find_model(args.source or DEFAULT_MODEL, folder), free()
    if model.problem is not None:
        raise model.problem
    checkpoint = known_checkpoint(model, folder)
    known = {one["key"]: one for one in precision_entries(console)}
    estimates = [
        {**one, "engine": known[one["precision"]]["engine"], "problem": known[one["precision"]]["problem"]}
        for one in estimate_entries(model, checkpoint, args.context, available)
    ]
    checked = {
        "model": model.id,
        "context": args.context,
        "context_length": model.context_length or (checkpoint.context_length if checkpoint else 0) or None,
        "free": available,
        "estimates": estimates,
        "largest": widest(estimates, available),
    }
    if args.json:
        console.document(checked)
    else:
        _print_check(checked, console)
    return 0


def _print_check(checked: dict[str, Any], console: Console) -> None:
    from adapters.memory import shown

    def size(count: int | None) -> str:
        return shown(count) if count else ""

    def total(one: dict[str, Any]) -> str:
        least = one["at_least"] and one["total"]
        return console.text(AT_LEAST).format(size=size(one["total"])) if least else size(one["total"])

    rows = [
        [
            one["precision"],
            one["engine"],
            *(size(one[part]) for part in ("weights", "cache", "overhead")),
            total(one),
            console.text(YES[one["fits"]]),
            one["problem"],
        ]
        for one in checked["estimates"]
    ]
    console.print(table(ESTIMATES[console.language], rows))
    console.line(console.text(ROOM).format(free=shown(checked["free"]), context=f"{checked['context']:,}"))
    longest = checked["context_length"]
    if longest and checked["context"] > longest:
        console.line(console.text(SHORTER).format(limit=f"{longest:,}"))
    largest = next((one for one in checked["estimates"] if one["precision"] == checked["largest"]), None)
    if any(one["at_least"] and one["fits"] is None and one["total"] for one in checked["estimates"]):
        console.line(console.text(ONLY_WEIGHTS))
    elif largest is not None:
        told = {"precision": largest["precision"], "total": shown(largest["total"])}
        console.line(console.text(LARGEST).format(**told))
    elif any(one["total"] for one in checked["estimates"]):
        console.line(console.text(NOTHING))


def _row(model: dict[str, Any], console: Console) -> list[object]:
    fetched = {"server": "server", "hub": "ready" if model["ready"] else "download"}
    state = "unusable" if model["problem"] else fetched.get(model["kind"])
    state = state or ("ready" if model["ready"] else "fetch")
    name = f"{model['id']} ({console.text(DEFAULT)})" if model["default"] else model["id"]
    size = f"{model['parameters'] / 1e6:.0f}M" if model["parameters"] else ""
    disk = f"{model['bytes'] / 1e6:.0f} MB" if model["bytes"] else ""
    spoken = " ".join(model["languages"][:3]) + (" …" if len(model["languages"]) > 3 else "")
    return [name, size, disk, model["licence"], spoken, console.text(STATES[state]), model["problem"]]

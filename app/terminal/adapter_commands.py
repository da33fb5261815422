"""`models adapters`: the LoRA adapters of this machine, for a model: listed, brought in, deleted."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.spec import DEFAULT_MODEL, Text
from app.known_checkpoint import known_checkpoint
from app.terminal.console import Console
from app.terminal.model_facts import adapter_entries
from app.terminal.table import table

if TYPE_CHECKING:
    from adapters.checkpoint import Checkpoint
    from adapters.models import ModelEntry

HEADINGS: dict[str, list[str]] = {"en": ["adapter", "problem"], "ko": ["어댑터", "문제"]}
NONE: Text = {
    "en": "There is no adapter here yet. Bring one: models adapters add FOLDER",
    "ko": "아직 어댑터가 없어요. 가져오기: models adapters add 폴더",
}
FOR: Text = {"en": "For the model {model}:", "ko": "모델: {model}"}
ADDED: Text = {"en": "Imported: {name}", "ko": "가져왔어요: {name}"}
REMOVED: Text = {"en": "Deleted: {name}", "ko": "삭제했어요: {name}"}
MISSING: Text = {
    "en": "models adapters {action} needs a {what}",
    "ko": "models adapters {action} 뒤에 이름이나 폴더가 필요해요 ({what})",
}
NO_ACTION: Text = {
    "en": 'models adapters: "{action}" is none of list, add, remove',
    "ko": "models adapters 뒤에는 list, add, remove 중 하나를 적어 주세요: '{action}'",
}
NEEDS = {"add": "FOLDER", "remove": "NAME"}


def adapters(args: argparse.Namespace, console: Console, folder: Path) -> int:
    """Lists, imports or deletes; `args.source` says which, `args.target` what."""
    action = args.source or "list"
    if action not in ("list", *NEEDS):
        args.error(console.text(NO_ACTION).format(action=action))
    if action in NEEDS and not args.target:
        args.error(console.text(MISSING).format(action=action, what=NEEDS[action]))
    return {"list": _list, "add": _add, "remove": _remove}[action](args, console, folder)


def _list(args: argparse.Namespace, console: Console, folder: Path) -> int:
    from adapters.models import find_model

    model = find_model(args.model or DEFAULT_MODEL, folder)
    found = adapter_entries(known_checkpoint(model, folder), folder, console)
    if args.json:
        console.document({"model": model.id, "adapters": found})
        return 0
    console.line(console.text(FOR).format(model=model.id))
    rows = [[one["name"], one["problem"]] for one in found]
    console.print(table(HEADINGS[console.language], rows) if rows else f"{console.text(NONE)}\n")
    return 0


def _add(args: argparse.Namespace, console: Console, folder: Path) -> int:
    from adapters.lora import adapters_folder, import_adapter
    from adapters.models import find_model

    model = find_model(args.model or DEFAULT_MODEL, folder)
    source = Path(args.target).expanduser().resolve()
    shape = _shape(model, folder)
    made = import_adapter(source, args.name or source.name, adapters_folder(folder), shape, model.id)
    if args.json:
        facts = {"name": made.name, "model": model.id, "rank": made.rank, "bytes": made.bytes}
        console.document({"added": facts})
    else:
        console.line(console.text(ADDED).format(name=made.name))
    return 0


def _shape(model: "ModelEntry", folder: Path) -> "Checkpoint":
    """What the adapter has to fit. The packaged model is made ready first; raises SourceRefused for one that
    was not downloaded yet, or answers on a server."""
    from adapters.weights import local_checkpoint, prepare_embedded

    if model.kind == "embedded" and not model.ready:
        prepare_embedded(folder)
    return local_checkpoint(model, folder)


def _remove(args: argparse.Namespace, console: Console, folder: Path) -> int:
    from adapters.lora import adapters_folder, remove_adapter

    remove_adapter(args.target, adapters_folder(folder))
    if args.json:
        console.document({"removed": args.target})
    else:
        console.line(console.text(REMOVED).format(name=args.target))
    return 0

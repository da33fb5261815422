"""`add`: files into a collection."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.spec import Text
from app.terminal.asking import open_services
from app.terminal.console import Console
from app.terminal.interrupt import stopped_by_ctrl_c

if TYPE_CHECKING:
    from vectorstore.ingest import AddEvent

HELP: Text = {
    "en": "put files into a collection; it is made if it is new",
    "ko": "파일을 컬렉션에 넣어요. 컬렉션이 없으면 새로 만들어요",
}
OUTPUT = "{added, updated, unchanged: [{source, passages}], failed: [{source, reason}]}"
PATH_HELP: Text = {
    "en": "files, or folders whose documents are all taken; a file that is there unchanged is left alone",
    "ko": "파일이나 폴더. 폴더 안의 문서는 모두 넣고, 그대로인 파일은 건너뛰어요",
}
COLLECTION_HELP: Text = {"en": "its name, in any script", "ko": "컬렉션 이름"}
STATUS: dict[str, Text] = {
    "added": {"en": "added", "ko": "추가"},
    "updated": {"en": "updated", "ko": "갱신"},
    "unchanged": {"en": "unchanged", "ko": "그대로"},
    "failed": {"en": "failed", "ko": "실패"},
}
NOTHING: Text = {"en": "There was no file to add.", "ko": "넣을 파일이 없어요."}
PASSAGES: Text = {"en": "passages: {passages}", "ko": "문단 {passages}개"}


def add_arguments(parser: argparse.ArgumentParser, language: str) -> None:
    """PATH… and --collection."""
    parser.add_argument("paths", metavar="PATH", nargs="+", type=Path, help=PATH_HELP[language])
    parser.add_argument("--collection", metavar="C", required=True, help=COLLECTION_HELP[language])


def run(args: argparse.Namespace, console: Console) -> int:
    """Exit status 1 when every file failed; a bad file stops no other.

    {"added", "updated", "unchanged": [{source, passages}], "failed": [{source, reason}]}; what went in before
    Ctrl-C is in it.
    """
    from vectorstore.ingest import add

    result: dict[str, list[dict[str, Any]]] = {status: [] for status in STATUS}
    try:
        with stopped_by_ctrl_c() as stop, open_services() as services:
            for event in add(services.store, args.collection, args.paths, stop):
                tell(event, result, console)
    except KeyboardInterrupt:
        _write(result, args, console)
        raise
    _write(result, args, console)
    went_in = result["added"] or result["updated"] or result["unchanged"]
    return 1 if result["failed"] and not went_in else 0


def _write(result: dict[str, list[dict[str, Any]]], args: argparse.Namespace, console: Console) -> None:
    if args.json:
        console.document(result)
    elif not any(result.values()):
        console.say(console.text(NOTHING))


def tell(event: "AddEvent", result: dict[str, list[dict[str, Any]]], console: Console) -> None:
    """Notes a file that is done in `result` and says it; shows the progress of one that is not."""
    if event.status in result:
        result[event.status].append(entry(event, console))
        say(event, console)
    else:
        console.progress(event.source, event.fraction)


def entry(event: "AddEvent", console: Console) -> dict[str, Any]:
    """What the JSON document says about one file."""
    if event.error is not None:
        return {"source": event.source, "reason": console.explain(event.error)}
    return {"source": event.source, "passages": event.passages}


def say(event: "AddEvent", console: Console) -> None:
    """Tells a person how one file went: the result on standard output, a failure on standard error."""
    status = console.text(STATUS[event.status])
    if event.error is not None:
        console.say(f"{status}: {event.source}: {console.explain(event.error)}")
    elif not console.as_json:
        console.line(f"{status}: {event.source} ({console.text(PASSAGES).format(passages=event.passages)})")

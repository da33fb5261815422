"""`collections`: what documents there are."""

import argparse
from typing import TYPE_CHECKING, Any

from adapters.spec import Text
from app.terminal.asking import open_services
from app.terminal.console import Console
from app.terminal.table import table

if TYPE_CHECKING:
    from vectorstore.records import Collection

HELP: Text = {"en": "list the collections and what is in them", "ko": "컬렉션과 그 내용을 보여 줘요"}
OUTPUT = "{collections: [{name, documents, passages, embedder, created_at, problem}]}"
HEADINGS: dict[str, list[str]] = {
    "en": ["collection", "documents", "passages", "embedder", "problem"],
    "ko": ["컬렉션", "문서", "문단", "임베딩 모델", "문제"],
}
NONE: Text = {
    "en": "There is no collection yet. Make one: python -m app add FILE… --collection NAME",
    "ko": "아직 컬렉션이 없어요. 만들어 보세요: python -m app add 파일… --collection 이름",
}


def add_arguments(parser: argparse.ArgumentParser, language: str) -> None:
    """None of its own."""


def run(args: argparse.Namespace, console: Console) -> int:
    """{"collections": [{name, documents, passages, embedder, created_at, problem}]}."""
    with open_services() as services:
        found = services.store.collections()
    entries = [entry(collection, console) for collection in found]
    if args.json:
        console.document({"collections": entries})
    elif entries:
        columns = ("name", "documents", "passages", "embedder", "problem")
        rows = [[one[column] for column in columns] for one in entries]
        console.print(table(HEADINGS[console.language], rows))
    else:
        console.line(console.text(NONE))
    return 0


def entry(collection: "Collection", console: Console) -> dict[str, Any]:
    """One collection as JSON; `problem` says why it cannot be used (None: it can)."""
    return {
        "name": collection.name,
        "documents": collection.documents,
        "passages": collection.passages,
        "embedder": collection.embedder,
        "created_at": collection.created_at,
        "problem": console.explain(collection.problem) if collection.problem else None,
    }

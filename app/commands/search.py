"""`search`: the passages of a collection that fit a text, or each of many."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.spec import Text
from app.terminal.asking import open_services
from app.terminal.batch import BatchLine, read_batch
from app.terminal.console import Console
from app.terminal.flags import TEXT_OR_BATCH, add_search_options

if TYPE_CHECKING:
    from langchain_core.retrievers import BaseRetriever

    from vectorstore.passage import Passage

HELP: Text = {
    "en": "find the passages of a collection that fit a text",
    "ko": "컬렉션에서 글에 맞는 문단을 찾아요",
}
OUTPUT = "{passages: [{source, page, text, start, end, score, relevance}]}"
TEXT_HELP: Text = {"en": "what to look for", "ko": "찾을 내용"}
BATCH_HELP: Text = {
    "en": 'search for every line {"id", "question"} of this file, as JSON lines',
    "ko": '파일의 줄마다 {"id", "question"}을 읽고 JSON 줄로 결과를 써요',
}
NOTHING: Text = {"en": "Nothing found.", "ko": "찾은 문단이 없어요."}
PAGE: Text = {"en": ", page {page}", "ko": ", {page}쪽"}


def add_arguments(parser: argparse.ArgumentParser, language: str) -> None:
    """TEXT or --batch, and where and how to search."""
    parser.add_argument("text", metavar="TEXT", nargs="?", help=TEXT_HELP[language])
    parser.add_argument("--batch", metavar="FILE.jsonl", type=Path, help=BATCH_HELP[language])
    add_search_options(parser, language, required=True)


def run(args: argparse.Namespace, console: Console) -> int:
    """One document {"passages": …}, or a line {"id", "passages"} for each line of the batch."""
    if (args.text is None) == (args.batch is None):
        args.error(console.text(TEXT_OR_BATCH))
    lines = read_batch(args.batch) if args.batch is not None else None
    with open_services() as services:
        if lines is None:
            passages = services.store.search(args.collection, args.text, args.k, args.retriever)
        else:
            retriever = services.store.retriever(args.collection, args.retriever, args.k, once=False)
            search_batch(lines, retriever, console)
            return 0
    if args.json:
        console.document(document(passages))
    else:
        show(passages, console)
    return 0


def search_batch(lines: Sequence[BatchLine], retriever: "BaseRetriever", console: Console) -> None:
    """Writes a line {"id", "passages"} for each line, in order."""
    from vectorstore.passage import from_document

    for done, line in enumerate(lines, start=1):
        found = [from_document(one) for one in retriever.invoke(line.question)]
        console.document({"id": line.id} | document(found))
        console.progress(f"{done}/{len(lines)}")


def document(passages: "Sequence[Passage]") -> dict[str, Any]:
    """What is found, as JSON."""
    from app.terminal.serialize import passage_document

    return {"passages": [passage_document(passage) for passage in passages]}


def show(passages: "Sequence[Passage]", console: Console) -> None:
    """The passages for a person."""
    if not passages:
        console.say(console.text(NOTHING))
    for rank, passage in enumerate(passages, start=1):
        page = console.text(PAGE).format(page=passage.page) if passage.page else ""
        console.line(f"{rank}. {passage.source}{page} ({passage.start}-{passage.end}, {passage.score:.3f})")
        console.line(f"   {' '.join(passage.text.split())}")

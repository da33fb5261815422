"""`ask`: one question, or a file of them, to the model, grounded in a collection or not."""

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.spec import DEFAULT_MODEL, Text
from app.settings import WITH_TEMPLATE
from app.terminal.ask_batch import ask_batch
from app.terminal.asking import make_question, model_spec, open_services, wait_for_model
from app.terminal.console import Console
from app.terminal.flags import TEXT_OR_BATCH, add_generation_options, add_search_options, keys
from app.terminal.interrupt import stopped_by_ctrl_c

if TYPE_CHECKING:
    from chains.question import Answer

DEFAULT_TECHNIQUE = "zero_shot"
HELP: Text = {
    "en": "ask the model, grounded in your documents if you name a collection",
    "ko": "모델에게 물어봐요. 컬렉션을 정하면 문서에 근거해 답해요",
}
OUTPUT = (
    "{answer, text, reasoning, sentences: [{start, end, citations, supported}], "
    "citations: [{n, source, page, text, start, end, score, relevance, highlights}], "
    "passages: [{source, page, text, start, end, score, relevance}], prompt: [{role, content}], "
    "steps: [{name, prompt, raw, tokens, seed, finish_reason, query, passages}], agreement, technique, "
    "model: {id, precision, adapter}, engine, seed, timings: {retrieve_s, first_token_s, total_s, shared_s}, "
    "tokens: {prompt, completion}, finish_reason, notices}"
)
TEMPLATED: Text = {
    "en": "--template goes with --technique template or role",
    "ko": "--template은 --technique template이나 role과 함께 써요",
}
FLAGS: dict[str, Text] = {
    "text": {"en": "the question", "ko": "질문"},
    "batch": {
        "en": 'answer every line {"id", "question"} of this file, as JSON lines',
        "ko": '파일의 줄마다 {"id", "question"}을 읽고 JSON 줄로 답해요',
    },
    "technique": {"en": "how the question is put", "ko": "프롬프트 기법"},
    "examples": {"en": "which few-shot examples are shown, by name", "ko": "퓨샷 예시 모음의 이름"},
    "template": {
        "en": "asks with this template (techniques template and role)",
        "ko": "이 템플릿으로 물어봐요 (template, role 기법)",
    },
    "system": {"en": "replaces the technique's own instruction", "ko": "기법의 시스템 프롬프트를 대신해요"},
    "model": {"en": "which model answers (see: models)", "ko": "답할 모델 (models 명령 참고)"},
    "precision": {"en": "how its weights are held", "ko": "가중치의 정밀도"},
    "adapter": {
        "en": "a LoRA adapter of that model, or several: poet:0.5+pirate:0.5",
        "ko": "그 모델의 LoRA 어댑터. 여럿을 섞을 수도 있어요: poet:0.5+pirate:0.5",
    },
}


def add_arguments(parser: argparse.ArgumentParser, language: str) -> None:
    """TEXT or --batch, and everything that shapes the answer."""
    flags = {name: text[language] for name, text in FLAGS.items()}
    parser.add_argument("text", metavar="TEXT", nargs="?", help=flags["text"])
    parser.add_argument("--batch", metavar="FILE.jsonl", type=Path, help=flags["batch"])
    techniques = keys("chains.techniques")
    parser.add_argument("--technique", choices=techniques, default=DEFAULT_TECHNIQUE, help=flags["technique"])
    parser.add_argument("--examples", metavar="NAME", help=flags["examples"])
    parser.add_argument("--template", metavar="NAME", help=flags["template"])
    parser.add_argument("--system", metavar="TEXT", help=flags["system"])
    add_search_options(parser, language)
    parser.add_argument("--model", metavar="M", default=DEFAULT_MODEL, help=flags["model"])
    precisions = ["auto", *keys("adapters.precision")]
    parser.add_argument("--precision", choices=precisions, default="auto", help=flags["precision"])
    parser.add_argument("--adapter", metavar="A", help=flags["adapter"])
    add_generation_options(parser, language)


def run(args: argparse.Namespace, console: Console) -> int:
    """One answer, or a JSON line for each line of the batch."""
    if (args.text is None) == (args.batch is None):
        args.error(console.text(TEXT_OR_BATCH))
    if args.template and args.technique not in (*WITH_TEMPLATE, DEFAULT_TECHNIQUE):
        args.error(console.text(TEMPLATED))
    if args.batch is not None:
        return ask_batch(args, console)
    from chains.begin import check

    with stopped_by_ctrl_c() as stop, open_services(model_spec(args)) as services:
        question = make_question(args, services, args.text, console.language)
        check(question)  # what is wrong with it is said before the model is waited for
        if question.collection is not None:
            services.store.retriever(question.collection, args.retriever, args.k)
        wait_for_model(services, console, stop)
        answers = services.ask(question, args.retriever, args.k, stop, args.adapter)
        show_document(answers, console) if args.json else show_growing(answers, console)
    return 0


def show_document(answers: Iterable["Answer"], console: Console) -> None:
    """Writes the finished answer as JSON; what a stopped or broken model had written, too."""
    from app.terminal.serialize import answer_document

    last = None
    try:
        for answer in answers:
            last = answer
    finally:
        if last is not None and last.done:
            console.document(answer_document(last))


def show_growing(answers: Iterable["Answer"], console: Console) -> None:
    """Writes the answer for a person as it grows, then its sources."""
    from app.terminal.plain import Growing

    growing = Growing(console)
    try:
        for answer in answers:
            growing.show(answer)
    finally:
        growing.end()

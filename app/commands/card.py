"""`card`: what a model costs and how well it does, per precision and adapter, side by side."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from adapters.spec import DEFAULT_MODEL, Text
from app.terminal.console import Console
from app.terminal.flags import keys
from app.terminal.interrupt import stopped_by_ctrl_c
from app.terminal.settings import command_settings

HELP: Text = {
    "en": "measure models: perplexity, speed, memory, and which answers a precision or an adapter changes",
    "ko": "모델을 측정해요: 퍼플렉서티, 속도, 메모리, 정밀도나 어댑터 때문에 바뀐 답변",
}
OUTPUT = (
    "{text: {source, characters}, questions, cards: [{model, precision, adapter, engine, perplexity, "
    "perplexity_reason, text_tokens, prefill: {tokens, per_s, first_token_s}, decode: {tokens, per_s}, "
    "memory_bytes, right, answers: [{question, answer, expected}], reference: {precision, adapter} or null, "
    "flips: [{question, before, after, was_right, is_right}], first_token_agreement, problem}]}; "
    "standard error: a line {card, cards, model, precision, adapter, step, fraction} at every step"
)
FLAGS: dict[str, Text] = {
    "model": {
        "en": "a model to measure (see: models); may be repeated",
        "ko": "측정할 모델. 여러 번 쓸 수 있어요",
    },
    "precision": {
        "en": "how its weights are held; may be repeated",
        "ko": "가중치의 정밀도. 여러 번 쓸 수 있어요",
    },
    "adapter": {
        "en": "a LoRA adapter or a mix, measured beside the bare model; may be repeated",
        "ko": "LoRA 어댑터나 조합. 없는 경우와 나란히 측정하고, 여러 번 쓸 수 있어요",
    },
    "text": {"en": "judge the model on this text instead of ours", "ko": "퍼플렉서티를 잴 글"},
    "questions": {
        "en": 'ask these instead of ours: {"question", "answer"} a line, the answer optional',
        "ko": '물어볼 질문 파일. 한 줄에 {"question", "answer"}, answer는 없어도 돼요',
    },
    "reference": {
        "en": "do not measure full precision too, so that no changed answers are shown",
        "ko": "전체 정밀도와 비교하지 않아요",
    },
}


def add_arguments(parser: argparse.ArgumentParser, language: str) -> None:
    """Which combinations, on which text and questions."""
    flags = {name: text[language] for name, text in FLAGS.items()}
    parser.add_argument("--model", metavar="M", action="append", help=flags["model"])
    precisions = ["auto", *keys("adapters.precision")]
    parser.add_argument("--precision", choices=precisions, action="append", help=flags["precision"])
    parser.add_argument("--adapter", metavar="A", action="append", help=flags["adapter"])
    parser.add_argument("--text", metavar="FILE", type=Path, help=flags["text"])
    parser.add_argument("--questions", metavar="FILE.jsonl", type=Path, help=flags["questions"])
    parser.add_argument("--no-reference", action="store_true", help=flags["reference"])


def run(args: argparse.Namespace, console: Console) -> int:
    """One document with every card, or a table; 0 when at least one model was measured."""
    from adapters.card_text import read_questions, read_text
    from app.measuring import combinations
    from app.terminal.cards import Bench, documents, show

    text = read_text(console.language, args.text)
    questions = read_questions(console.language, args.questions)
    models = named(args.model, command_settings().models)
    specs = combinations(models, args.precision or ["auto"], [None, *(args.adapter or [])])
    with stopped_by_ctrl_c() as stop:
        bench = Bench(text, questions, console, stop)
        measured = bench.measure(specs, references=not args.no_reference)
    cards = documents(measured, console)
    if args.json:
        source = {"source": args.text.name if args.text else console.language, "characters": len(text)}
        console.document({"text": source, "questions": len(questions), "cards": cards})
    else:
        show(cards, console)
    return 0 if any(card["problem"] is None for card in cards) else 1


def named(models: Sequence[str] | None, folder: Path) -> list[str]:
    """The models by their own names: "default" says nothing to who watches. Raises ModelNotFound,
    RegistryDamaged."""
    from adapters.models import find_model

    return [find_model(id, folder).id for id in models or [DEFAULT_MODEL]]

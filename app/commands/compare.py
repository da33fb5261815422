"""`compare`: many ways to answer the same questions, scored, with statistics that may say "no difference"."""

import argparse
import shlex
import sys
from pathlib import Path

from adapters.spec import Text
from app.terminal.console import Console

HELP: Text = {
    "en": "compare techniques, retrieval, models, precisions and adapters on a set of questions",
    "ko": "기법, 검색, 모델, 정밀도, 어댑터를 질문 모음으로 비교해요",
}
OUTPUT = (
    "{questions, metrics, baseline, repeats, columns: [{name, settings, scores: {metric: {mean, low, high, "
    "n}}, cost: {prompt_tokens, completion_tokens, seconds, peak_memory_bytes}}], pairs: [{a, b, metric, "
    "difference, low, high, p, p_holm, verdict}], bands: {metric: [[name, …], …]}, …}; with --estimate "
    "{estimate: [{column, cells, kept, calls, prompt_tokens, completion_tokens, most_completion_tokens, "
    "seconds, measured, problem}], judge: {…}, seconds}; with --progress json standard error has lines "
    "{state, columns: {name: {done, total, kept, failed}}, seconds, left_s, tokens_per_s, column, model, "
    "step, loading, asked, calls}"
)
WHERE: Text = {
    "en": "give --out DIR, or --estimate",
    "ko": "--out DIR로 결과를 쓸 폴더를 정하거나 --estimate를 써 주세요",
}
FLAGS: dict[str, Text] = {
    "spec": {
        "en": "the specification: questions, metrics, columns, baseline, repeats, options",
        "ko": "명세 파일: questions, metrics, columns, baseline, repeats, options",
    },
    "out": {
        "en": "where the report goes: report.html, report.md, table.csv, results.json, answers.jsonl (and "
        "while it runs progress.json, and the specification.yaml it ran); needed, except with --estimate",
        "ko": "결과를 쓸 폴더: report.html, report.md, table.csv, results.json, answers.jsonl(실행 중에는 "
        "progress.json, 그리고 실행한 명세 specification.yaml도). --estimate가 아니면 꼭 필요해요",
    },
    "estimate": {
        "en": "only say what it will cost: calls, tokens, minutes, and how much is answered already",
        "ko": "실행하지 않고 비용만 알려 줘요: 호출 수, 토큰, 시간, 이미 끝난 만큼",
    },
    "fresh": {
        "en": "ask everything again instead of using what earlier runs answered",
        "ko": "이전 답변을 쓰지 않고 모두 다시 물어봐요",
    },
    "without_texts": {
        "en": "write only scores and settings: no text of the questions, prompts and answers, for sets that "
        "may not be copied",
        "ko": "점수와 설정만 적고 질문, 프롬프트, 답변의 글은 빼요. 옮겨 적으면 안 되는 자료에 쓰세요",
    },
    "progress": {
        "en": "how progress is told on standard error: for a person, or as JSON lines",
        "ko": "표준 오류에 진행 상황을 알리는 방식",
    },
    "search": {
        "en": "who searches collections: this process, or the one that started it, asked over standard input",
        "ko": "컬렉션 검색을 맡는 쪽: 이 프로세스, 또는 표준 입력으로 물어볼 부모 프로세스",
    },
}


def add_arguments(parser: argparse.ArgumentParser, language: str) -> None:
    """Which specification, and where the report goes."""
    flags = {name: text[language] for name, text in FLAGS.items()}
    parser.add_argument("spec", metavar="SPEC.yaml", type=Path, help=flags["spec"])
    parser.add_argument("--out", metavar="DIR", type=Path, help=flags["out"])
    parser.add_argument("--estimate", action="store_true", help=flags["estimate"])
    parser.add_argument("--fresh", action="store_true", help=flags["fresh"])
    parser.add_argument("--without-texts", action="store_true", help=flags["without_texts"])
    parser.add_argument("--progress", choices=["text", "json"], default="text", help=flags["progress"])
    parser.add_argument("--search", choices=["own", "asked"], default="own", help=flags["search"])


def run(args: argparse.Namespace, console: Console) -> int:
    """Runs the grid and writes the report. Ctrl-C stops it; the same command then goes on."""
    if args.out is None and not args.estimate:
        args.error(console.text(WHERE))
    from app.comparing.documents import AskedDocuments
    from app.comparing.machine import LocalMachine
    from app.comparing.names import LocalNames
    from app.terminal.comparing import Comparison
    from app.terminal.interrupt import stopped_by_ctrl_c
    from app.terminal.settings import command_settings
    from chains.compare.specification import read_specification

    settings = command_settings()
    documents = AskedDocuments(console.err, sys.stdin) if args.search == "asked" else None
    machine = LocalMachine(settings, documents)
    try:
        experiment = read_specification(args.spec, LocalNames(settings, machine))
        with stopped_by_ctrl_c() as stop:
            comparison = Comparison(experiment, machine, console, stop, args.fresh, not args.without_texts)
            if args.estimate:
                return comparison.estimate()
            comparison.command = repeated(args)
            return comparison.run(args.out, args.spec.read_bytes(), args.progress == "json")
    finally:
        machine.close()


def repeated(args: argparse.Namespace) -> str:
    """What was typed, for whoever repeats it: names only, for a path tells of this machine."""
    flags = ["--without-texts"] if args.without_texts else []
    return shlex.join(["python", "-m", "app", "compare", args.spec.name, "--out", "DIR", *flags])

"""`sets`: the saved question sets; made from a file, a public set or a collection, written out, deleted."""

import argparse
from pathlib import Path

from adapters.spec import DEFAULT_MODEL, Text
from app.terminal.console import Console
from app.terminal.flags import keys

HELP: Text = {
    "en": "list the saved question sets; make one from a file, a public set or a collection; write one out, "
    "delete one",
    "ko": "저장한 질문 모음을 보여 줘요. 파일, 공개 모음, 컬렉션에서 만들고, 파일로 내보내고, 삭제해요",
}
SAVED = "{name, answer_type, language, questions, source, licence}"
OUTPUT = (
    "list: {sets: [{name, answer_type, language, questions, problem}]}; "
    f"import, public: {{saved: {SAVED}}}; draft: {{saved: {SAVED}, drafted, flaws: {{flaw: count}}}}; "
    "export: {exported: {name, file, questions}}; delete: {deleted}"
)
ACTIONS = ("list", "import", "draft", "public", "export", "delete")
TYPES = ("exact", "number", "choice", "span", "text")
COUNT = 20
ARGUMENTS: dict[str, Text] = {
    "action": {"en": "what to do", "ko": "할 일"},
    "source": {
        "en": "import: a file of questions; public: the key of a public set; draft: a collection; export and "
        "delete: the name of a saved set",
        "ko": "import: 질문 파일. public: 공개 모음의 키. draft: 컬렉션. export와 delete: 저장한 모음의 이름",
    },
    "name": {
        "en": "what to call the set (default: as its source is called)",
        "ko": "모음의 이름 (기본값: 원래 이름)",
    },
    "replace": {"en": "replace a set of that name", "ko": "같은 이름의 모음이 있으면 바꿔요"},
    "column": {
        "en": "import: which column a field is read from; fields: id, question, answers, passage, choices, "
        "tags, answerable, A…J (default: guessed)",
        "ko": "import: 항목을 읽을 열. 항목: id, question, answers, passage, choices, tags, answerable, A…J "
        "(기본값: 자동)",
    },
    "answer-type": {
        "en": "import: what the right answers are (default: guessed)",
        "ko": "import: 정답 형식 (기본값: 자동)",
    },
    "language": {
        "en": "the language of the questions, or of a public set that exists in several (default: guessed)",
        "ko": "질문의 언어, 또는 여러 언어로 된 공개 모음의 언어 (기본값: 자동)",
    },
    "folder": {
        "en": "public: a folder with the set's files, or one of them (default: the Hub)",
        "ko": "public: 모음의 파일이 있는 폴더나 파일 (기본값: 허브)",
    },
    "limit": {"en": "public: at most that many questions", "ko": "public: 질문 수의 상한"},
    "seed": {
        "en": "public: of the sample; draft: of the passages (default: 0)",
        "ko": "public: 표본의 시드. draft: 문단의 시드 (기본값: 0)",
    },
    "count": {
        "en": f"draft: how many good questions (default: {COUNT})",
        "ko": f"draft: 쓸 만한 질문 수 (기본값: {COUNT})",
    },
    "model": {"en": "draft: the model that writes", "ko": "draft: 질문을 쓸 모델"},
    "precision": {"en": "draft: its precision", "ko": "draft: 모델의 정밀도"},
    "out": {"en": "export: the .jsonl file", "ko": "export: .jsonl 파일"},
}
NO_OUT: Text = {"en": "sets export needs --out FILE", "ko": "sets export에는 --out 파일이 필요해요"}
MISSING: Text = {"en": "sets {action} needs SOURCE", "ko": "sets {action} 뒤에 SOURCE가 필요해요"}


def add_arguments(parser: argparse.ArgumentParser, language: str) -> None:
    """What to do, on which source, and how."""
    text = {name: help[language] for name, help in ARGUMENTS.items()}
    parser.add_argument(
        "action", nargs="?", choices=ACTIONS, default="list", metavar="ACTION", help=text["action"]
    )
    parser.add_argument("source", metavar="SOURCE", nargs="?", help=text["source"])
    parser.add_argument("--name", metavar="N", help=text["name"])
    parser.add_argument("--replace", action="store_true", help=text["replace"])
    parser.add_argument("--column", metavar="FIELD=COLUMN", action="append", help=text["column"])
    parser.add_argument("--answer-type", metavar="T", choices=TYPES, help=text["answer-type"])
    parser.add_argument("--language", metavar="L", help=text["language"])
    parser.add_argument("--folder", metavar="DIR", type=Path, help=text["folder"])
    parser.add_argument("--limit", metavar="N", type=int, help=text["limit"])
    parser.add_argument("--seed", metavar="N", type=int, default=0, help=text["seed"])
    parser.add_argument("--count", metavar="N", type=int, default=COUNT, help=text["count"])
    parser.add_argument("--model", metavar="M", default=DEFAULT_MODEL, help=text["model"])
    precisions = ["auto", *keys("adapters.precision")]
    parser.add_argument("--precision", choices=precisions, default="auto", help=text["precision"])
    parser.add_argument("--out", metavar="FILE", type=Path, help=text["out"])


def run(args: argparse.Namespace, console: Console) -> int:
    """Does what was asked; what is refused leaves everything as it was."""
    from app.terminal import question_sets

    if args.action != "list" and not args.source:
        args.error(console.text(MISSING).format(action=args.action))
    if args.action == "export" and args.out is None:
        args.error(console.text(NO_OUT))
    for name in ("limit", "count"):
        if getattr(args, name) is not None and getattr(args, name) < 1:
            args.error(f"--{name}: {getattr(args, name)} < 1")
    document = question_sets.ACTIONS[args.action](args, console)
    if args.json:
        console.document(document)
    return 0

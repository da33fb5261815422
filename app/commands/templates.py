"""`templates`: prompt templates: shown, compared between versions, read from YAML, written, deleted."""

import argparse
from pathlib import Path

from adapters.spec import Text
from app.terminal.console import Console

HELP: Text = {
    "en": "list the prompt templates; show one, compare its versions, delete it; read templates from a YAML "
    "file and write them to one",
    "ko": "프롬프트 템플릿을 보여 줘요. 내용을 보고, 버전을 비교하고, 삭제하고, YAML 파일로 주고받아요",
}
OUTPUT = (
    "list: {templates: [{name, language, version, built_in}]}; "
    "show: {template: {name, language, version, versions, built_in, system, user}}; "
    "diff: {name, from, to, lines: [{part, kind, text}]}; import: {imported: [{name, version}]}; "
    "export: {exported, file, yaml}; delete: {deleted}"
)
ACTIONS = ("list", "show", "diff", "import", "export", "delete")
ARGUMENTS: dict[str, Text] = {
    "action": {"en": "what to do", "ko": "할 일"},
    "source": {
        "en": "show, diff, delete: a template's name; import: a YAML file; export: a name (default: all of "
        "your own)",
        "ko": "show, diff, delete: 템플릿 이름. import: YAML 파일. export: 이름 (기본값: 내 템플릿 전부)",
    },
    "version": {"en": "show: this version (default: the newest)", "ko": "show: 버전 (기본값: 최신)"},
    "from": {
        "en": "diff: the older version (default: the one before --to)",
        "ko": "diff: 이전 버전 (기본값: --to 바로 앞)",
    },
    "to": {"en": "diff: the newer version (default: the newest)", "ko": "diff: 이후 버전 (기본값: 최신)"},
    "out": {
        "en": "export: the YAML file (default: standard output)",
        "ko": "export: YAML 파일 (기본값: 표준 출력)",
    },
}
MISSING: Text = {"en": "templates {action} needs SOURCE", "ko": "templates {action} 뒤에 SOURCE가 필요해요"}
NEEDS_SOURCE = ("show", "diff", "import", "delete")


def add_arguments(parser: argparse.ArgumentParser, language: str) -> None:
    """What to do, with which template or file."""
    text = {name: told[language] for name, told in ARGUMENTS.items()}
    parser.add_argument(
        "action", nargs="?", choices=ACTIONS, default="list", metavar="ACTION", help=text["action"]
    )
    parser.add_argument("source", nargs="?", metavar="SOURCE", help=text["source"])
    parser.add_argument("--version", metavar="N", type=int, help=text["version"])
    parser.add_argument("--from", dest="older", metavar="N", type=int, help=text["from"])
    parser.add_argument("--to", dest="newer", metavar="N", type=int, help=text["to"])
    parser.add_argument("--out", metavar="FILE", type=Path, help=text["out"])


def run(args: argparse.Namespace, console: Console) -> int:
    """Does what was asked; what is refused leaves everything as it was."""
    from app.terminal import own_templates

    if args.action in NEEDS_SOURCE and not args.source:
        args.error(console.text(MISSING).format(action=args.action))
    document = own_templates.ACTIONS[args.action](args, console)
    if args.json:
        console.document(document)
    return 0

"""The command line: finds the commands, reads the arguments, runs one, says errors.

Each command is a file in app/commands; its name is the file's. What it needs that is slow to import (torch,
chromadb, gradio) it imports when it runs, so that `--help` answers at once.

Exit status: 0 done; 1 failed, with a message that names the mend; 2 wrong usage; 130 stopped by Ctrl-C;
141 the reader of standard output went away.
"""

import argparse
import importlib
import logging
import os
import pkgutil
import sys
import threading
from collections.abc import Sequence
from typing import NoReturn, Protocol, cast

import app.commands
from app.terminal.console import Console, Text, open_console, user_language

PROGRAM = "python -m app"
STOPPED = 130
BROKEN_PIPE = 141
DESCRIPTION: Text = {
    "en": "Maru: a chat bench for local language models.",
    "ko": "Maru: 로컬 언어 모델과 대화하고 비교하는 작업대",
}
JSON_HELP: Text = {
    "en": "print one JSON document on standard output; everything else goes to standard error",
    "ko": "결과를 JSON 문서 하나로 표준 출력에 써요. 나머지는 모두 표준 오류로 가요",
}


class Command(Protocol):
    """What a file in app/commands holds."""

    HELP: Text
    OUTPUT: str

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser, language: str) -> None:
        """Declares the command's own arguments."""

    @staticmethod
    def run(args: argparse.Namespace, console: Console) -> int:
        """Does the work and returns the exit status."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns the exit status."""
    args = build_parser(user_language()).parse_args(arguments)
    console = open_console()
    console.as_json = args.json
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    try:
        status = _run(args, console)
        if any(thread.daemon for thread in threading.enumerate()):
            _leave(status, console)
        return status
    except KeyboardInterrupt:
        _leave(STOPPED, console)
    except BrokenPipeError:  # the reader (`| head`) has enough
        _leave(BROKEN_PIPE, console)


def build_parser(language: str) -> argparse.ArgumentParser:
    """The parser with every command found, its help in `language`."""
    parser = argparse.ArgumentParser(prog=PROGRAM, description=DESCRIPTION[language])
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, command in commands().items():
        text = command.HELP[language]
        epilog = f"--json: {command.OUTPUT}".replace("%", "%%")
        subparser = subparsers.add_parser(
            name, help=text, description=text, epilog=epilog, allow_abbrev=False
        )
        command.add_arguments(subparser, language)
        subparser.add_argument("--json", action="store_true", help=JSON_HELP[language])
        subparser.set_defaults(run=command.run, error=subparser.error)
    return parser


def commands() -> dict[str, Command]:
    """Every file of app/commands by its name."""
    names = sorted(module.name for module in pkgutil.iter_modules(app.commands.__path__))
    return {name: cast(Command, importlib.import_module(f"app.commands.{name}")) for name in names}


def _run(args: argparse.Namespace, console: Console) -> int:
    try:
        status = int(args.run(args, console))
    except BrokenPipeError:
        raise
    except Exception as error:
        console.say(console.explain(error))
        status = 1
    console.clear()
    return status


def _leave(status: int, console: Console) -> NoReturn:
    """Ends at once: a model may still be loading in its thread, and Python must not end under it."""
    console.clear()
    console.err.flush()
    os._exit(status)

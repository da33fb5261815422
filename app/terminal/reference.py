"""docs/cli.md, made from the commands themselves, and docs/metrics.md, made from the metrics:
`python -m app.terminal.reference`.

Made from the parser rather than from the text of `--help`, which differs between versions of Python.
"""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from adapters.spec import Text
from app.cli import JSON_HELP, PROGRAM, build_parser
from chains.compare.metrics import Metric, metrics

PAGES = {"cli.md": "en", "cli.ko.md": "ko", "metrics.md": "en", "metrics.ko.md": "ko"}
FOLDER = Path(__file__).parents[2] / "docs"
MARK = re.compile(r"^<!-- .*`make docs`.* -->\n", re.MULTILINE)
HEADINGS: Text = {"en": "| argument | meaning |", "ko": "| 인자 | 뜻 |"}
CHOICES: Text = {"en": "one of", "ko": "다음 중 하나:"}
SUITS: Text = {"en": "Suits", "ko": "알맞은 답"}
DEFAULT: Text = {"en": "default", "ko": "기본값"}


def page(name: str) -> str:
    """The whole page as it ought to be: what was written by hand, down to the mark, then what is made."""
    written, language = (FOLDER / name).read_text(encoding="utf-8"), PAGES[name]
    mark = MARK.search(written)
    if mark is None:
        raise ValueError(f"{name} has lost the line that names `make docs`")
    made = reference(language) if name.startswith("cli") else measures(language)
    return written[: mark.end()] + "\n" + made


def measures(language: str) -> str:
    """Every metric in Markdown: its key, its name, what it measures, which answers it suits."""
    return "\n".join(_measure(key, one, language) for key, one in metrics().items())


def _measure(key: str, one: Metric, language: str) -> str:
    suited = ", ".join(f"`{kind}`" for kind in one.suits)
    source = f"[{one.source.title}]({one.source.url})"
    title = f"## `{key}`: {one.label[language]}"
    return f"{title}\n\n{one.help[language]}\n\n{SUITS[language]}: {suited}. {source}\n"


def reference(language: str) -> str:
    """Every command in Markdown."""
    parser = build_parser(language)
    (subparsers,) = (one for one in parser._actions if isinstance(one, argparse._SubParsersAction))
    return "\n".join("\n".join(_command(name, one, language)) for name, one in subparsers.choices.items())


def _command(name: str, parser: argparse.ArgumentParser, language: str) -> Iterator[str]:
    actions = [one for one in parser._actions if not isinstance(one, argparse._HelpAction)]
    description = str(parser.description)
    yield f"## {name}\n\n{description[0].upper()}{description[1:]}.\n"
    yield f"```\n{PROGRAM} {name} {' '.join(map(_usage, actions))}\n```\n"
    described = [one for one in actions if one.help != JSON_HELP[language]]
    if described:
        yield HEADINGS[language] + "\n| --- | --- |"
        yield "\n".join(_row(one, language) for one in described) + "\n"
    yield f"`{parser.epilog}`\n"


def _usage(action: argparse.Action) -> str:
    value = action.metavar or (action.dest.upper() if action.nargs != 0 else "")
    name = " ".join(filter(None, [*action.option_strings[:1], str(value)]))
    needed = action.required and action.nargs != "?"
    return name + ("…" if action.nargs == "+" else "") if needed else f"[{name}]"


def _row(action: argparse.Action, language: str) -> str:
    meaning = (action.help or "").replace("%%", "%")
    if action.choices:
        keys = ", ".join(f"`{key}`" for key in action.choices)
        usual = f" ({DEFAULT[language]}: `{action.default}`)" if action.default is not None else ""
        meaning += f"; {CHOICES[language]} {keys}{usual}"
    name = action.option_strings[0] if action.option_strings else action.metavar
    return f"| `{name}` | {meaning} |"


if __name__ == "__main__":
    for name in PAGES:
        (FOLDER / name).write_text(page(name), encoding="utf-8")

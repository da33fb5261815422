"""Maru's commands in a process of their own, as a script calls them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
LONGEST_S = 240

Ran = subprocess.CompletedProcess[str]


def command(*arguments: object) -> list[str]:
    """`python -m app …`."""
    return [sys.executable, "-m", "app", *map(str, arguments)]


def environment(home: Path, locale: str = "C.UTF-8") -> dict[str, str]:
    """This process's environment with its own data home and language, and without the Hub."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "MARU_"))}
    return kept | {"MARU_HOME": str(home), "LANG": locale, "HF_HUB_OFFLINE": "1", "COLUMNS": "100"}


def run(home: Path, *arguments: object, locale: str = "C.UTF-8", **more: str) -> Ran:
    """Runs the command to its end; `more` is added to its environment."""
    return subprocess.run(
        command(*arguments),
        cwd=ROOT,
        env=environment(home, locale) | more,
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST_S,
        check=False,
    )


def document(ran: Ran) -> dict[str, Any]:
    """The one JSON document on standard output; anything beside it fails."""
    assert ran.stdout.endswith("\n"), ran.stderr
    assert ran.stdout.count("\n") == 1
    found: dict[str, Any] = json.loads(ran.stdout)
    return found

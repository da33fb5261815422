"""The commands that README.md shows are run as they stand there."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fpdf import FPDF

from tests.commanding import ROOT, environment

FENCE = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(python -m app [^`]+)`")
NOTE = "# Retrieval\n\nRetrieval finds the passages of a document that answer a question.\n"
PAPER = (
    "This paper studies small language models. The paper concludes that retrieval makes them more truthful."
)


def commands() -> list[list[str]]:
    """Every `python -m app …` of README.md, in its order."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = [(match.start(), match[1]) for pattern in (FENCE, INLINE) for match in pattern.finditer(text)]
    lines = [line.partition(" #")[0].strip() for _, block in sorted(found) for line in block.splitlines()]
    return [shlex.split(line) for line in lines if line.startswith("python -m app")]


def test_the_readme_shows_the_commands() -> None:
    shown = [command[3] for command in commands()]
    assert shown[:3] == ["add", "search", "ask"]
    assert {"doctor", "models"} <= set(shown)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the person of the README stands, with the files it names."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "notes.md").write_text(NOTE, encoding="utf-8")
    paper = FPDF()
    paper.add_page()
    paper.set_font("Helvetica", size=12)
    paper.multi_cell(0, text=PAPER)
    paper.output(str(folder / "paper.pdf"))
    return folder


@pytest.fixture(scope="module")
def answers(folder: Path, models_folder: Path) -> dict[str, str]:
    """What each command wrote, by its name; they are run one after the other."""
    home = folder / "home"
    home.mkdir()
    (home / "models").symlink_to(models_folder)
    env = environment(home) | {"PYTHONPATH": str(ROOT)}
    return {command[3]: _output([sys.executable, *command[1:]], folder, env) for command in commands()}


def _output(command: list[str], folder: Path, env: dict[str, str]) -> str:
    ran = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, encoding="utf-8", timeout=240, check=False
    )
    assert ran.returncode == 0, (command, ran.stderr)
    return ran.stdout


@pytest.mark.model
def test_its_files_go_in_and_are_found(answers: dict[str, str]) -> None:
    assert "notes.md" in answers["add"]
    assert "paper.pdf" in answers["add"]
    assert "finds the passages" in answers["search"]


@pytest.mark.model
def test_its_question_is_answered_from_the_paper(answers: dict[str, str]) -> None:
    answer: dict[str, Any] = json.loads(answers["ask"])
    assert answer["answer"].strip()
    assert "paper.pdf" in {passage["source"] for passage in answer["passages"]}


@pytest.mark.model
def test_it_says_what_this_machine_has(answers: dict[str, str], folder: Path) -> None:
    assert str(folder / "home") in answers["doctor"]
    assert "SmolLM2-135M-Instruct" in answers["models"]

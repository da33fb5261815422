"""The question that the flags of `ask` describe."""

from pathlib import Path

import pytest

from app.cli import build_parser
from app.services import Services
from app.settings import Settings
from app.terminal.asking import make_question
from chains.question import Question, Template
from chains.templates import BadTemplate


def described(home: Path, *flags: str) -> Question:
    services = Services(Settings(home))
    services.templates.save(Template("mine", "Be brief.", "Say: {question}"))
    args = build_parser("en").parse_args(["ask", "Hello", *flags])
    return make_question(args, services, "Hello", "en")


def test_a_template_brings_its_technique_along(tmp_path: Path) -> None:
    question = described(tmp_path, "--template", "mine")
    assert question.template is not None
    assert (question.technique, question.template.user) == ("template", "Say: {question}")
    assert described(tmp_path, "--template", "mine", "--technique", "role").technique == "role"
    assert described(tmp_path).technique == "zero_shot"


def test_an_unknown_template_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadTemplate, match="other"):
        described(tmp_path, "--template", "other")

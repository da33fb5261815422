"""What a template would send: filled with the present question, without a model and without a search."""

from dataclasses import dataclass

from app.locales import pick, say
from chains.errors import ChainError
from chains.filling import gaps
from chains.question import Prompt, Question, Template
from chains.templates import BadTemplate, render
from vectorstore.passage import Passage


@dataclass(frozen=True)
class Rendered:
    """A prompt, or the `problem` because of which there is none. `notes` are the keys of texts that tell what
    in it is only a sample."""

    question: str
    prompt: Prompt | None
    problem: str = ""
    notes: tuple[str, ...] = ()


def rendered(template: Template, asked: str, system: str, grounded: bool, language: str) -> Rendered:
    """The template filled. `system` is the settings' system prompt, which goes before the template's;
    `grounded`: a collection is chosen. Where passages or choices would stand, samples do."""
    placed = {*gaps(template.system), *gaps(template.user)}
    with_passages, with_choices = grounded or "passages" in placed, "choices" in placed
    question = Question(
        asked,
        system=system.strip() or None,
        language=language,
        choices=tuple(say("templates.sample_choice", language).split(" / ")) if with_choices else (),
    )
    notes = {
        "templates.sample_passages": with_passages,
        "templates.sample_choices": with_choices,
        "templates.own_system": bool(system.strip()),
    }
    try:
        prompt = render(template, question, _passages(language) if with_passages else ())
    except ChainError as error:
        return Rendered(asked, None, _reason(error, language))
    return Rendered(asked, prompt, notes=tuple(key for key, holds in notes.items() if holds))


def _passages(language: str) -> tuple[Passage, ...]:
    text, source = say("templates.sample_passage", language), say("templates.sample_source", language)
    return (Passage(id="", document_id="", source=source, text=text, start=0, end=len(text)),)


def _reason(error: ChainError, language: str) -> str:
    """Only why: that it is this template, everyone sees."""
    reason = error.values.get("reason")
    if isinstance(error, BadTemplate) and isinstance(reason, dict):
        said = pick(reason, language)
        return said[:1].upper() + said[1:]
    return error.text(language)

"""What the sheet holds, to and from its components: the typed template, the opened one, the list's value."""

from typing import Any

import gradio as gr

from app.forms import template_choices
from app.locales import known_language
from app.services import Services
from app.templates.show import template_list
from chains.question import Template

LANGUAGES = ("en", "ko")
FRESH = Template("", "", "{question}")
"""What a new template begins with."""
LONGEST = 20_000
"""Characters of a text; the store's bound is in bytes."""


def typed(name: Any, language: Any, system: Any, user: Any) -> Template:
    """A template from what the fields hold, whatever a client sent."""
    spoken = language if language in LANGUAGES else ""
    named, above, asked = (str(text or "")[: LONGEST + 1] for text in (name, system, user))
    return Template(named, above, asked, language=spoken)


def opened_in(value: Any) -> dict[str, Any]:
    """What the form was filled with, from the list's value; {} where it is a new template."""
    opened = value.get("opened") if isinstance(value, dict) else None
    return opened if isinstance(opened, dict) else {}


def name_in(value: Any) -> str:
    """The opened template's name; empty where it is a new one."""
    return str(opened_in(value).get("name") or "")


def own_names(services: Services, language: str | None = None) -> list[str]:
    """The names of the person's own templates."""
    found = services.templates.list(language)
    return [one.name for one in found if not services.templates.built_in(one.name)]


def listing(services: Services, template: Template | None, language: str) -> dict[str, Any]:
    """The list's value: its HTML, and the template that the form is filled with."""
    names = [one.name for one in services.templates.list(known_language(language))]
    own = own_names(services)
    built_in = [name for name in names if name not in own]
    keys = ("name", "version", "language", "system", "user")
    return {
        "html": template_list(own, built_in, template.name if template else "", language),
        "opened": template and {key: getattr(template, key) for key in keys},
    }


def choices(services: Services, language: str, value: str) -> Any:
    """The chat's choice of a template, as there are now."""
    names = [one.name for one in services.templates.list(known_language(language))]
    return gr.update(choices=template_choices(names, language), value=value)

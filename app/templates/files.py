"""Templates as YAML files, to the browser and from it, which alone writes and reads them: no path of anyone
comes here."""

from typing import Any

import gradio as gr

from app.errors import shown
from app.parts import private
from app.services import Services
from app.templates.opened import name_in, own_names

ALL = "templates"
DOWNLOAD = "(name, text) => maru.downloadTemplates(name, text)"


def export_events(services: Services, listed: gr.HTML, one: gr.Button, language: gr.Textbox) -> None:
    """Wires the export of all (the list's button) and of the opened one."""
    file = [gr.Textbox("", visible=False), gr.Textbox("", visible=False)]

    def export_all(spoken: str) -> tuple[str, str]:
        with shown(spoken):
            return ALL, services.templates.export_yaml(own_names(services))

    def export_one(value: Any, spoken: str) -> tuple[str, str]:
        with shown(spoken):
            name = name_in(value)
            return name, services.templates.export_yaml([name])

    exports = (
        listed.download(export_all, language, file, **private()),
        one.click(export_one, [listed, language], file, **private()),
    )
    for exported in exports:
        exported.success(None, file, None, js=DOWNLOAD, **private())

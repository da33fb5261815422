"""One question, answered in several ways side by side."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from app.compare.grid_form import grid_form
from app.services import Services

FEWEST, MOST, MOST_PUBLIC = 2, 8, 4


def one_question(services: Services, opened: Sequence[Any], language: gr.Textbox) -> None:
    """Lays the section out and wires it."""
    limits = (FEWEST, MOST_PUBLIC if services.settings.public else MOST)
    with gr.Column(elem_id="maru-one"):
        grid_form(services, opened, language, limits)

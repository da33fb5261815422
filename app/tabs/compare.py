"""The Compare tab: one question in many ways, sets of questions, and runs over a whole set."""

import gradio as gr

from app.compare.one_question import one_question
from app.compare.runs_section import runs_section
from app.compare.sets_section import sets_section
from app.language import label
from app.services import Services


def compare_tab(
    services: Services, page: gr.Blocks, tab: gr.Tab, language: gr.Textbox, answering: gr.Textbox
) -> None:
    """Lays the inner tabs out. A section hears of `opened` when it comes into view, and when another model
    answers."""
    with gr.Tabs(elem_id="maru-compare"):
        with gr.Tab(label("compare.one"), id="one") as one:
            one_question(services, page, [tab.select, one.select, answering.change], language)
        if not services.settings.public:  # sets are the operator's own
            with gr.Tab(label("sets.tab"), id="sets") as sets:
                sets_section(services, sets, language)
            with gr.Tab(label("runs.tab"), id="runs") as runs:
                runs_section(services, [runs.select, answering.change], language)

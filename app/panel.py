"""The settings of a question, at the right of the chat: technique, documents, system prompt, generation.

What is chosen stays in the browser; on load the server checks what the browser remembered. Which parts are
seen (examples for few-shot, a template where one is used, the way of finding with documents) is decided by
static/page.js and the styles.
"""

import json
from typing import Any

import gradio as gr
from gradio.components import Component

from app.adapter_choice import adapter_choice, choice_of
from app.collection_names import collection_names
from app.example_sets import example_sets
from app.forms import (
    DEFAULT_TECHNIQUE,
    MOST_PASSAGES,
    collection_choices,
    option_components,
    restored,
    restored_examples,
    retriever_choices,
    technique_choices,
    template_choices,
)
from app.language import label
from app.parts import Choice, bare, private
from app.services import Services
from app.settings import DEFAULT_PASSAGES, DEFAULT_RETRIEVER

ADAPTERS = ("adapter", "second_adapter")
HEAD = """<div class="head"><h2 data-text="chat.settings"></h2>
<button type="button" class="close" data-drawer="" data-label="drawer.close">×</button></div>"""
EDIT = '<button type="button" class="quiet" data-text="templates.edit"></button>'
HELP = '<p class="help"></p><p class="help unfit" role="status"></p>'


def settings_panel(
    services: Services, page: gr.Blocks, language: gr.Textbox, answering: gr.Textbox
) -> dict[str, Any]:
    """Lays the panel out and wires it. Returns what a question needs, by name."""
    bare(HEAD, "maru.texts(element)")
    technique, template = _technique()
    if not services.settings.public:
        bare(EDIT, "maru.templateOpener(element)", "maru-edit-templates")
    with gr.Column(elem_id="maru-examples"):
        examples = example_sets(services, page, language)
    collection = Choice(
        collection_choices([], "en"), value="", label=label("panel.collection"), elem_id="maru-collection"
    )
    with gr.Column(elem_id="maru-retrieval"):
        retriever = Choice(
            retriever_choices("en"), value=DEFAULT_RETRIEVER, label=label("panel.retriever"), filterable=False
        )
        passages = gr.Slider(
            1, MOST_PASSAGES, DEFAULT_PASSAGES, step=1, label=label("panel.passages"), buttons=[]
        )
    adapters = adapter_choice(services, language, answering)
    system = gr.Textbox(
        "", lines=2, max_lines=8, label=label("panel.system"), placeholder=label("panel.system_hint")
    )
    with gr.Accordion(label("panel.generation"), open=False):
        options = option_components()

    remembered: dict[str, Component] = {
        "technique": technique,
        "template": template,
        "examples": examples,
        "collection": collection,
        "retriever": retriever,
        "passages": passages,
        **adapters,
        "system": system,
        **options,
    }
    _remember(services, page, language, remembered)
    return dict(remembered)


def _technique() -> tuple[Choice, Choice]:
    """The technique with its help, and the template, for those that use one."""
    technique = Choice(
        technique_choices("en"),
        value=DEFAULT_TECHNIQUE,
        label=label("panel.technique"),
        filterable=False,
        elem_id="maru-technique",
    )
    bare(HELP, "maru.techniqueHelp(element)")
    template = Choice(
        template_choices([], "en"),
        value="",
        label=label("panel.template"),
        filterable=False,
        elem_id="maru-template",
    )
    return technique, template


def _remember(
    services: Services, page: gr.Blocks, language: gr.Textbox, remembered: dict[str, Component]
) -> None:
    """Every change goes to the browser's storage, and comes back from it when the page is loaded."""
    saved = gr.JSON({}, visible=False)

    def restore(spoken: str, kept: Any) -> list[Any]:
        names = collection_names(services, spoken, otherwise=_collection_in(kept))
        templates = [one.name for one in services.templates.list(spoken)]
        values: dict[str, Any] = {**restored(kept, names, templates), "examples": restored_examples(kept)}
        choices = {
            "technique": technique_choices(spoken),
            "template": template_choices(templates, spoken),
            "collection": collection_choices(names, spoken),
            "retriever": retriever_choices(spoken),
        }
        besides = {"second_adapter": values["adapter"] or ""}
        return [
            choice_of(services, spoken, values[name], besides.get(name), restored=True)
            if name in ADAPTERS
            else gr.update(value=values[name], choices=choices[name])
            if name in choices
            else values[name]
            for name in remembered
        ]

    page.load(None, None, language, js="() => maru.language", **private())
    page.load(
        restore,
        [language, saved],
        list(remembered.values()),
        js="() => [maru.language, maru.loadSettings()]",
        **private(),
    ).then(None, None, None, js="() => { maru.settingsRestored = true; }", **private())
    save = f"(...values) => maru.saveSettings({json.dumps(list(remembered))}, values)"
    changes = [component.change for component in remembered.values()]  # type: ignore[attr-defined]
    gr.on(changes, None, list(remembered.values()), js=save, show_progress="hidden", api_visibility="private")


def _collection_in(kept: Any) -> list[str]:
    """The collection the browser remembered: it stays chosen while nobody can tell whether it is there."""
    chosen = kept.get("collection") if isinstance(kept, dict) else None
    return [chosen] if isinstance(chosen, str) and chosen else []

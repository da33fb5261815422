"""The few-shot editor: choose a set, change its rows, save them as a set of one's own."""

from typing import Any

import gradio as gr

from app.changes import allow_changes
from app.errors import shown
from app.forms import read_examples
from app.language import label
from app.locales import say
from app.parts import Choice, bare, inform, private
from app.services import Services

AUTOMATIC = ""
ROWS = '<div class="rows"></div>'


def example_sets(services: Services, page: gr.Blocks, language: gr.Textbox) -> gr.HTML:
    """Lays the editor out and wires it. Returns the component whose value is the rows [question, answer];
    no rows mean the technique's own choice. On a public page sets are chosen and rows changed, not saved."""
    chosen = Choice([("–", AUTOMATIC)], value=AUTOMATIC, label=label("examples.set"), filterable=False)
    rows = bare(ROWS, "maru.examples(element, props, watch)", value=[])
    own = not services.settings.public
    name = gr.Textbox(label=label("examples.name"), max_length=100, visible=own)
    with gr.Row(equal_height=True, visible=own, elem_id="maru-save-examples"):
        save = gr.Button(label("examples.save"), size="sm", min_width=80)
        delete = gr.Button(label("examples.delete"), size="sm", min_width=80)

    def choices(spoken: str, value: str = AUTOMATIC) -> Any:
        names = [(name, name) for name in services.examples.names(spoken)]
        return gr.update(choices=[(say("examples.automatic", spoken), AUTOMATIC), *names], value=value)

    def choose(name: str, spoken: str) -> tuple[list[list[str]], str]:
        with shown(spoken):
            found = services.examples.get(name) if name else ()
            own = "" if not name or services.examples.built_in(name) else name
            return [[example.question, example.answer] for example in found], own

    def save_as(name: str, value: Any, spoken: str) -> Any:
        with shown(spoken):
            allow_changes(services)
            services.examples.save(name, read_examples(value) or ())
            inform(say("examples.saved", spoken, name=name.strip()))
            return choices(spoken, name.strip())

    def remove(name: str, spoken: str) -> Any:
        with shown(spoken):
            allow_changes(services)
            services.examples.delete(name)
            return choices(spoken)

    page.load(choices, language, chosen, js="() => [maru.language]", **private())
    chosen.change(choose, [chosen, language], [rows, name], **private())
    save.click(save_as, [name, rows, language], chosen, **private())
    delete.click(
        remove,
        [chosen, language],
        chosen,
        js="(...given) => maru.sure('examples.delete_sure', given)",
        **private(),
    )
    return rows

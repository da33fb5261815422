"""Making a collection: a name in any script, and the embedder that reads its documents."""

from typing import Any

import gradio as gr

from app.changes import allow_changes
from app.errors import shown
from app.language import label
from app.parts import bare, private
from app.services import Services
from app.show_documents import embedders
from vectorstore.embedders import CHOICES, DEFAULT

CHOICE = '<fieldset class="embedders"></fieldset>'
NOTE = '<p class="remark" hidden data-text="documents.korean_name"></p>'


def new_collection(services: Services, language: gr.Textbox) -> tuple[gr.State, Any]:
    """Lays the form out and wires it. Returns the name of the collection made last, and the event of it."""
    made = gr.State("")
    with gr.Accordion(label("collection.new"), open=False, elem_id="maru-new-collection") as form:
        name = gr.Textbox(label=label("collection.name"), max_length=100, elem_id="maru-collection-name")
        bare(NOTE, "maru.koreanNote(element, '#maru-collection-name')")
        embedder = bare(
            CHOICE, "maru.embedders(element, props, watch)", value={"chosen": DEFAULT, "html": ""}
        )
        create = gr.Button(label("collection.create"), variant="primary", size="sm")

    def offer(spoken: str) -> dict[str, str]:
        return {"chosen": DEFAULT, "html": embedders(CHOICES.values(), DEFAULT, spoken)}

    def make(wanted: str, choice: Any, spoken: str) -> tuple[str, str]:
        with shown(spoken):
            allow_changes(services)
            key = choice.get("chosen") if isinstance(choice, dict) else DEFAULT
            return services.store.create(wanted, str(key or DEFAULT)).name, ""

    form.expand(offer, language, embedder, **private())
    done = gr.on([create.click, name.submit], make, [name, embedder, language], [made, name], **private())
    done.success(lambda: gr.Accordion(open=False), None, form, **private())
    return made, done

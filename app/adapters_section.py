"""The adapters of the model that answers: attach, detach, delete, and import one from a folder of this
machine."""

from typing import Any

import gradio as gr

from app.changes import allow_changes
from app.errors import message_of, shown
from app.language import label
from app.local_path import local_path
from app.locales import say
from app.marked import plain
from app.parts import bare, inform, private
from app.services import Services
from app.show_adapters import adapters

PART = '<div class="part"></div>'
TITLE = '<h2 data-text="adapters.title"></h2>'
LONGEST_PATH = 1000


def adapters_section(services: Services, tab: gr.Tab, language: gr.Textbox, answering: gr.Textbox) -> None:
    """Lays the section out and wires it."""
    own = not services.settings.public
    with gr.Column(elem_id="maru-adapters"):
        bare(TITLE, "maru.texts(element)")
        listed = bare(PART, "maru.part(element, props, trigger, watch)", "maru-adapter-list", "")
        with gr.Accordion(label("adapters.import"), open=False, visible=own) as form:
            folder = gr.Textbox(
                label=label("adapters.folder"), info=label("adapters.folder_hint"), max_length=LONGEST_PATH
            )
            name = gr.Textbox(label=label("adapters.name"), max_length=64)
            take = gr.Button(
                label("adapters.take"), size="sm", variant="primary", elem_id="maru-import-button"
            )

    def listing(spoken: str) -> str:
        try:
            return adapters(services.adapters(), services.attached_adapters(), own, spoken)
        except Exception as error:
            return f'<p class="problem">{plain(message_of(error, spoken, not own))}</p>'

    def switch(spoken: str, event: gr.EventData) -> str:
        with shown(spoken, not own):
            allow_changes(services)
            act = services.attach if int(event.start) else services.detach
            act(str(event.id))
        return listing(spoken)

    def remove(spoken: str, event: gr.EventData) -> str:
        with shown(spoken, not own):
            allow_changes(services)
            services.remove_adapter(str(event.id))
        return listing(spoken)

    def import_one(place: Any, called: Any, spoken: str) -> tuple[str, str]:
        with shown(spoken, not own):
            allow_changes(services)
            source = local_path(place)
            name = str(called).strip() or source.name
            services.import_adapter(source, name)
        inform(say("adapters.done", spoken, name=name))
        return "", ""

    def again(spoken: str) -> tuple[str, Any]:
        return listing(spoken), gr.update(visible=own and services.takes_adapters())

    gr.on([tab.select, answering.change], again, language, [listed, form], **private())
    listed.select(switch, language, listed, **private())
    listed.delete(remove, language, listed, **private())
    done = gr.on([take.click, name.submit], import_one, [folder, name, language], [folder, name], **private())
    done.success(listing, language, listed, **private())

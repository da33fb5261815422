"""The Documents tab: collections at the left; at the right files go in, can be looked at, and searched."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from app.adding import add_uploads
from app.changes import allow_changes
from app.errors import message_of, shown
from app.forms import collection_choices
from app.language import label
from app.new_collection import new_collection
from app.parts import Choices, bare, private
from app.services import Services
from app.show_documents import documents, passages, problem, results
from app.stream import StopFlag
from app.uploads import Uploads
from vectorstore.loaders import suffixes

FOUND = 5
ADDING_AT_ONCE = 2
PART = '<div class="part"></div>'
HEAD = '<div class="head"><h2 data-text="documents.collections"></h2></div>'
KINDS = '<p class="hint" data-text="documents.drop"></p>'
PUBLIC = '<p class="remark" data-text="documents.public"></p>'


def documents_tab(services: Services, tab: gr.Tab, language: gr.Textbox, in_chat: gr.Dropdown) -> None:
    """Lays the tab out and wires it; what changes in the list of collections is told to the chat's choice."""
    own = not services.settings.public  # where anyone can come, nothing is changed: see app/changes.py
    with gr.Row(elem_id="maru-documents", equal_height=False):
        with gr.Column(scale=0, min_width=260, elem_id="maru-collections"):
            bare(HEAD, "maru.texts(element)")
            chosen = Choices(
                [], label=label("documents.collections"), show_label=False, elem_id="maru-chosen"
            )
            made, created = new_collection(services, language)
            if not own:
                bare(PUBLIC, "maru.texts(element)")
        with gr.Column(scale=1, min_width=320, elem_id="maru-contents"):
            with gr.Column(elem_id="maru-adding", visible=own):
                drop = Uploads(
                    file_count="multiple",
                    file_types=list(suffixes()),
                    label=label("documents.drop"),
                    show_label=False,
                    height=120,
                    elem_id="maru-drop",
                )
                bare(KINDS, "maru.texts(element)")
                halt = gr.Button(label("documents.stop"), elem_id="maru-halt", size="sm", scale=0)
            progress = bare(PART, "maru.part(element, props, trigger, watch)", value="")
            listed = bare(PART, "maru.part(element, props, trigger, watch)", "maru-listed", "")
            with gr.Row(elem_id="maru-search", equal_height=True):
                words = gr.Textbox(
                    placeholder=label("search.hint"), label=label("search.label"), show_label=False
                )
                search = gr.Button(label("search.button"), scale=0, min_width=88)
            found = bare(PART, "maru.part(element, props, trigger, watch)", value="")
            cut = bare(PART, "maru.part(element, props, trigger, watch)", value="")
            delete = gr.Button(
                label("documents.delete"), variant="stop", size="sm", elem_id="maru-delete", visible=own
            )
    stop = gr.State(StopFlag())

    def choices(spoken: str, current: Any) -> tuple[Any, Any]:
        try:
            known = [one.name for one in services.store.collections()]
        except Exception:  # `listing` comes next and says why, in the middle of the tab
            return gr.skip(), gr.skip()
        value = current if current in known else (known[0] if known else None)
        return gr.update(choices=known, value=value), gr.update(choices=collection_choices(known, spoken))

    def listing(name: Any, spoken: str) -> str:
        try:
            one = next((one for one in services.store.collections() if one.name == name), None)
            return documents(one, services.store.documents(one.name) if one else [], spoken)
        except Exception as error:
            return problem(message_of(error, spoken, not own))

    def look(name: Any, spoken: str) -> tuple[str, str, str, str]:
        return listing(name, spoken), "", "", ""

    def put_in(uploads: Any, name: Any, spoken: str, flag: StopFlag) -> Iterator[Any]:
        with shown(spoken, not own):
            for table in add_uploads(services, str(name or ""), uploads or [], spoken, flag.begin()):
                yield None, table

    def open_one(name: str, spoken: str, event: gr.EventData) -> str:
        with shown(spoken, not own):
            pieces = services.store.passages(name, str(event.id))
            info = next(one for one in services.store.documents(name) if one.id == str(event.id))
            return passages(info, pieces, int(event.start or 0), spoken)

    def delete_one(name: str, spoken: str, event: gr.EventData) -> str:
        with shown(spoken, not own):
            allow_changes(services)
            services.store.delete_document(name, str(event.id))
            return listing(name, spoken)

    def delete_all(name: str, spoken: str) -> tuple[Any, Any]:
        with shown(spoken, not own):
            allow_changes(services)
            services.store.delete(str(name or ""))
            return choices(spoken, None)

    def find(text: str, name: str, spoken: str) -> str:
        with shown(spoken, not own):
            return (
                results(services.store.search(str(name or ""), text, k=FOUND), spoken) if text.strip() else ""
            )

    both, contents = [chosen, in_chat], [listed, progress, found, cut]
    sure = "(...given) => maru.sure('documents.delete_sure', given)"
    tab.select(choices, [language, chosen], both, js="(l, c) => [maru.language, c]", **private()).then(
        listing, [chosen, language], listed, **private()
    )
    chosen.input(look, [chosen, language], contents, **private())
    created.success(choices, [language, made], both, **private()).then(
        look, [chosen, language], contents, **private()
    )
    drop.upload(
        put_in,
        [drop, chosen, language, stop],
        [drop, progress],
        concurrency_id="adding",
        **private(concurrency_limit=ADDING_AT_ONCE),
    ).then(listing, [chosen, language], listed, **private())
    halt.click(lambda flag: flag.stop(), stop, **private(queue=False))
    gr.on([listed.select, cut.select], open_one, [chosen, language], cut, **private())
    listed.delete(delete_one, [chosen, language], listed, **private())
    delete.click(delete_all, [chosen, language], both, js=sure, **private()).then(
        look, [chosen, language], contents, **private()
    )
    gr.on([words.submit, search.click], find, [words, chosen, language], found, **private())

"""One saved set on the screen: its questions page by page, searched and changed; its name, its download."""

import json
from dataclasses import dataclass
from typing import Any

import gradio as gr

from app.changes import allow_changes
from app.compare.editing import edited
from app.compare.paging import page_of
from app.compare.show_sets import opened, problem
from app.errors import message_of, shown
from app.language import label
from app.parts import bare, private
from app.services import Services
from chains.compare.question_set import Item
from chains.compare.reading import as_values

PART = '<div class="part"></div>'
LONGEST_SEARCH = 500
DOWNLOAD = "(name, text) => maru.saveText(name, text)"


@dataclass(frozen=True)
class OpenedSet:
    """The set that is looked at: `name` holds its name ("" for none); `events` are those that change it."""

    name: gr.State
    events: tuple[Any, ...]


def opened_set(services: Services, language: gr.Textbox) -> OpenedSet:
    """Lays the part out and wires it."""
    name, at = gr.State(""), gr.State(0)
    with gr.Column(elem_id="maru-set"):
        with gr.Row(elem_id="maru-set-tools", equal_height=True):
            words = gr.Textbox(
                placeholder=label("sets.search"),
                label=label("sets.search"),
                show_label=False,
                max_length=LONGEST_SEARCH,
                elem_id="maru-set-search",
            )
            download = gr.Button(label("sets.download"), scale=0, min_width=120, elem_id="maru-set-download")
        page = bare(PART, "maru.entries(element, props, trigger, watch)", "maru-set-page", "")
        with gr.Accordion(label("sets.rename"), open=False, elem_id="maru-set-renaming"):
            called = gr.Textbox(label=label("sets.new_name"), max_length=100)
            rename = gr.Button(label("sets.rename"), size="sm", elem_id="maru-set-rename")
    file, lines = gr.Textbox(visible=False), gr.Textbox(visible=False)

    def look(which: str, words: Any, spoken: str) -> tuple[str, int]:
        return set_page(services, which, words, 0, spoken), 0

    def turn(which: str, words: Any, spoken: str, event: gr.EventData) -> tuple[str, int]:
        start = int(event.start or 0)
        return set_page(services, which, words, start, spoken), start

    def change(which: str, words: Any, start: int, spoken: str, event: gr.EventData) -> str:
        with shown(spoken):
            allow_changes(services)
            change_question(services, which, event)
        return set_page(services, which, words, start, spoken)

    def remove(which: str, words: Any, start: int, spoken: str, event: gr.EventData) -> str:
        with shown(spoken):
            allow_changes(services)
            services.question_sets.remove(which, str(event.id))
        return set_page(services, which, words, start, spoken)

    def call(which: str, new: Any, spoken: str) -> tuple[str, str]:
        with shown(spoken):
            allow_changes(services)
            services.question_sets.rename(which, str(new or ""))
        return str(new).strip(), ""

    def give(which: str, spoken: str) -> tuple[str, str]:
        with shown(spoken):
            allow_changes(services)
            return f"{which}.jsonl", as_lines(services, which)

    shown_now = [name, words, language]
    gr.on([name.change, words.submit], look, shown_now, [page, at], **private())
    words.change(look, shown_now, [page, at], trigger_mode="always_last", **private())
    page.select(turn, shown_now, [page, at], **private())
    kept = page.submit(change, [name, words, at, language], page, **private())
    gone = page.delete(remove, [name, words, at, language], page, **private())
    new = gr.on([rename.click, called.submit], call, [name, called, language], [name, called], **private())
    download.click(give, [name, language], [file, lines], **private()).success(
        None, [file, lines], js=DOWNLOAD
    )
    return OpenedSet(name, (new, kept, gone))


def set_page(services: Services, name: str, words: Any, start: Any, spoken: str) -> str:
    """A page of the set, "" where none is opened; a set that cannot be read says why."""
    if not name:
        return ""
    try:
        allow_changes(services)
        found = services.question_sets.get(name)
        return opened(found, page_of(found.items, words, start), spoken)
    except Exception as error:
        return f'<section class="set">{problem(message_of(error, spoken))}</section>'


def change_question(services: Services, name: str, event: gr.EventData) -> None:
    """Puts what a form says in the place of its question. Raises BadSet."""
    id = str(event.id)
    found = services.question_sets.get(name).items
    old = next((item for item in found if item.id == id), Item(id, ""))  # gone meanwhile: `edit` says so
    services.question_sets.edit(name, id, edited(old, event.values))


def as_lines(services: Services, name: str) -> str:
    """The set as JSON Lines. Raises BadSet."""
    items = services.question_sets.get(name).items
    return "".join(json.dumps(as_values(item), ensure_ascii=False) + "\n" for item in items)

"""Question sets in the Compare tab: those that are saved, one of them opened, and three ways to make one."""

from typing import Any

import gradio as gr

from app.changes import allow_changes
from app.compare.set_draft import set_draft
from app.compare.set_import import set_import
from app.compare.set_opened import opened_set
from app.compare.set_public import set_public
from app.compare.show_sets import problem, sets
from app.errors import message_of, shown
from app.parts import bare, private
from app.services import Services

PART = '<div class="part"></div>'


def sets_section(services: Services, tab: gr.Tab, language: gr.Textbox) -> None:
    """Lays the section out and wires it; a public page has none: sets are its operator's own."""
    if services.settings.public:
        return
    with gr.Column(elem_id="maru-sets"):
        listed = bare(PART, "maru.part(element, props, trigger, watch)", "maru-set-list", "")
        opened = opened_set(services, language)
        bare('<h2 data-text="sets.new"></h2>', "maru.texts(element)")
        made = [form(services, language) for form in (set_import, set_public, set_draft)]

    def listing(chosen: str, spoken: str) -> str:
        try:
            allow_changes(services)
            return sets(services.question_sets.list(), chosen, spoken)
        except Exception as error:
            return problem(message_of(error, spoken))

    def choose(chosen: str, spoken: str, event: gr.EventData) -> tuple[str, str]:
        name = "" if str(event.id) == chosen else str(event.id)  # a second click closes it
        return name, listing(name, spoken)

    def remove(chosen: str, spoken: str, event: gr.EventData) -> tuple[str, str]:
        with shown(spoken):
            allow_changes(services)
            services.question_sets.delete(str(event.id))
        name = "" if str(event.id) == chosen else chosen
        return name, listing(name, spoken)

    def show(name: str, chosen: str, spoken: str) -> tuple[str, str]:
        return name or chosen, listing(name or chosen, spoken)

    def again(chosen: str, spoken: str) -> Any:
        return listing(chosen, spoken)

    both = [opened.name, listed]
    tab.select(again, [opened.name, language], listed, **private())
    listed.select(choose, [opened.name, language], both, **private())
    listed.delete(remove, [opened.name, language], both, **private())
    for name, done in made:
        done.success(show, [name, opened.name, language], both, **private())
    for event in opened.events:
        event.success(again, [opened.name, language], listed, **private())

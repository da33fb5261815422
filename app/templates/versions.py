"""The versions of the opened template: restored with one press, any two compared line by line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from app.changes import allow_changes
from app.errors import shown
from app.language import label
from app.locales import say
from app.parts import Choice, bare, inform, private
from app.services import Services
from app.templates import show
from app.templates.opened import name_in
from chains.question import Template
from chains.templates import difference

PART = '<div class="part"></div>'
TITLE = '<h3 data-text="templates.versions"></h3>'


@dataclass(frozen=True)
class Versions:
    """The components of the section."""

    column: gr.Column
    listed: gr.HTML
    older: Choice
    newer: Choice
    changes: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        """What `values` are for."""
        return [self.column, self.listed, self.older, self.newer, self.changes]

    def values(self, kept: Sequence[Template], language: str) -> list[Any]:
        """The section for these versions (none: it is not seen), the last two compared."""
        if not kept:
            return [gr.update(visible=False), "", gr.update(), gr.update(), ""]
        several = len(kept) > 1
        older, newer = kept[-2 if several else -1], kept[-1]
        named = [(say("templates.version", language, version=one.version), str(one.version)) for one in kept]
        pick = [gr.update(choices=named, value=str(one.version), visible=several) for one in (older, newer)]
        changed = show.changes(difference(older, newer), language) if several else ""
        return [gr.update(visible=True), show.versions(kept, language), *pick, changed]

    def wire(
        self,
        services: Services,
        opened: gr.HTML,
        language: gr.Textbox,
        filled: Callable[[Template, Template, str], list[Any]],
        whole: list[Any],
    ) -> None:
        """`opened` holds the name; `filled(template, texts, language)` is what `whole` shows of one."""

        def compare(value: Any, older: Any, newer: Any, spoken: str) -> str:
            with shown(spoken):
                pair = (int(version) for version in (older, newer))
                return show.changes(services.templates.diff(name_in(value), *pair), spoken)

        def restore(value: Any, spoken: str, event: gr.EventData) -> list[Any]:
            with shown(spoken):
                allow_changes(services)
                old = services.templates.get(name_in(value), int(event.id))
                saved = services.templates.save(old)
                told = {"old": old.version, "version": saved.version}
                inform(say("templates.restored", spoken, **told))
                return filled(saved, saved, spoken)

        chosen = [opened, self.older, self.newer, language]
        gr.on([self.older.input, self.newer.input], compare, chosen, self.changes, **private())
        self.listed.select(restore, [opened, language], whole, **private())


def versions_section() -> Versions:
    """Lays the section out."""
    with gr.Column(visible=False, elem_id="maru-template-versions") as column:
        bare(TITLE, "maru.texts(element)")
        listed = bare(PART, "maru.templateVersions(element, props, trigger, watch)", value="")
        with gr.Row(equal_height=True):
            older, newer = (
                Choice([("–", "")], value="", label=label(key), filterable=False, min_width=100)
                for key in ("templates.from", "templates.to")
            )
        changes = bare(PART, "maru.part(element, props, trigger, watch)", "maru-template-changes", "")
    return Versions(column, listed, older, newer, changes)

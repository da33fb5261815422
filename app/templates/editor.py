"""The editor: a sheet over the chat with the list, the form, the preview and the versions.

Opened from the settings, drawn in part by static/templates.js; what is not saved is kept in the browser. It
is not laid out on a public page, where nobody may write.
"""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from app.changes import allow_changes
from app.errors import shown
from app.language import label
from app.locales import known_language, say
from app.parts import Choice, bare, inform, private
from app.services import Services
from app.templates.files import export_events
from app.templates.opened import FRESH, LONGEST, choices, listing, name_in, opened_in, typed
from app.templates.sample import rendered
from app.templates.show import preview, state
from app.templates.versions import Versions, versions_section
from chains.kept_files import LONGEST_NAME, clean_name
from chains.question import Template
from chains.templates import VARIABLES

HEAD = """<div class="head"><h2 data-text="templates.title"></h2>
<button type="button" class="sheet-close" data-label="drawer.close">×</button></div>"""
PART = '<div class="part"></div>'
TITLE = '<h3 data-text="{key}"></h3>'
CHIPS = f'<p class="help" data-text="templates.variables"></p><ul data-names="{" ".join(VARIABLES)}"></ul>'
SPOKEN = "() => [maru.language]"
KEEP = "(...given) => maru.keepTemplate(given)"


@dataclass(frozen=True)
class Sheet:
    """The components. `listed` holds {"html", "opened"}: the list, and what the form was filled with."""

    listed: gr.HTML
    state: gr.HTML
    fields: tuple[Any, ...]  # name, language, system, user
    buttons: tuple[Any, ...]  # save, duplicate, export, delete
    seen: gr.HTML
    asked: gr.Textbox
    versions: Versions


def template_editor(services: Services, page: gr.Blocks, language: gr.Textbox, panel: dict[str, Any]) -> None:
    """Lays the sheet out and wires it; what is saved becomes a choice of `panel["template"]`."""
    sheet = _layout(page, language)
    listed, fields, chosen = sheet.listed, list(sheet.fields), panel["template"]
    told = [listed, sheet.state, *sheet.buttons, *sheet.versions.outputs]

    def facts(template: Template | None, spoken: str) -> list[Any]:
        """For `told`: all around the form, with `template` opened (None: a new one)."""
        own = template is not None and not services.templates.built_in(template.name)
        editable = template is None or own
        kept = services.templates.versions(template.name) if template is not None and own else ()
        seen = [gr.update(visible=one) for one in (editable, template is not None, own, own)]
        return [
            listing(services, template, spoken),
            state(template, own, spoken),
            *seen,
            *sheet.versions.values(kept, spoken),
        ]

    def filled(template: Template | None, texts: Template, spoken: str) -> list[Any]:
        """For `told` and `fields`: `texts` stand in the form."""
        editable = template is None or not services.templates.built_in(template.name)
        values = (texts.name, texts.language, texts.system, texts.user)
        return [
            *facts(template, spoken),
            *(gr.update(value=value, interactive=editable) for value in values),
        ]

    def begin(chosen: Any, spoken: str, event: gr.EventData) -> list[Any]:
        """Opens what was being written when the sheet was closed, or the chosen template, or a new one."""
        draft = event.draft if isinstance(event.draft, dict) else None
        name = str(draft.get("opened") if draft else chosen or "")
        names = {one.name for one in services.templates.list()}
        template = services.templates.get(name) if name in names else None
        texts = template or FRESH
        if draft and not (template and services.templates.built_in(name)):
            texts = typed(*(draft.get(key) for key in ("name", "language", "system", "user")))
        return [*filled(template, texts, spoken), str(event.asked)[:LONGEST]]

    def open_one(spoken: str, event: gr.EventData) -> list[Any]:
        with shown(spoken):
            template = services.templates.get(str(event.id))
            return filled(template, template, spoken)

    def fresh(spoken: str) -> list[Any]:
        return filled(None, FRESH, spoken)

    def duplicate(name: Any, written_in: Any, system: Any, user: Any, spoken: str) -> list[Any]:
        copied = say("templates.copy_name", spoken, name=str(name or "").strip())[:LONGEST_NAME]
        return filled(None, typed(copied, written_in, system, user), spoken)

    def save(value: Any, name: Any, written_in: Any, system: Any, user: Any, spoken: str) -> list[Any]:
        with shown(spoken):
            allow_changes(services)
            before, written = opened_in(value), typed(name, written_in, system, user)
            known = before.get("name") == clean_name(written.name)
            keep = services.templates.save if known else services.templates.add
            saved = keep(written)
            same = known and before.get("version") == saved.version
            key = "templates.unchanged" if same else "templates.saved"
            inform(say(key, spoken, name=saved.name, version=saved.version))
            return [*facts(saved, spoken), choices(services, spoken, saved.name)]

    def delete(value: Any, chosen: Any, spoken: str) -> list[Any]:
        with shown(spoken):
            allow_changes(services)
            name = name_in(value)
            services.templates.delete(name)
            inform(say("templates.deleted", spoken, name=name))
            left = "" if chosen == name else str(chosen or "")
            return [*filled(None, FRESH, spoken), choices(services, spoken, left)]

    def take(chosen: Any, spoken: str, event: gr.EventData) -> list[Any]:
        """Imports a YAML text; the first of its templates is opened."""
        with shown(spoken):
            allow_changes(services)
            taken = services.templates.import_yaml(str(event.text))
            inform(say("templates.imported", spoken, names=imported(taken, spoken)))
            first = taken[0]
            return [*filled(first, first, spoken), choices(services, spoken, str(chosen or ""))]

    def look(name: Any, written_in: Any, system: Any, user: Any, *rest: Any) -> str:
        asked, own_system, collection, spoken = rest
        written = typed(name, written_in, system, user)
        language_ = known_language(spoken)
        return preview(
            rendered(written, str(asked), str(own_system or ""), bool(collection), language_), language_
        )

    keep_button, copy_button, export_button, delete_button = sheet.buttons
    whole = [*told, *fields]
    begun = listed.expand(begin, [chosen, language], [*whole, sheet.asked], **private())
    listed.select(open_one, language, whole, **private())
    listed.clear(fresh, language, whole, **private())
    copy_button.click(duplicate, [*fields, language], whole, **private())
    saved = keep_button.click(save, [listed, *fields, language], [*told, chosen], **private())
    delete_button.click(
        delete,
        [listed, chosen, language],
        [*whole, chosen],
        js="(...given) => maru.sureOfTemplate(given)",
        **private(),
    )
    told_of = [*fields, sheet.asked, panel["system"], panel["collection"], language]
    changed = [component.change for component in fields]
    gr.on(changed, look, told_of, sheet.seen, trigger_mode="always_last", **private())
    begun.success(look, told_of, sheet.seen, **private())
    taken = listed.upload(take, [chosen, language], [*whole, chosen], **private())
    written = [*fields, listed]
    gr.on(changed, None, written, js=KEEP, **private())
    for done in (saved, taken):  # the fields may be as they were, and yet are saved now
        done.success(None, written, None, js=KEEP, **private())
    export_events(services, listed, export_button, language)
    sheet.versions.wire(services, listed, language, filled, whole)


def imported(taken: tuple[Template, ...], language: str) -> str:
    """The imported templates' names, each with its version."""
    versions = [say("templates.version", language, version=one.version) for one in taken]
    return ", ".join(f"{one.name} ({version})" for one, version in zip(taken, versions, strict=True))


def _layout(page: gr.Blocks, language: gr.Textbox) -> Sheet:
    with gr.Column(elem_id="maru-templates"):
        bare(HEAD, "maru.sheet(element)")
        with gr.Row(elem_id="maru-templates-body", equal_height=False):
            listed = bare(PART, "maru.templateList(element, props, trigger, watch)", "maru-template-list", {})
            with gr.Column(elem_id="maru-template-form", min_width=0):
                told = bare(PART, "maru.part(element, props, trigger, watch)", value="")
                fields = _fields(page, language)
                with gr.Row(equal_height=True, elem_id="maru-template-buttons"):
                    buttons = _buttons()
            with gr.Column(elem_id="maru-template-seen", min_width=0):
                bare(TITLE.format(key="templates.preview"), "maru.texts(element)")
                seen = bare(PART, "maru.part(element, props, trigger, watch)", "maru-template-preview", "")
                versions = versions_section()
        asked = gr.Textbox("", visible=False)
    return Sheet(listed, told, fields, buttons, seen, asked, versions)


def _fields(page: gr.Blocks, language: gr.Textbox) -> tuple[Any, ...]:
    with gr.Row(equal_height=False):
        name = gr.Textbox("", label=label("templates.name"), max_length=LONGEST_NAME, scale=2, min_width=140)
        spoken = Choice([("–", "")], value="", label=label("templates.language"), filterable=False)
    system = gr.Textbox(
        "",
        lines=3,
        max_lines=10,
        label=label("templates.system"),
        info=label("templates.system_hint"),
        max_length=LONGEST,
        elem_id="maru-template-system",
    )
    user = gr.Textbox(
        "",
        lines=5,
        max_lines=14,
        label=label("templates.user"),
        info=label("templates.user_hint"),
        max_length=LONGEST,
        elem_id="maru-template-user",
    )
    bare(CHIPS, "maru.templateVariables(element)", "maru-template-chips")
    page.load(lambda told: gr.update(choices=_languages(told)), language, spoken, js=SPOKEN, **private())
    return name, spoken, system, user


def _languages(language: str) -> list[tuple[str, str]]:
    return [("English", "en"), ("한국어", "ko"), (say("templates.any_language", language), "")]


def _buttons() -> tuple[Any, ...]:
    save = gr.Button(label("templates.save"), variant="primary", size="sm", min_width=72)
    duplicate = gr.Button(label("templates.duplicate"), size="sm", min_width=72, visible=False)
    export = gr.Button(label("templates.export"), size="sm", min_width=72, visible=False)
    delete = gr.Button(label("templates.delete"), size="sm", min_width=72, visible=False)
    return save, duplicate, export, delete

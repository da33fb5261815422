"""A set from a file: what stands in it, which column is what, what is wrong with it, then save."""

from pathlib import Path
from typing import Any

import gradio as gr

from app.changes import allow_changes
from app.compare import show_import
from app.compare.importing import (
    GUESS,
    MAPPED,
    NO_COLUMN,
    Staged,
    answer_type_of,
    chosen_values,
    column_choices,
    columns_of,
)
from app.compare.saving import closed, saved_as
from app.compare.show_sets import LANGUAGES, type_name
from app.errors import message_of, shown
from app.language import label
from app.locales import say
from app.parts import Choice, bare, private
from app.services import Services
from app.uploads import Uploads
from chains.compare.fields import FIELDS, LETTERS
from chains.compare.question_set import ANSWER_TYPES, QuestionSet
from chains.compare.reading import suffixes
from chains.errors import BadSet
from chains.kept_files import LONGEST_NAME

PART = '<div class="part"></div>'
DRAWN = "maru.part(element, props, trigger, watch)"


def set_import(services: Services, language: gr.Textbox) -> tuple[gr.State, Any]:
    """Lays the form out and wires it. Returns the name of the set saved last, and the event of it."""
    saved, staged = gr.State(""), gr.State(Staged(), delete_callback=Staged.drop)
    with gr.Accordion(label("sets.import"), open=False, elem_id="maru-set-import") as whole:
        drop = Uploads(
            file_count="single",
            file_types=list(suffixes()),
            label=label("sets.drop"),
            show_label=False,
            height=120,
            elem_id="maru-set-drop",
        )
        bare('<p class="hint" data-text="sets.drop"></p>', "maru.texts(element)")
        first = bare(PART, DRAWN, "maru-set-preview", "")
        with gr.Column(elem_id="maru-set-mapping", visible=False) as form:
            with gr.Row(elem_classes="maru-columns"):
                columns = {field: _column(field) for field in FIELDS}
            with (
                gr.Accordion(label("sets.letters"), open=False) as letters,
                gr.Row(elem_classes="maru-columns"),
            ):
                columns |= {field: _column(field) for field in LETTERS}
            with gr.Row(elem_classes="maru-columns"):
                kind = Choice(type_choices("en"), value=GUESS, label=label("sets.type"), filterable=False)
                spoken_in = Choice(
                    language_choices("en"), value=GUESS, label=label("sets.language"), filterable=False
                )
                name = gr.Textbox(label=label("sets.set_name"), max_length=LONGEST_NAME)
            verdict = bare(PART, DRAWN, "maru-set-verdict", "")
            save = gr.Button(label("sets.save"), variant="primary", size="sm", elem_id="maru-set-save")
    fields, chosen = list(columns.values()), [kind, spoken_in]

    def take(uploads: Any, file: Staged, spoken: str, *given: Any) -> list[Any]:
        with shown(spoken):
            allow_changes(services)
            if not uploads:
                return [gr.skip()] * (len(fields) + 8)
            before = file.preview
            try:
                found = file.take(uploads[0])
            except BadSet as error:  # every fault of it stays on the screen
                faults = show_import.faults(error.text(spoken))
                return [None, faults, gr.update(visible=False), *[gr.skip()] * (len(fields) + 5)]
        again = before is not None and before.headers == found.headers  # mended: what was chosen stays
        values = list(given[: len(fields)]) if again else chosen_values(found)
        mapped = columns_of(values, found.headers)
        updates = [_filled(found, field, value, spoken) for field, value in zip(MAPPED, values, strict=True)]
        return [
            None,
            show_import.preview(found, spoken),
            gr.update(visible=True),
            *updates,
            gr.update(open=any(letter in mapped for letter in LETTERS)),
            gr.update(choices=type_choices(spoken)),
            gr.update(choices=language_choices(spoken)),
            gr.skip() if again else Path(found.name).stem[:LONGEST_NAME],
            looked_at(file, values, *given[len(fields) :], spoken=spoken),
        ]

    def look(file: Staged, spoken: str, *given: Any) -> str:
        with shown(spoken):
            allow_changes(services)
        return looked_at(file, given[: len(fields)], *given[len(fields) :], spoken=spoken)

    def keep(file: Staged, called: Any, spoken: str, *given: Any) -> list[Any]:
        with shown(spoken):
            allow_changes(services)
            found = read(file, given[: len(fields)], *given[len(fields) :])
            done = saved_as(services, found, called, spoken)
            file.drop()
        return [done, "", gr.update(visible=False), ""]

    filled = [drop, first, form, *fields, letters, *chosen, name, verdict]
    drop.upload(take, [drop, staged, language, *fields, *chosen], filled, **private())
    changed = [one.input for one in [*fields, *chosen]]
    gr.on(changed, look, [staged, language, *fields, *chosen], verdict, **private())
    given = [staged, name, language, *fields, *chosen]
    done = gr.on([save.click, name.submit], keep, given, [saved, first, form, name], **private())
    done.success(closed, saved, whole, **private())
    return saved, done


def looked_at(file: Staged, values: Any, kind: Any, language: Any, *, spoken: str) -> str:
    """What would be saved, or every fault."""
    headers = file.preview.headers if file.preview else ()
    taken = set(columns_of(values, headers).values())
    unused = show_import.unused([header for header in headers if header not in taken], spoken)
    try:
        found = read(file, values, kind, language)
        guessed = (answer_type_of(kind) is None, language not in LANGUAGES)
        return show_import.ready(found, *guessed, spoken) + unused
    except Exception as error:
        return show_import.faults(message_of(error, spoken)) + unused


def read(file: Staged, values: Any, kind: Any, language: Any) -> QuestionSet:
    """The questions as the form says. Raises BadSet."""
    headers = file.preview.headers if file.preview else ()
    return file.read(columns_of(values, headers), kind, language)


def type_choices(spoken: str) -> list[tuple[str, str]]:
    """(name on the screen, key) of every answer type, and of guessing it."""
    return [(say("sets.guess", spoken), GUESS), *((type_name(one, spoken), one) for one in ANSWER_TYPES)]


def language_choices(spoken: str) -> list[tuple[str, str]]:
    """(name on the screen, code) of every language, and of guessing it."""
    return [(say("sets.guess", spoken), GUESS), *((name, code) for code, name in LANGUAGES.items())]


def _column(field: str) -> gr.Dropdown:
    return Choice(
        [("–", NO_COLUMN)], value=NO_COLUMN, label=label(f"set_field.{field}"), elem_id=f"maru-column-{field}"
    )


def _filled(found: Any, field: str, value: str, spoken: str) -> Any:
    nothing = say("sets.numbered" if field == "id" else "sets.no_column", spoken)
    return gr.update(
        choices=column_choices(found.headers, nothing),
        value=value,
        info=show_import.reason(found, field, spoken) or None,
    )

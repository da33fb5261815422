"""A public set as one's own: which, how many of its questions, from the Hub or a folder; then save."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from app.changes import allow_changes
from app.compare.public_sets import (
    LARGEST_SEED,
    MOST,
    USUAL,
    chosen_offer,
    first_language,
    loaded,
    offers,
    usual_name,
)
from app.compare.saving import closed, saved_as
from app.compare.show_public import public
from app.errors import shown
from app.language import label
from app.locales import say
from app.marked import plain
from app.parts import Choice, Choices, bare, private
from app.services import Services
from app.stream import StopFlag, newest
from chains.compare.public import public_set
from chains.kept_files import LONGEST_NAME

PART = '<div class="part"></div>'
FIELD = '<fieldset class="choices"></fieldset>'
LONGEST_PATH = 1000
HUB, FOLDER = "hub", "folder"


def set_public(services: Services, language: gr.Textbox) -> tuple[gr.State, Any]:
    """Lays the form out and wires it. Returns the name of the set saved last, and the event of it."""
    saved, stop = gr.State(""), gr.State(StopFlag())
    with gr.Accordion(label("sets.public"), open=False, elem_id="maru-set-public") as form:
        place = Choices(place_choices("en"), value=HUB, label=label("sets.from"))
        folder = gr.Textbox(
            label=label("sets.folder"), info=label("sets.folder_hint"), max_length=LONGEST_PATH, visible=False
        )
        listed = bare(FIELD, "maru.choosing(element, props, trigger, watch)", "maru-public-list", {})
        with gr.Row(elem_classes="maru-columns"):
            limit = gr.Number(USUAL, label=label("sets.limit"), precision=0, minimum=1, maximum=MOST)
            seed = gr.Number(0, label=label("sets.seed"), precision=0, minimum=0, maximum=LARGEST_SEED)
            spoken_in = Choice([], label=label("sets.language"), filterable=False, visible=False)
            name = gr.Textbox(label=label("sets.set_name"), max_length=LONGEST_NAME)
        with gr.Row(elem_classes="maru-acts"):
            save = gr.Button(
                label("sets.take"), variant="primary", size="sm", scale=0, elem_id="maru-public-save"
            )
            halt = gr.Button(label("sets.stop"), size="sm", scale=0, elem_id="maru-public-stop")
        state = bare(PART, "maru.part(element, props, trigger, watch)", "maru-public-state", "")

    def offer(value: Any, wanted: Any, spoken: str) -> list[Any]:
        with shown(spoken):
            allow_changes(services)
            found = offers(wanted == FOLDER)
            chosen = chosen_offer(value, found)
            places = gr.update(choices=place_choices(spoken))
            return [
                places,
                gr.update(visible=wanted == FOLDER),
                {"chosen": chosen, "html": public(found, chosen, spoken)},
            ]

    def choose(value: Any, count: Any) -> list[Any]:
        key = value.get("chosen") if isinstance(value, dict) else ""
        if not key:
            return [gr.update(visible=False), ""]
        one = public_set(str(key))
        languages = gr.update(
            choices=list(one.languages), value=first_language(one) or None, visible=bool(one.languages)
        )
        return [languages, usual_name(one, count, first_language(one))]

    def rename(value: Any, count: Any, chosen_language: Any) -> Any:
        key = value.get("chosen") if isinstance(value, dict) else ""
        return usual_name(public_set(str(key)), count, chosen_language) if key else gr.skip()

    def keep(value: Any, wanted: Any, path: Any, flag: StopFlag, spoken: str, *given: Any) -> Iterator[Any]:
        with shown(spoken):
            allow_changes(services)
            *how, called = given
            key = str(value.get("chosen") or "") if isinstance(value, dict) else ""
            event, found = flag.begin(), None
            source = path if wanted == FOLDER else ""
            yield "", reading(spoken)
            try:
                for news in newest(lambda: iter([loaded(key, source, *how)]), event):
                    found = news or found
                    if event.is_set():
                        found = None
                        break
                    yield gr.skip(), gr.skip()
                done = found and saved_as(services, found, called, spoken)
            except Exception:
                yield "", ""
                raise
            yield done or "", ""

    gr.on(
        [form.expand, place.input], offer, [listed, place, language], [place, folder, listed], **private()
    ).then(choose, [listed, limit], [spoken_in, name], **private())
    listed.select(choose, [listed, limit], [spoken_in, name], **private())
    gr.on([limit.input, spoken_in.input], rename, [listed, limit, spoken_in], name, **private())
    given = [listed, place, folder, stop, language, limit, seed, spoken_in, name]
    done = gr.on(
        [save.click, folder.submit],
        keep,
        given,
        [saved, state],
        concurrency_id="reading",
        **private(concurrency_limit=2),
    )
    halt.click(lambda flag: flag.stop(), stop, **private(queue=False))
    done.success(closed, saved, form, **private())
    return saved, done


def reading(spoken: str) -> str:
    """What is shown while a set is read."""
    return f'<p class="waiting" aria-busy="true">{plain(say("sets.reading", spoken))}</p>'


def place_choices(spoken: str) -> list[tuple[str, str]]:
    """(name on the screen, key) of where a set may come from."""
    return [(say("sets.hub", spoken), HUB), (say("sets.on_disk", spoken), FOLDER)]

"""A set from a collection: the model drafts questions, the person keeps, changes or drops each; then save."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from app.changes import allow_changes
from app.compare.drafting import Wanted, drafting
from app.compare.drafts import Drafts
from app.compare.importing import GUESS
from app.compare.saving import closed, saved_as
from app.compare.set_import import language_choices
from app.compare.show_drafts import drafts
from app.compare.show_sets import LANGUAGES, empty
from app.errors import BadOption, shown
from app.language import label
from app.locales import say
from app.parts import Choice, bare, private
from app.services import Services
from app.stream import StopFlag
from chains.kept_files import LONGEST_NAME

PART = '<div class="part"></div>'
USUAL, MOST = 10, 200


def set_draft(services: Services, language: gr.Textbox) -> tuple[gr.State, Any]:
    """Lays the form out and wires it. Returns the name of the set saved last, and the event of it."""
    saved, stop, held = gr.State(""), gr.State(StopFlag()), gr.State(Drafts())
    with gr.Accordion(label("sets.draft"), open=False, elem_id="maru-set-draft") as form:
        bare('<p class="hint" data-text="drafts.words"></p>', "maru.texts(element)")
        with gr.Row(elem_classes="maru-columns"):
            collection = Choice([], label=label("drafts.collection"), elem_id="maru-draft-collection")
            count = gr.Number(USUAL, label=label("drafts.count"), precision=0, minimum=1, maximum=MOST)
            spoken_in = Choice(
                language_choices("en"), value=GUESS, label=label("sets.language"), filterable=False
            )
        with gr.Row(elem_classes="maru-acts"):
            run = gr.Button(
                label("drafts.start"), variant="primary", size="sm", scale=0, elem_id="maru-draft-start"
            )
            halt = gr.Button(label("sets.stop"), size="sm", scale=0, elem_id="maru-draft-stop")
        state = bare(PART, "maru.part(element, props, trigger, watch)", "maru-draft-state", "")
        listed = bare(PART, "maru.entries(element, props, trigger, watch)", "maru-draft-list", "")
        with gr.Row(elem_id="maru-draft-saving", equal_height=False):
            name = gr.Textbox(label=label("sets.set_name"), max_length=LONGEST_NAME)
            save = gr.Button(
                label("sets.save"), variant="primary", size="sm", scale=0, elem_id="maru-draft-save"
            )

    def offer(present: Any, spoken: str) -> list[Any]:
        with shown(spoken):
            allow_changes(services)
            known = [one.name for one in services.store.collections() if one.problem is None]
        value = present if present in known else next(iter(known), None)
        hint = "" if known else empty(say("drafts.no_collection", spoken))
        return [gr.update(choices=known, value=value), gr.update(choices=language_choices(spoken)), hint]

    def start(flag: StopFlag, own: Drafts, where: Any, number: Any, said: Any, spoken: str) -> Iterator[Any]:
        with shown(spoken):
            allow_changes(services)
            language_of = said if said in LANGUAGES else None
            wanted = Wanted(str(where or ""), how_many(number), language_of)
            event = flag.begin()
            own.begin()
            try:
                for words in drafting(services, own, wanted, event, spoken):
                    yield words, drafts(own.all(), spoken)
            except Exception:
                yield "", drafts(own.all(), spoken)  # what came by then stays
                raise

    def tick(own: Drafts, spoken: str, event: gr.EventData) -> str:
        with shown(spoken):
            allow_changes(services)
            own.keep(str(event.id), bool(event.start))
        return drafts(own.all(), spoken)

    def change(own: Drafts, spoken: str, event: gr.EventData) -> str:
        with shown(spoken):
            allow_changes(services)
            own.edit(str(event.id), event.values)
        return drafts(own.all(), spoken)

    def drop(own: Drafts, spoken: str, event: gr.EventData) -> str:
        with shown(spoken):
            allow_changes(services)
            own.drop(str(event.id))
        return drafts(own.all(), spoken)

    def keep(flag: StopFlag, own: Drafts, called: Any, said: Any, spoken: str) -> list[str]:
        with shown(spoken):
            allow_changes(services)
            done = saved_as(services, own.kept(str(called or ""), said), called, spoken)
            flag.stop()
            own.begin()
        return [done, "", "", ""]

    form.expand(offer, [collection, language], [collection, spoken_in, state], **private())
    given = [stop, held, collection, count, spoken_in, language]
    run.click(start, given, [state, listed], concurrency_id="drafting", **private(concurrency_limit=1))
    halt.click(lambda flag: flag.stop(), stop, **private(queue=False))
    listed.select(tick, [held, language], listed, **private())
    listed.submit(change, [held, language], listed, **private())
    listed.delete(drop, [held, language], listed, **private())
    asked = [stop, held, name, spoken_in, language]
    done = gr.on([save.click, name.submit], keep, asked, [saved, state, listed, name], **private())
    done.success(closed, saved, form, **private())
    return saved, done


def how_many(number: Any) -> int:
    """How many good questions are wanted. Raises BadOption."""
    if isinstance(number, bool) or not isinstance(number, int | float) or not 1 <= number <= MOST:
        raise BadOption(label={"en": "How many questions", "ko": "질문 수"}, low=1, high=MOST)
    return int(number)

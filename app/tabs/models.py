"""The Models tab: what answers now, what could answer instead and at which cost, adapters, and the card."""

from typing import Any

import gradio as gr

from adapters.own_files import Removed
from app.adapters_section import adapters_section
from app.add_model import add_model
from app.card_section import card_section
from app.changes import allow_changes
from app.errors import shown
from app.header import LOOK_AGAIN_S, LOOK_EVERY_S
from app.language import label
from app.locales import say
from app.model_form import (
    CONTEXTS,
    Contexts,
    files_named,
    fitting_contexts,
    model_list,
    precision_list,
    present_context,
    spec_of,
)
from app.parts import Choice, bare, inform, private
from app.services import Services
from app.settings import DEFAULT_CONTEXT
from app.show_models import now

PART = '<div class="part"></div>'
FIELD = '<fieldset class="choices"></fieldset>'
CHOICES = "maru.choosing(element, props, trigger, watch)"
TITLE = '<h2 data-text="{key}"></h2>'
PUBLIC = '<p class="remark" data-text="models.public"></p>'


def models_tab(
    services: Services,
    page: gr.Blocks,
    tab: gr.Tab,
    language: gr.Textbox,
    answering: gr.Textbox,
    model: gr.Textbox,
) -> None:
    """Lays the tab out and wires it; `answering` changes when another model answers or an adapter came or
    went, `model` only when another model answers: a context that was picked stays till then."""
    own = not services.settings.public
    with gr.Column(elem_id="maru-models"):
        state = bare(PART, "maru.part(element, props, trigger, watch)", "maru-now", "")
        if not own:
            bare(PUBLIC, "maru.texts(element)")
        with gr.Row(elem_id="maru-choose", equal_height=False):
            with gr.Column(scale=2, min_width=280):
                bare(TITLE.format(key="models.model"), "maru.texts(element)")
                models = bare(FIELD, CHOICES, "maru-model-list", {})
                added = add_model(services, page, language) if own else None
            with gr.Column(scale=3, min_width=320):
                bare(TITLE.format(key="models.precision"), "maru.texts(element)")
                precisions = bare(FIELD, CHOICES, "maru-precision-list", {})
                with gr.Row(elem_id="maru-load", equal_height=False):
                    context = Choice(
                        [(f"{size:,}", str(size)) for size in CONTEXTS],
                        value=str(DEFAULT_CONTEXT),
                        label=label("models.context"),
                        filterable=False,
                    )
                    load = gr.Button(
                        label("models.load"),
                        variant="primary",
                        scale=0,
                        visible=own,
                        elem_id="maru-load-button",
                    )
        adapters_section(services, tab, language, answering)
        card_section(services, tab, language, answering)
    clock = gr.Timer(LOOK_AGAIN_S)
    chosen = [models, precisions, context, language]

    def look(spoken: str) -> tuple[str, Any]:
        present = services.model.state
        pace = LOOK_EVERY_S if present.loading is not None else LOOK_AGAIN_S
        return now(present, spoken, not own, services.model.trouble), gr.Timer(pace)

    def fill(model: Any, precision: Any, size: Any, spoken: str) -> tuple[Any, Any, Any]:
        with shown(spoken, not own):
            listed = model_list(services, model, spoken)
            fitting = fitting_contexts(services, listed["chosen"], size)
            if fitting.cut:
                told = {"id": listed["chosen"], "count": f"{fitting.chosen:,}"}
                inform(say("models.context_cut", spoken, **told))
            needs = precision_list(services, listed["chosen"], precision, fitting.chosen, spoken)
            return listed, needs, offered(fitting, fitting.cut)

    def choose(model: Any, precision: Any, size: Any, spoken: str) -> tuple[str, Any]:
        with shown(spoken, not own):
            allow_changes(services)
            wanted = spec_of(model, precision, size)
            if services.model.answers(wanted):
                inform(say("models.already", spoken, id=wanted.id))
            services.model.choose(wanted)
        return look(spoken)

    def cancel(spoken: str) -> tuple[str, Any]:
        with shown(spoken, not own):
            allow_changes(services)
            services.model.cancel()
        return look(spoken)

    def again(spoken: str) -> tuple[str, Any]:
        with shown(spoken, not own):
            allow_changes(services)
            services.model.retry()
        return look(spoken)

    def dismiss(spoken: str) -> tuple[str, Any]:
        with shown(spoken, not own):
            allow_changes(services)
            services.model.dismiss()
        return look(spoken)

    def remove(
        model: Any, precision: Any, size: Any, spoken: str, event: gr.EventData
    ) -> tuple[Any, Any, Any]:
        with shown(spoken, not own):
            allow_changes(services)
            removed = services.remove_model(str(event.id), getattr(event, "files", False) is True)
            inform(what_became(str(event.id), removed, spoken))
        return fill(model, precision, size, spoken)

    told, lists = [state, clock], [models, precisions, context]
    gr.on([page.load, model.change], lambda: offered(present_context(services)), None, context, **private())
    gr.on([tab.select, answering.change], look, language, told, **private(queue=False))
    clock.tick(look, language, told, **private(queue=False))
    gr.on([tab.select, answering.change, models.select, context.input], fill, chosen, lists, **private())
    load.click(choose, chosen, told, **private())
    state.stop(cancel, language, told, **private())
    state.retry(again, language, told, **private())
    state.clear(dismiss, language, told, **private())
    models.delete(remove, chosen, lists, **private())
    if added is not None:
        added.success(fill, chosen, lists, **private())


def offered(contexts: Contexts, choose: bool = True) -> Any:
    """The list of contexts; what a person picked in it stays unless another is to be chosen."""
    choices = [(f"{size:,}", str(size)) for size in contexts.sizes]
    return gr.update(choices=choices, value=str(contexts.chosen)) if choose else gr.update(choices=choices)


def what_became(id: str, removed: Removed, spoken: str) -> str:
    """What is said of a model that was removed: what was deleted, and what stays on the disk."""
    words = [say("models.removed", spoken, id=id)]
    for key, files in (("models.deleted", removed.deleted), ("models.left", removed.kept)):
        if files:
            words.append(say(key, spoken, files=files_named(files)))
    return " ".join(words)

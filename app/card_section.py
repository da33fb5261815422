"""The quality and speed card: choices in, figures side by side out."""

from typing import Any

import gradio as gr

from adapters.models import known_models
from adapters.precision import precisions
from adapters.spec import ModelSpec
from app.changes import allow_changes
from app.errors import BadChoices, shown
from app.header import LOOK_EVERY_S
from app.language import label
from app.locales import pick, say
from app.measuring import MOST_CHOICES, combinations
from app.model_texts import questions_of, text_of
from app.parts import Choice, bare, private
from app.services import Services
from app.show_card import cards

PART = '<div class="part"></div>'
HEAD = '<h2 data-text="card.title"></h2><p class="hint" data-text="card.words"></p>'
NO_ADAPTER = "-"
USUAL = ["float32", "auto"]


def card_section(services: Services, tab: gr.Tab, language: gr.Textbox, answering: gr.Textbox) -> None:
    """Lays the section out and wires it; a public page has none: measuring takes the machine for minutes."""
    if services.settings.public:
        return
    with gr.Column(elem_id="maru-card"):
        bare(HEAD, "maru.texts(element)")
        with gr.Row():
            models = Choice([], multiselect=True, label=label("card.models"))
            kinds = Choice(
                precision_names("en"), value=USUAL, multiselect=True, label=label("card.precisions")
            )
            adapters = Choice(
                [("–", NO_ADAPTER)], value=[NO_ADAPTER], multiselect=True, label=label("card.adapters")
            )
        with gr.Accordion(label("card.own"), open=False):
            text = gr.Textbox(label=label("card.text"), info=label("card.text_hint"), lines=4, max_lines=12)
            asked = gr.Textbox(label=label("card.questions"), lines=3, max_lines=12)
        with gr.Row(elem_id="maru-measure"):
            run = gr.Button(
                label("card.run"), variant="primary", scale=0, min_width=120, elem_id="maru-measure-button"
            )
            halt = gr.Button(label("card.stop"), scale=0, min_width=88, elem_id="maru-card-stop")
        board = bare(PART, "maru.part(element, props, trigger, watch)", "maru-cards", "")
    clock = gr.Timer(LOOK_EVERY_S, active=False)

    def offer(spoken: str, chosen: Any) -> list[Any]:
        usable = [entry for entry in known_models(services.settings.models) if entry.problem is None]
        names = [(entry.label, entry.id) for entry in usable]
        present = services.model.state.answering
        value = chosen or [present.spec.id if present else usable[0].id] if usable else []
        fitting = [(name, name) for name in services.fitting_adapters() or []]
        return [
            gr.update(choices=names, value=value),
            gr.update(choices=precision_names(spoken)),
            gr.update(choices=[(say("panel.no_adapter", spoken), NO_ADAPTER), *fitting]),
        ]

    def look(spoken: str) -> tuple[str, Any]:
        """What is measured or was, whoever began it; again soon while it goes on."""
        present = services.measurements.present
        return cards(present, spoken), gr.Timer(active=present.running)

    def measure(spoken: str, own: str, lines: str, *chosen: Any) -> None:
        with shown(spoken):
            allow_changes(services)
            specs = specs_of(*chosen)
            services.measurements.begin(specs, text_of(own, spoken), questions_of(lines, spoken))

    def end(spoken: str) -> None:
        with shown(spoken):
            allow_changes(services)
            services.measurements.stop()

    chosen = [models, kinds, adapters]
    gr.on([tab.select, answering.change], offer, [language, models], chosen, **private())
    told = [board, clock]
    gr.on([tab.select, clock.tick], look, language, told, **private(queue=False))
    begun = run.click(measure, [language, text, asked, *chosen], None, **private())
    halted = halt.click(end, language, None, **private())
    for event in (begun, halted):  # also where another page's measurement is in the way: it is shown
        event.then(look, language, told, **private(queue=False))


def specs_of(ids: Any, keys: Any, mixes: Any) -> list[ModelSpec]:
    """What is to be measured, from the three lists. Raises BadChoices."""
    through = [None if one == NO_ADAPTER else str(one) for one in mixes or [NO_ADAPTER]]
    specs = combinations([str(id) for id in ids or []], [str(key) for key in keys or []], through)
    if not 0 < len(specs) <= MOST_CHOICES:
        raise BadChoices(most=MOST_CHOICES)
    return specs


def precision_names(spoken: str) -> list[tuple[str, str]]:
    """(name on the screen, key) of "auto" and of every precision that works here."""
    usable = [(pick(one.label, spoken), key) for key, one in precisions().items() if one.available() is None]
    return [(say("models.auto", spoken), "auto"), *usable]

"""One question, answered in several ways side by side, compared word by word, and voted on."""

from collections.abc import Iterator, Sequence
from typing import Any

import gradio as gr

from app.answering import LONGEST_QUESTION
from app.changes import allow_changes
from app.compare.asked import (
    LONGEST_REFERENCE,
    Wish,
    compared_with,
    comparison,
    question_in,
    references_in,
    reopened,
    voted,
)
from app.compare.grid_form import GridForm, begun, common_of, grid_form
from app.compare.possible import columns, names_of_columns
from app.compare.ways import AXES
from app.errors import BadColumns, shown
from app.language import label
from app.locales import say
from app.parts import bare, owner_of, private
from app.services import Services
from app.stream import StopFlag

FEWEST, MOST, MOST_PUBLIC = 2, 8, 4
AT_ONCE = 16
EXAMPLE: dict[str, list[Any]] = {
    **{axis: [""] for axis in AXES},
    "technique": ["zero_shot", "few_shot", "chain_of_thought"],
    "temperature": [0.0],
    "template": [],
}
ANSWERS = '<div class="empty"></div><div class="bar"></div><div class="cards"></div><div class="foot"></div>'


def one_question(services: Services, page: gr.Blocks, opened: Sequence[Any], language: gr.Textbox) -> None:
    """Lays the section out and wires it; its form is filled at the events `opened`, and the last comparison
    is there again when the `page` is loaded."""
    public = services.settings.public
    limits = (FEWEST, MOST_PUBLIC if public else MOST)
    with gr.Column(elem_id="maru-one"):
        question, reference, start, halt = _asking()
        form = grid_form(services, opened, language, limits, "one")
        answers = bare(ANSWERS, "maru.sideBySide(element, props, trigger, watch)", "maru-side-by-side", {})
        kept = gr.JSON(None, visible=False)
    stop = gr.State(StopFlag())

    def compare(
        text: str, right: str, spoken: str, flag: StopFlag, request: gr.Request, **values: Any
    ) -> Iterator[Any]:
        with shown(spoken, public):
            ways, common = values.get("ways"), common_of(values)
            chosen = columns(services, ways, common, spoken, limits)
            names = names_of_columns(services, ways, common, limits)
            wanted = (question_in(text, spoken), references_in(right), chosen, names)
            wish = Wish(*wanted, flag.begin(), owner_of(request))
            for news in comparison(services, wish, spoken):
                yield gr.skip() if news is None else news

    def again(value: Any, spoken: str, event: gr.EventData) -> Any:
        with shown(spoken, public):
            return compared_with(services, value, event.id, spoken)

    def reopen(kept: Any, spoken: str) -> list[Any]:
        """What the browser kept of the last comparison; nothing where that cannot be read any more."""
        try:
            shown_again, compared = reopened(services, kept, spoken)
        except BadColumns:
            return [gr.skip()] * 3
        return [shown_again, compared.question, "\n".join(compared.references)]

    def vote(value: Any, spoken: str, event: gr.EventData) -> Any:
        with shown(spoken, public):
            allow_changes(services)
            return voted(services, value, event.id, spoken)

    def example(spoken: str) -> list[Any]:
        with shown(spoken, public):
            listed = begun(services, EXAMPLE, spoken, limits)
            return [say("compare.example_question", spoken), "", listed, *EXAMPLE.values()]

    given = [question, reference, language, stop]
    growing: dict[str, Any] = {
        "inputs_kwargs": form.inputs,
        "concurrency_id": "comparing",
        **private(concurrency_limit=AT_ONCE),
    }
    gr.on([start.click, question.submit], compare, given, answers, **growing)
    filled = answers.apply(example, language, [question, reference, *_parts(form)], **private())
    filled.success(compare, given, answers, **growing)
    page.load(
        reopen,
        [kept, language],
        [answers, question, reference],
        js="() => [maru.recallCompared(), maru.language]",
        **private(),
    )
    halt.click(lambda flag: flag.stop(), stop, **private(queue=False))
    answers.select(again, [answers, language], answers, **private())
    answers.like(vote, [answers, language], answers, **private())


def _asking() -> tuple[gr.Textbox, gr.Textbox, gr.Button, gr.Button]:
    with gr.Row(elem_id="maru-compare-ask", equal_height=False):
        question = gr.Textbox(
            lines=1,
            max_lines=8,
            label=label("compare.question"),
            placeholder=label("compare.placeholder"),
            max_length=LONGEST_QUESTION,
            scale=3,
        )
        reference = gr.Textbox(
            lines=1,
            max_lines=4,
            label=label("compare.reference"),
            placeholder=label("compare.reference_hint"),
            max_length=LONGEST_REFERENCE,
            scale=1,
        )
        start = gr.Button(
            label("compare.start"), variant="primary", elem_id="maru-compare-start", scale=0, min_width=88
        )
        halt = gr.Button(
            label("compare.stop"), variant="stop", elem_id="maru-compare-stop", scale=0, min_width=88
        )
    return question, reference, start, halt


def _parts(form: GridForm) -> list[Any]:
    return [form.listed, *form.axes.values()]

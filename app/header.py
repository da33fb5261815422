"""The top of the page: the name, the model's state, the language, light or dark."""

from html import escape
from typing import Any

import gradio as gr

from app.changes import allow_changes
from app.errors import message_of, shown
from app.locales import say
from app.parts import bare, private
from app.services import ModelState, Services

TOP = """<header class="top"><h1><span lang="en">Maru</span> <span lang="ko">마루</span></h1></header>"""
SWITCHES = """<div class="switches"><div class="languages" role="group"></div>
<button type="button" class="theme"></button></div>"""
STATE = '<div class="model" role="status"></div>'
STEPS = ("checking", "converting", "downloading", "loading")
LOOK_EVERY_S = 0.7


def header(services: Services, page: gr.Blocks, language: gr.Textbox) -> None:
    """Lays the header out; asks for the model's state while it is loading, and no longer."""
    with gr.Row(elem_id="maru-header", equal_height=False):
        bare(TOP, "")
        state = bare(STATE, "maru.modelState(element, props, trigger, watch)", "maru-model", "")
        bare(SWITCHES, "maru.header(element)", "maru-switches")
    clock = gr.Timer(LOOK_EVERY_S)

    def look(spoken: str) -> tuple[str, Any]:
        now = services.model.state
        return state_html(now, model_name(services), spoken), gr.Timer(active=now.status == "loading")

    def again(spoken: str) -> tuple[str, Any]:
        with shown(spoken):
            allow_changes(services)
            services.model.retry()
        return look(spoken)

    clock.tick(look, language, [state, clock], js="() => [maru.language]", **private(queue=False))
    state.retry(again, language, [state, clock], **private())


def state_html(state: ModelState, name: str, language: str) -> str:
    """One line about the model; a bar while it loads, its reason and a button where it failed."""
    if state.status == "ready":
        return f'<span class="dot ready"></span><span>{escape(name)}</span>'
    if state.status == "failed" and state.error is not None:
        button = f'<button type="button" data-do="retry">{escape(say("model.retry", language))}</button>'
        reason = escape(message_of(state.error, language))
        return f'<span class="dot failed"></span><span title="{reason}">{reason}</span>{button}'
    step = say(f"model.{state.step if state.step in STEPS else 'waiting'}", language)
    percent = round(100 * min(1.0, max(0.0, state.fraction)))
    return (
        f'<span class="dot loading"></span><span>{escape(step)} {percent}%</span>'
        f'<progress max="100" value="{percent}">{percent}%</progress>'
    )


def model_name(services: Services) -> str:
    """What is loaded, with its precision: "SmolLM2-135M-Instruct-Q4_1 · bfloat16"."""
    if services.model.state.status != "ready":
        return services.spec.id
    model = services.model.get()
    return "" if model is None else f"{model.spec.id} · {model.spec.precision}"

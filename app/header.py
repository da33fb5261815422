"""The top of the page: the name, the model's state, the language, light or dark."""

from collections.abc import Sequence
from html import escape
from typing import Any
from urllib.parse import urlsplit

import gradio as gr

from adapters.spec import ModelSpec
from app.changes import allow_changes
from app.errors import message_of, shown
from app.locales import say
from app.model_state import STEPS, ModelState
from app.naming import answering_names, called, once
from app.parts import bare, private
from app.services import Services

TOP = """<header class="top"><h1><span lang="en">Maru</span> <span lang="ko">마루</span></h1></header>"""
SWITCHES = """<div class="switches"><div class="languages" role="group"></div>
<button type="button" class="theme"></button></div>"""
STATE = '<div class="model" role="status"></div>'
LOOK_EVERY_S = 0.7
LOOK_AGAIN_S = 5.0  # somebody else may have chosen another model


def header(services: Services, language: gr.Textbox) -> tuple[gr.Textbox, gr.Textbox]:
    """Lays the header out. Returns two hidden texts: one that changes when another model answers or an
    adapter came or went, and one that changes only when another model answers, or with another context."""
    with gr.Row(elem_id="maru-header", equal_height=False):
        bare(TOP, "")
        state = bare(STATE, "maru.modelState(element, props, trigger, watch)", "maru-model", "")
        bare(SWITCHES, "maru.header(element)", "maru-switches")
    clock = gr.Timer(LOOK_EVERY_S)
    answering, model = gr.Textbox("", visible=False), gr.Textbox("", visible=False)

    def look(spoken: str) -> tuple[str, Any, str, str]:
        now = services.model.state
        pace = LOOK_EVERY_S if now.loading is not None or now.status == "loading" else LOOK_AGAIN_S
        trouble = services.model.trouble
        said = state_html(now, spoken, services.settings.public, services.languages(), trouble)
        answers = [*answering_names(now.answering, spoken), str(services.adapters_version)]
        return said, gr.Timer(pace), " ".join(answers), asked_for(now)

    def again(spoken: str) -> tuple[str, Any, str, str]:
        with shown(spoken, services.settings.public):
            allow_changes(services)
            services.model.retry()
        return look(spoken)

    told = [state, clock, answering, model]
    clock.tick(look, language, told, js="() => [maru.language]", **private(queue=False))
    state.retry(again, language, told, **private())
    return answering, model


def asked_for(state: ModelState) -> str:
    """What answers and the context it was asked for with, the same in every language; "" where nothing
    does."""
    one = state.answering
    return f"{one.spec} {one.engine} {one.asked and one.asked.context}" if one else ""


def state_html(
    state: ModelState,
    language: str,
    public: bool = False,
    languages: Sequence[str] = (),
    trouble: Exception | None = None,
) -> str:
    """One line about the model: what answers, or the `trouble` with it; what is loading beside it or could
    not be loaded, or why nothing answers. The model's `languages` go with it, for static/transcript.js."""
    spoken = f'<i hidden data-languages="{escape(" ".join(languages))}"></i>'
    return spoken + _line(state, language, public, trouble)


def _line(state: ModelState, language: str, public: bool, trouble: Exception | None) -> str:
    name = f"<span>{escape(' · '.join(_names(state, language, public)))}</span>" if state.answering else ""
    name += _unreachable(trouble, language, public) if trouble is not None else ""
    well = "ready" if trouble is None else "unreachable"
    if state.loading is None and name:
        return f'<span class="dot {well}"></span>{name}{"" if public else _not_loaded(state, language)}'
    if state.status == "failed" and state.error is not None:
        button = f'<button type="button" data-do="retry">{escape(say("model.retry", language))}</button>'
        reason = escape(message_of(state.error, language, public))
        return f'<span class="dot failed"></span><span title="{reason}">{reason}</span>{button}'
    return f'<span class="dot {well if name else "loading"}"></span>{name}{_progress(state, language)}'


def _unreachable(trouble: Exception, language: str, public: bool) -> str:
    """That the server did not answer the last question; why, when one points at it."""
    why = escape(message_of(trouble, language, public))
    return f'<span class="bad" title="{why}">{escape(say("model.unreachable", language))}</span>'


def _not_loaded(state: ModelState, language: str) -> str:
    """That what was wanted does not answer; the Models tab says why."""
    if state.failed is None:
        return ""
    words = say("models.failed", language, id=_called(state.failed, state, language))
    return f'<span class="bad">{escape(words)}</span>'


def _called(spec: ModelSpec, state: ModelState, language: str) -> str:
    return called(spec, state.answering.spec if state.answering else None, language)


def _names(state: ModelState, language: str, public: bool) -> list[str]:
    """Model, precision and engine; of a server its host, which says more to its operator."""
    model, precision, engine = answering_names(state.answering, language)
    host = urlsplit(state.answering.address).netloc if state.answering and not public else ""
    return [model, host, engine] if host else [model, *once(precision, engine)]


def _progress(state: ModelState, language: str) -> str:
    words = say(f"model.{state.step if state.step in STEPS else 'waiting'}", language)
    if state.answering is not None and state.loading is not None:
        words = say("model.next", language, id=_called(state.loading.spec, state, language))
    percent = round(100 * min(1.0, max(0.0, state.fraction)))
    return (
        f'<span class="step"><span>{escape(words)}</span> {percent}%</span>'
        f'<progress max="100" value="{percent}">{percent}%</progress>'
    )

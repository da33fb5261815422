"""The adapter a conversation is answered through: none, one, or two that work together."""

from typing import Any

import gradio as gr
from gradio.components import Component

from app.adapter_mix import DEFAULT_SHARE
from app.language import label
from app.locales import say
from app.parts import Choice, private
from app.services import Services


def adapter_choice(services: Services, language: gr.Textbox, answering: gr.Textbox) -> dict[str, Component]:
    """Lays the choice out; what is offered follows the model that answers. Returns its parts by name."""
    first = Choice([("–", "")], value="", label=label("panel.adapter"), elem_id="maru-adapter")
    with gr.Column(elem_id="maru-second-adapter"):
        second = Choice([("–", "")], value="", label=label("panel.second_adapter"))
        share = gr.Slider(
            0.05,
            0.95,
            DEFAULT_SHARE,
            step=0.05,
            label=label("panel.adapter_share"),
            buttons=[],
            elem_id="maru-adapter-share",
        )

    def offer(spoken: str, one: Any, two: Any) -> tuple[Any, Any]:
        """What does not fit the model is not offered, and no longer chosen."""
        first_one = choice_of(services, spoken, one)
        return first_one, choice_of(services, spoken, two, beside=first_one.get("value", one) or "")

    given = [language, first, second]
    gr.on([answering.change, first.focus], offer, given, [first, second], **private())
    first.input(lambda *given: offer(*given)[1], given, second, **private())
    return {"adapter": first, "second_adapter": second, "adapter_share": share}


def choice_of(services: Services, spoken: str, value: Any, beside: Any = None, restored: bool = False) -> Any:
    """The update of a dropdown: "none" and every adapter that fits; the value stays while it fits. A second
    one is chosen `beside` a first, and not offered where there is no first or no other. Only a `restored`
    value is sent: the person may have chosen another one meanwhile."""
    names = services.fitting_adapters() if beside != "" else []
    if names is None:  # no model yet: what the browser remembered may fit
        names = [value] if isinstance(value, str) and value else []
    names = [name for name in names if name != beside]
    none = say("panel.no_adapter" if beside is None else "panel.no_second_adapter", spoken)
    choices = [(none, ""), *((name, name) for name in names)]
    offered: dict[str, Any] = {"choices": choices, "visible": bool(names) or beside is None}
    if value and value not in names:
        offered["value"] = ""
    elif restored:
        offered["value"] = value
    return gr.update(**offered)

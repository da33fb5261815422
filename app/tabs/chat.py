"""The Chat tab: conversations at the left, the talk in the middle, settings at the right.

Conversations live in the browser. With every event the one on the screen comes along as JSON, is checked,
and goes back with one more turn; the server keeps nothing of it.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import gradio as gr

from app.answering import LONGEST_QUESTION, Given, answer, read_shown, settled
from app.conversation import Conversation, before, read_export
from app.errors import message_of, shown
from app.language import label
from app.locales import say
from app.panel import settings_panel
from app.parts import bare, owner_of, private, warn
from app.services import Services
from app.stream import StopFlag
from app.templates.editor import template_editor

AT_ONCE = 32  # all that the queue takes: who waits for the model is told so, which only a handler can do
LIST = '<nav class="conversations"></nav>'
TURNS = '<div class="turns" role="log" aria-live="polite"></div>'
TOOLBAR = """<div class="toolbar">
<button type="button" data-drawer="conversations" aria-expanded="false" data-text="chat.conversations">
</button>
<h2 class="title"></h2>
<button type="button" data-clear data-text="chat.clear"></button>
<button type="button" data-drawer="settings" data-text="chat.settings" aria-expanded="false"></button>
</div>"""


def chat_tab(services: Services, page: gr.Blocks, language: gr.Textbox, answering: gr.Textbox) -> gr.Dropdown:
    """Lays the tab out and wires it. Returns the choice of collection, which the Documents tab fills."""
    with gr.Row(elem_id="maru-chat", equal_height=True):
        with gr.Column(scale=0, min_width=240, elem_id="maru-conversations"):
            sidebar = bare(LIST, "maru.sidebar(element, trigger)")
        with gr.Column(scale=1, min_width=320, elem_id="maru-talk"):
            bare(TOOLBAR, "maru.toolbar(element)")
            turns = bare(TURNS, "maru.transcript(element, props, trigger, watch)", "maru-transcript", {})
            box, send, halt = _composer()
        with gr.Column(scale=0, min_width=300, elem_id="maru-settings"):
            panel = settings_panel(services, page, language, answering)
    if not services.settings.public:
        template_editor(services, page, language, panel)

    stop = gr.State(StopFlag())
    here: list[Any] = [turns, language, stop]
    generating: dict[str, Any] = {
        "inputs_kwargs": panel,
        "concurrency_id": "generation",
        "concurrency_limit": AT_ONCE,
        "show_progress": "hidden",
    }

    def ask(
        text: str, conversation: Any, language: str, stop: StopFlag, request: gr.Request, **settings: Any
    ) -> Iterator[Any]:
        """Answers a new question at the end of the conversation; what cannot be asked stays in the box."""
        with shown(language, services.settings.public):
            earlier = read_shown(conversation)
            given = Given(settings, stop.begin(), owner_of(request))
            growing = answer(services, text, earlier, language, given)
            for number, now in enumerate(growing):
                taken_back = len(now["conversation"]["turns"]) == len(earlier.turns)
                yield text if taken_back else "" if number == 0 else gr.skip(), now

    def ask_again(
        value: Any,
        spoken: str,
        flag: StopFlag,
        event: gr.EventData,
        request: gr.Request,
        **settings: Any,
    ) -> Iterator[Any]:
        """Asks an example, an earlier question as it was or changed; what came after it goes."""
        with shown(spoken, services.settings.public):
            whole = read_shown(value)
            earlier = before(whole, int(event.turn))
            given = Given(settings, flag.begin(), owner_of(request), again=whole)
            yield from answer(services, str(event.text), earlier, spoken, given)

    def open_one(value: Any, spoken: str) -> Any:
        with shown(spoken, services.settings.public):
            return settled(read_shown(value), spoken)

    def open_first(value: Any, spoken: str) -> Any:
        try:
            return settled(read_shown(value), spoken)
        except Exception as error:
            warn(message_of(error, spoken, services.settings.public), title=say("error.title", spoken))
            return settled(Conversation(), spoken)

    def read_file(spoken: str, event: gr.EventData) -> Any:
        with shown(spoken, services.settings.public):
            return settled(replace(read_export(str(event.text)), id=""), spoken)

    gr.on([box.submit, send.click], ask, [box, *here], [box, turns], api_name="ask", **generating)
    turns.submit(ask_again, here, turns, api_visibility="private", **generating)
    halt.click(lambda flag: flag.stop(), stop, **private(queue=False))
    turns.select(open_one, [turns, language], turns, **private())
    sidebar.upload(read_file, language, turns, **private())
    page.load(open_first, [turns, language], turns, js="() => [maru.first(), maru.language]", **private())
    in_chat: gr.Dropdown = panel["collection"]
    return in_chat


def _composer() -> tuple[gr.Textbox, gr.Button, gr.Button]:
    with gr.Row(elem_id="maru-composer", equal_height=False):
        box = gr.Textbox(
            lines=1,
            max_lines=8,
            placeholder=label("chat.placeholder"),
            label=label("chat.question"),
            show_label=False,
            max_length=LONGEST_QUESTION,
            autofocus=True,
            scale=1,
        )
        send = gr.Button(label("chat.send"), variant="primary", elem_id="maru-send", scale=0, min_width=88)
        halt = gr.Button(label("chat.stop"), variant="stop", elem_id="maru-stop", scale=0, min_width=88)
    return box, send, halt

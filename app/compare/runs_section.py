"""Runs over whole sets in the Compare tab: those there are, one of them opened, and the form of a new one."""

from typing import Any

import gradio as gr

from app.changes import allow_changes
from app.compare.run_errors import NoRun
from app.compare.run_form import run_form, target_of
from app.compare.run_opened import DRAWN, LOOKED, drawn, head_html, opened_run
from app.compare.show_runs import problem, runs
from app.errors import message_of, shown
from app.parts import bare, private
from app.services import Services

LOOK_EVERY_S = 1.0
PART = '<div class="part"></div>'
HEAD = '<h2 data-text="runs.title"></h2>'
NEW = '<h2 data-text="runs.new"></h2>'


def runs_section(services: Services, opened: list[Any], language: gr.Textbox) -> None:
    """Lays the section out and wires it; a public page has none: a run takes the machine for minutes."""
    if services.settings.public:
        return
    id, looked = gr.State(""), gr.State(dict(LOOKED))
    clock = gr.Timer(LOOK_EVERY_S, active=False)
    with gr.Column(elem_id="maru-runs"):
        bare(HEAD, "maru.texts(element)")
        listed = bare(PART, DRAWN, "maru-run-list", "")
        one = opened_run(services, id, looked, language)
        bare(NEW, "maru.texts(element)", "maru-run-new")
        form = run_form(services, opened, language)
    everything = [id, looked, listed, clock, *one.all]

    def look(present: str, where: dict[str, Any], spoken: str) -> list[Any]:
        """Everything as it is now."""
        with shown(spoken):
            allow_changes(services)
            try:
                return [
                    present,
                    where,
                    *_list(services, present, spoken),
                    *drawn(services, present, where, spoken),
                ]
            except NoRun:
                return ["", dict(LOOKED), *_list(services, "", spoken), *drawn(services, "", LOOKED, spoken)]

    def tick(present: str, where: dict[str, Any], spoken: str) -> list[Any]:
        """How far it is; the results come when nothing runs any more."""
        if not services.runs.active():
            return look(present, where, spoken)
        top = head_html(services, present, spoken) if present else ""
        return [gr.skip(), gr.skip(), *_list(services, present, spoken), top, *[gr.skip()] * 3]

    def choose(present: str, spoken: str, event: gr.EventData) -> list[Any]:
        wanted = str(event.id)
        return look("" if wanted == present else wanted, dict(LOOKED), spoken)

    def close(spoken: str) -> list[Any]:
        return look("", dict(LOOKED), spoken)

    def change(do: Any) -> Any:
        def handler(present: str, where: dict[str, Any], spoken: str, event: gr.EventData) -> list[Any]:
            with shown(spoken):
                allow_changes(services)
                do(str(event.id), spoken, event)
            return look(present, where, spoken)

        return handler

    def add(spoken: str, event: gr.EventData) -> tuple[str, str]:
        with shown(spoken):
            allow_changes(services)
            return str(event.id), target_of(services, str(event.id), spoken)

    here = [id, looked, language]
    gr.on(opened, look, here, everything, **private())
    clock.tick(tick, here, everything, **private(queue=False))
    listed.select(choose, [id, language], everything, **private())
    gr.on([one.head.clear, listed.clear], close, language, everything, **private())
    actions = {
        one.head.stop: lambda id, spoken, _: services.runs.stop(id),
        one.head.retry: lambda id, spoken, _: services.runs.start(id, spoken),
        one.head.edit: lambda id, spoken, event: services.runs.rename(id, str(event.text)),
        one.head.delete: lambda id, spoken, _: services.runs.delete(id),
    }
    for event, do in actions.items():
        event(change(do), here, everything, **private())
    one.head.select(add, language, [form.adding, form.target], **private())
    form.begun.success(
        lambda started, spoken: look(started, dict(LOOKED), spoken),
        [form.started, language],
        everything,
        **private(),
    ).success(None, None, None, js="() => maru.toRun()", **private())


def _list(services: Services, present: str, spoken: str) -> tuple[str, Any]:
    """The list, and whether to look again soon."""
    try:
        found = services.runs.list()
    except OSError as error:
        return problem(message_of(error, spoken)), gr.Timer(active=False)
    going = next((one.id for one in found if one.state == "running"), "")
    progress = services.runs.progress(going) if going else {}
    return runs(found, progress, present, spoken), gr.Timer(active=services.runs.active())

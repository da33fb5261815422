"""One run that is looked at: its progress, what came out, its questions, its files, and the winner's use."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from app.changes import allow_changes
from app.compare.handed_out import HandedOut
from app.compare.left_out import left_out
from app.compare.run_errors import NoRun
from app.compare.run_results import results_of, seen
from app.compare.show_results import found, questions
from app.compare.show_runs import ACTIVE, busy, head, problem
from app.compare.use_winner import answering, chat_settings, column_of, script_of
from app.errors import OURS, NoResults, shown
from app.language import label
from app.locales import say
from app.parts import Choice, bare, private
from app.services import Services

PART = '<div class="part"></div>'
DRAWN = "maru.runs(element, props, trigger, watch)"
LOOKED: dict[str, Any] = {"wanted": "", "start": 0, "question": ""}
SCRIPT = "maru_column.py"
SAVE = "(file) => maru.saveFile(file)"


@dataclass(frozen=True)
class OpenedRun:
    """Its parts: `head` speaks back, `all` are the outputs of `drawn`."""

    head: gr.HTML
    found: gr.HTML
    winner: Choice
    questions: gr.HTML

    @property
    def all(self) -> list[Any]:
        """In the order in which `drawn` fills them."""
        return [self.head, self.found, self.winner, self.questions]


def opened_run(services: Services, id: gr.State, looked: gr.State, language: gr.Textbox) -> OpenedRun:
    """Lays it out and wires what concerns only itself; `looked` is where in its questions a person is."""
    with gr.Column(elem_id="maru-run"):
        top = bare(PART, DRAWN, "maru-run-head", "")
        said = bare(PART, DRAWN, "maru-run-found", "")
        with gr.Column(elem_id="maru-run-use"):
            bare(
                '<h2 data-text="runs.use"></h2><p class="hint" data-text="runs.use_help"></p>',
                "maru.texts(element)",
            )
            with gr.Row(elem_id="maru-run-winner", equal_height=False):
                winner = Choice([], label=label("runs.column"), filterable=False)
                adopt = gr.Button(label("runs.adopt"), scale=0, min_width=180)
                export = gr.Button(label("runs.export"), scale=0, min_width=180)
            state = bare(PART, DRAWN, "maru-run-adopting", "")
        listed = bare(PART, DRAWN, "maru-run-questions", "")
        file = gr.DownloadButton(visible=False)
    chat = gr.JSON({}, visible=False)
    out = HandedOut()

    def download(id: str, spoken: str, event: gr.EventData) -> str:
        with shown(spoken):
            allow_changes(services)
            return out.copy(services.runs.folders, id, str(event.id))

    def exported(id: str, name: Any, spoken: str) -> str:
        with shown(spoken):
            allow_changes(services)
            return out.text(script_of(services.runs.experiment(id), name), SCRIPT)

    def adopted(id: str, name: Any, spoken: str) -> Iterator[tuple[str, Any]]:
        with shown(spoken):
            allow_changes(services)
            column = column_of(services.runs.experiment(id), name)
            for model in answering(services, column):
                yield busy(say("runs.loading_model", spoken, id=model)), {}
            yield "", chat_settings(column)

    def told(id: str, name: Any, spoken: str) -> str:
        try:
            column = column_of(services.runs.experiment(id), name)
        except OURS:  # gone, or cannot be read: whoever uses it then is told why
            return ""
        return "".join(problem(text[spoken]) for text in left_out(services, column))

    def look(id: str, where: dict[str, Any], spoken: str, event: gr.EventData) -> tuple[dict[str, Any], str]:
        with shown(spoken):
            allow_changes(services)
            now = moved(where, str(event.do), str(event.id))
            return now, questions_html(services, id, now, spoken)

    top.download(download, [id, language], file, **private()).success(None, file, None, js=SAVE, **private())
    export.click(exported, [id, winner, language], file, **private()).success(
        None, file, None, js=SAVE, **private()
    )
    winner.change(told, [id, winner, language], state, **private())
    adopt.click(adopted, [id, winner, language], [state, chat], **private()).success(
        None, chat, None, js="(settings) => maru.adopt(settings)", **private()
    )
    for part in (said, listed):
        part.select(look, [id, looked, language], [looked, listed], **private())
    return OpenedRun(top, said, winner, listed)


def moved(where: dict[str, Any], do: str, value: str) -> dict[str, Any]:
    """Where in the questions a person is after a click: another filter or page, one opened."""
    if do == "filter":
        return {**LOOKED, "wanted": value}
    if do == "page":
        start = int(value) if value.isdecimal() else 0
        return {**where, "start": start, "question": ""}
    return {**where, "question": "" if where["question"] == value else value}


def drawn(services: Services, id: str, where: dict[str, Any], spoken: str) -> list[Any]:
    """Everything of the run; nothing where none is opened, or it is gone."""
    if not id:
        return ["", "", gr.skip(), ""]
    run = services.runs.get(id)
    top = head_html(services, id, spoken)
    try:
        results = results_of(services.runs.folders.of(id)) if run.state not in ACTIVE else None
        if results is None:
            return [top, "", gr.skip(), ""]
        names = [one["name"] for one in results["columns"]]
        best: list[str] = next(iter(results["bands"].get(results["deciding"] or "", [[]])), [])
        winner = gr.update(choices=[(name, name) for name in names], value=next(iter(best), names[0]))
        return [top, found(results, run.columns, spoken), winner, questions_html(services, id, where, spoken)]
    except NoResults:
        return [top, "", gr.skip(), ""]


def head_html(services: Services, id: str, spoken: str) -> str:
    """The run without its results."""
    try:
        run = services.runs.get(id)
    except NoRun:
        return ""
    done = False
    if run.state not in ACTIVE:
        try:
            done = bool(results_of(services.runs.folders.of(id)))
        except NoResults:
            done = False
    return head(run, services.runs.progress(id), services.runs.command(id), done, spoken)


def questions_html(services: Services, id: str, where: dict[str, Any], spoken: str) -> str:
    """The page of questions a person is on."""
    folder = services.runs.folders.of(id)
    results = results_of(folder)
    now = seen(folder, results, str(where["wanted"]), int(where["start"]))
    return questions(results, now, str(where["wanted"]), str(where["question"]), spoken)

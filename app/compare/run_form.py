"""The form of a new run: the questions, the columns, how answers are scored; what it would cost; Start."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import gradio as gr

from app.changes import allow_changes
from app.compare.grid_form import GridForm, common_of, grid_form
from app.compare.judge_form import JudgeForm, judge_form, judge_offers
from app.compare.possible import columns
from app.compare.run_choices import (
    MOST_REPEATS,
    Wanted,
    experiment_of,
    metric_choices,
    questions_of,
    set_choices,
)
from app.compare.show_runs import adding, busy, estimated, problem
from app.errors import shown
from app.language import label
from app.locales import say
from app.parts import Choice, bare, private
from app.services import Services
from app.stream import StopFlag, newest
from chains.compare.written import document_of

LIMITS = (1, 24)
PART = '<div class="part"></div>'
DRAWN = "maru.runs(element, props, trigger, watch)"


@dataclass(frozen=True)
class RunForm:
    """`begun` is the event of a run that was started, `started` its id; `adding` is the id of a run that
    columns are added to, shown by `target`."""

    begun: Any
    started: gr.State
    adding: gr.State
    target: gr.HTML


def run_form(services: Services, opened: list[Any], language: gr.Textbox) -> RunForm:
    """Lays the form out and wires it; it is filled at the events `opened`."""
    target_run, started, stop = gr.State(""), gr.State(""), gr.State(StopFlag())
    with gr.Column(elem_id="maru-run-form"):
        target = bare(PART, DRAWN, "maru-run-target", "")
        with gr.Row(elem_classes="axes", elem_id="maru-run-set"):
            questions = Choice([], label=label("runs.questions_label"), filterable=False)
            name = gr.Textbox(label=label("runs.own_name"), max_length=100)
        grid = grid_form(services, opened, language, LIMITS, "runs", own_passage=True)
        scoring, judge = _scoring()
        with gr.Row(elem_id="maru-run-acts"):
            cost = gr.Button(label("runs.estimate"), scale=0, min_width=120, elem_id="maru-run-estimate")
            halt = gr.Button(label("runs.estimate_stop"), scale=0, min_width=88, elem_id="maru-run-halt")
            start = gr.Button(label("runs.start"), variant="primary", scale=0, min_width=120)
        costs = bare(PART, DRAWN, "maru-run-cost", "")
    _offer(services, opened, language, questions, scoring, grid)
    _offer_judge(services, opened, language, questions, scoring, judge)
    given = {"questions": questions, "name": name, **scoring, **judge.inputs, **grid.inputs}

    def begin(spoken: str, to: str, **given: Any) -> tuple[str, str, str, str]:
        with shown(spoken):
            allow_changes(services)
            chosen = columns(services, given["ways"], common_of(given), spoken, LIMITS)
            if to:
                run = services.runs.add(to, chosen)
            else:
                experiment = experiment_of(services, _wanted(given), chosen, spoken)
                run = services.runs.make(experiment, str(given["name"] or ""))
            services.runs.start(run.id, spoken)
            return run.id, "", "", ""

    def tell(spoken: str, to: str, flag: StopFlag, **given: Any) -> Iterator[str]:
        with shown(spoken):
            allow_changes(services)
            chosen = columns(services, given["ways"], common_of(given), spoken, LIMITS)
            if to:
                document = services.runs.extended(to, chosen)
                asked = services.runs.experiment(to).questions
            else:
                experiment = experiment_of(services, _wanted(given), chosen, spoken)
                document, asked = document_of(experiment), experiment.questions
            yield from _growing(services, asked, document, flag, spoken)

    target.select(lambda: ("", ""), None, [target_run, target], **private())
    cost.click(tell, [language, target_run, stop], costs, inputs_kwargs=given, **private(concurrency_limit=1))
    halt.click(lambda flag: flag.stop(), stop, **private(queue=False))
    told = [started, target_run, target, costs]
    begun = start.click(begin, [language, target_run], told, inputs_kwargs=given, **private())
    return RunForm(begun, started, target_run, target)


def target_of(services: Services, id: str, spoken: str) -> str:
    """What the form says while columns are added to a run."""
    return adding(services.runs.get(id), spoken)


def _scoring() -> tuple[dict[str, Any], JudgeForm]:
    with gr.Accordion(label("runs.scoring_title"), open=False, elem_id="maru-run-scoring"):
        with gr.Row(elem_classes="axes"):
            metrics = Choice(
                [], multiselect=True, label=label("runs.metrics"), info=label("runs.metrics_help")
            )
            baseline = Choice([("–", "")], value="", label=label("runs.baseline"), filterable=False)
        judge = judge_form()
        repeats = gr.Slider(
            1,
            MOST_REPEATS,
            1,
            step=1,
            label=label("runs.repeats"),
            info=label("runs.repeats_help"),
            buttons=[],
        )
    return {"metrics": metrics, "baseline": baseline, "repeats": repeats}, judge


def _offer(
    services: Services,
    opened: list[Any],
    language: gr.Textbox,
    questions: Choice,
    scoring: dict[str, Any],
    grid: GridForm,
) -> None:
    """What there is to choose now."""

    def sets(spoken: str, value: Any, chosen: Any) -> tuple[Any, Any]:
        offers = set_choices(services, spoken)
        values = [one for _, one in offers]
        now = value if value in values else values[0]
        return gr.update(choices=offers, value=now), metrics_of(spoken, now, chosen if now == value else None)

    def metrics_of(spoken: str, value: Any, chosen: Any = None) -> Any:
        with shown(spoken):
            choices, begin = metric_choices(questions_of(services, value), spoken)
            return gr.update(choices=choices, value=chosen or begin)

    def names(spoken: str, value: Any, **common: Any) -> Any:
        found = columns(services, value, common_of(common), spoken, (0, LIMITS[1]))
        first = (say("runs.first_column", spoken), "")
        return gr.update(choices=[first, *((one.name, one.name) for one in found)])

    chosen = [language, questions, scoring["metrics"]]
    gr.on(opened, sets, chosen, [questions, scoring["metrics"]], **private())
    questions.input(metrics_of, [language, questions], scoring["metrics"], **private())
    baseline = scoring["baseline"]
    baseline.focus(names, [language, grid.listed], baseline, inputs_kwargs=grid.common, **private())


def _offer_judge(
    services: Services,
    opened: list[Any],
    language: gr.Textbox,
    questions: Choice,
    scoring: dict[str, Any],
    judge: JudgeForm,
) -> None:
    """The judge's fields, with what there is to choose now, while a metric asks one."""

    def offer(spoken: str, value: Any, chosen: Any, **given: Any) -> list[Any]:
        with shown(spoken):
            if not value:  # the sets are not offered yet
                return [gr.skip() for _ in judge.parts]
            return judge_offers(services, questions_of(services, value), chosen, given, spoken)

    metrics = scoring["metrics"]
    gr.on(
        [*opened, metrics.change, metrics.input],
        offer,
        [language, questions, metrics],
        judge.parts,
        inputs_kwargs=judge.inputs,
        trigger_mode="always_last",  # a metric that is ticked while the page still opens is seen, too
        **private(),
    )


def _wanted(given: dict[str, Any]) -> Wanted:
    return Wanted(**{one.name: given[one.name] for one in fields(Wanted)})


def _growing(services: Services, asked: Any, document: Any, flag: StopFlag, spoken: str) -> Iterator[str]:
    """That it is being estimated, then what came of it. Leaving or stopping ends the process."""
    event, child = flag.begin(), services.runs.child(spoken)
    yield busy(say("runs.estimating", spoken))
    told: Any = ""
    try:
        for news in newest(lambda: iter([services.runs.estimate(asked, document, child)]), event):
            if event.is_set():
                child.stop()
            told = news if news is not None else told
            yield busy(say("runs.estimating", spoken))
    finally:
        child.stop()
    yield estimated(told, spoken) if isinstance(told, dict) else problem(told)

"""Which model judges, in which precision, by which rubric: seen where a metric asks a judge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from app.compare.grid_choices import models_offered, precisions_offered
from app.language import label
from app.parts import Choice
from app.services import Services
from chains.compare.judging import default_rubric
from chains.compare.metrics import metrics
from chains.compare.question_set import QuestionSet

LONGEST_RUBRIC = 20_000


@dataclass(frozen=True)
class JudgeForm:
    """`group` holds the fields; `inputs` are these, by the names under which a handler gets them."""

    group: gr.Column
    inputs: dict[str, Component]

    @property
    def parts(self) -> list[Any]:
        """What `judge_offers` updates, in its order."""
        return [self.group, *self.inputs.values()]


def judge_form() -> JudgeForm:
    """Lays the fields out, unseen; `judge_offers` fills and shows them."""
    with gr.Column(visible=False, elem_id="maru-run-judge") as group:
        with gr.Row(elem_classes="axes"):
            model = Choice(
                [("–", "")],
                value="",
                label=label("runs.judge_model"),
                info=label("runs.judge_help"),
                filterable=False,
            )
            precision = Choice([("–", "")], value="", label=label("runs.judge_precision"), filterable=False)
        rubric = gr.Textbox(
            label=label("runs.rubric"),
            info=label("runs.rubric_help"),
            lines=6,
            max_lines=16,
            max_length=LONGEST_RUBRIC,
        )
    return JudgeForm(group, {"judge_model": model, "judge_precision": precision, "rubric": rubric})


def judge_offers(
    services: Services, questions: QuestionSet, chosen: Any, given: Mapping[str, Any], spoken: str
) -> list[Any]:
    """The fields as they are with the `chosen` metrics. The rubric that comes with Maru stands where a
    person's own would, in the language in which the judge is asked about these questions."""
    models, precisions = models_offered(services, spoken), precisions_offered(spoken)
    usual = default_rubric(questions.language or spoken)
    return [
        gr.update(visible=asks_judge(chosen)),
        _update(models, given["judge_model"]),
        _update(precisions, given["judge_precision"]),
        gr.update(placeholder=usual),
    ]


def asks_judge(chosen: Any) -> bool:
    """Whether one of these metrics asks a judge."""
    keys: Sequence[Any] = chosen if isinstance(chosen, list | tuple) else ()
    return any("judge" in metrics()[key].needs for key in keys if key in metrics())


def _update(choices: list[tuple[str, Any]], value: Any) -> Any:
    """What was chosen, if it is still there."""
    known = [one for _, one in choices]
    return gr.update(choices=choices, value=value if value in known else "")

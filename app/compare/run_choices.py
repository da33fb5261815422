"""What the form of a run offers, and the experiment that comes of what was chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.errors import BadRun
from app.locales import pick, say
from app.services import Services
from chains.compare.example_sets import example_questions
from chains.compare.experiment import Column, Experiment, Judge
from chains.compare.metrics import metric, metrics
from chains.compare.question_set import QuestionSet
from chains.compare.scores import offered, suited

SAVED, OURS = "saved:", "example:"
MOST_REPEATS = 20
Choices = list[tuple[str, str]]


@dataclass(frozen=True)
class Wanted:
    """What the form says beside its columns. `baseline`: a column's name, "" for the first one's."""

    questions: Any
    metrics: Any
    baseline: Any
    repeats: Any


def set_choices(services: Services, language: str) -> Choices:
    """(name on the screen, value) of every saved set, then of those that come with Maru."""
    saved = [(name, SAVED + name) for name in services.question_sets.names()]
    ours = [(pick(one.label, language), OURS + key) for key, one in example_questions().items()]
    return saved + (ours if language == "en" else list(reversed(ours)))


def questions_of(services: Services, value: Any) -> QuestionSet:
    """The set that was chosen. Raises BadRun, BadSet."""
    chosen = value if isinstance(value, str) else ""
    if chosen.startswith(SAVED):
        return services.question_sets.get(chosen.removeprefix(SAVED))
    found = example_questions().get(chosen.removeprefix(OURS))
    if found is None:
        raise BadRun("questions")
    return found.questions


def metric_choices(questions: QuestionSet, language: str) -> tuple[Choices, list[str]]:
    """(name on the screen, key) of every metric that makes sense for the set, those that a form begins with
    first; and these."""
    begin = suited(questions.answer_type, questions.language)
    keys = dict.fromkeys([*begin, *offered(questions.answer_type)])
    return [(_named(key, language), key) for key in keys], begin


def experiment_of(services: Services, wanted: Wanted, columns: Sequence[Column]) -> Experiment:
    """What is to be run; a judge is the model that answers now. Raises BadRun, BadSet."""
    chosen = tuple(str(key) for key in wanted.metrics or ())
    if not chosen:
        raise BadRun("metrics")
    questions = questions_of(services, wanted.questions)
    judged = any("judge" in metric(key).needs for key in chosen if key in metrics())
    names = [column.name for column in columns]
    return Experiment(
        questions=questions,
        columns=tuple(columns),
        metrics=chosen,
        baseline=wanted.baseline if wanted.baseline in names else names[0],
        repeats=_repeats(wanted.repeats),
        judge=_judge(services) if judged else None,
    )


def _judge(services: Services) -> Judge:
    present = services.model.state.answering
    return Judge(present.spec.id, present.spec.precision) if present else Judge()


def _repeats(value: Any) -> int:
    whole = int(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0
    if not 1 <= whole <= MOST_REPEATS:
        raise BadRun("repeats")
    return whole


def _named(key: str, language: str) -> str:
    """A metric's name, and what it needs that takes time."""
    one = metrics()[key]
    needs = [say(f"runs.needs.{need}", language) for need in one.needs]
    name = pick(one.label, language)
    return f"{name} ({', '.join(needs)})" if needs else name

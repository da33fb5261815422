"""What the form of a run offers, and the experiment that comes of what was chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.compare.judge_form import LONGEST_RUBRIC, asks_judge
from app.compare.possible import Possible
from app.compare.ways import Way
from app.errors import BadRun, TooLong
from app.locales import pick, say
from app.services import Services
from chains.compare.example_sets import example_questions
from chains.compare.experiment import Column, Experiment, Judge
from chains.compare.metrics import metrics
from chains.compare.question_set import QuestionSet
from chains.compare.scores import offered, suited

SAVED, OURS = "saved:", "example:"
MOST_REPEATS = 20
Choices = list[tuple[str, str]]


@dataclass(frozen=True)
class Wanted:
    """What the form says beside its columns. `baseline`: a column's name, "" for the first one's. The judge's
    model "" is the one that answers now; an empty rubric is the one that comes with Maru."""

    questions: Any
    metrics: Any
    baseline: Any
    repeats: Any
    judge_model: Any = ""
    judge_precision: Any = ""
    rubric: Any = ""


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


def experiment_of(services: Services, wanted: Wanted, columns: Sequence[Column], language: str) -> Experiment:
    """What is to be run. Raises BadRun, which says in `language` why a judge cannot work here, BadSet, and
    TooLong for a rubric."""
    chosen = tuple(str(key) for key in wanted.metrics or ())
    if not chosen:
        raise BadRun("metrics")
    questions = questions_of(services, wanted.questions)
    names = [column.name for column in columns]
    return Experiment(
        questions=questions,
        columns=tuple(columns),
        metrics=chosen,
        baseline=wanted.baseline if wanted.baseline in names else names[0],
        repeats=_repeats(wanted.repeats),
        judge=_judge(services, wanted, language) if asks_judge(chosen) else None,
    )


def _judge(services: Services, wanted: Wanted, language: str) -> Judge:
    names = (str(name or "") for name in (wanted.judge_model, wanted.judge_precision))
    way = Way("zero_shot", model=next(names), precision=next(names))
    possible = Possible(services, language)
    why = possible.problem(way)
    if why is not None:
        raise BadRun("judge", reason=why)
    rubric = str(wanted.rubric or "").strip()
    if len(rubric) > LONGEST_RUBRIC:
        raise TooLong(most=LONGEST_RUBRIC)
    return Judge(possible.model_of(way), possible.precision_of(way), rubric or None)


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

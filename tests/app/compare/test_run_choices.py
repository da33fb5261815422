"""What the form of a run says becomes the specification that is kept with it."""

from pathlib import Path

import pytest

from app.compare.judge_form import LONGEST_RUBRIC, asks_judge
from app.compare.run_choices import Wanted, experiment_of
from app.errors import BadRun, TooLong
from app.services import Services
from app.settings import Settings
from chains.compare.experiment import Column, Judge

COLUMNS = (Column("one"), Column("two", "few_shot"))
OTHER = "Qwen/Qwen2.5-0.5B-Instruct"


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return Services(Settings(tmp_path))


def wanted(*metrics: str, **judge: object) -> Wanted:
    return Wanted("example:reading_en", [*metrics], "", 1, **judge)


def test_the_judge_that_was_chosen_is_kept_with_the_run(services: Services) -> None:
    chosen = wanted(
        "token_f1", "judge", judge_model=OTHER, judge_precision="float32", rubric=" 5: right.\n1: {wrong}. "
    )
    made = experiment_of(services, chosen, COLUMNS, "en")
    run = services.runs.make(made, "judged")
    judge = services.runs.experiment(run.id).judge
    assert judge == Judge(OTHER, "float32", "5: right.\n1: {wrong}.")


def test_without_a_choice_the_model_that_answers_judges_by_our_rubric(services: Services) -> None:
    made = experiment_of(services, wanted("judge", rubric=" \n"), COLUMNS, "en")
    assert made.judge == Judge()
    assert experiment_of(services, wanted("token_f1", judge_model=OTHER), COLUMNS, "en").judge is None


@pytest.mark.parametrize(
    ("judge", "word"), [({"judge_model": "gone"}, "no model gone"), ({"judge_precision": "int0"}, "int0")]
)
def test_a_judge_that_cannot_work_here_is_refused_with_the_reason(
    services: Services, judge: dict[str, str], word: str
) -> None:
    with pytest.raises(BadRun) as caught:
        experiment_of(services, wanted("judge", **judge), COLUMNS, "en")
    assert word in str(caught.value.text("en"))


def test_a_rubric_has_an_end(services: Services) -> None:
    with pytest.raises(TooLong):
        experiment_of(services, wanted("judge", rubric="x" * (LONGEST_RUBRIC + 1)), COLUMNS, "en")


def test_only_metrics_that_ask_one_want_a_judge() -> None:
    assert asks_judge(["token_f1", "judge"])
    assert not any(map(asks_judge, (["token_f1"], [], None, "judge", ["gone"])))

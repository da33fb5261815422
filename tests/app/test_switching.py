"""Switching between real models: answers go on, and the memory of the one that was left comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.spec import ModelSpec
from app.services import Services
from app.settings import Settings
from chains.question import Answer, Question
from tests.app.test_slot import until
from tests.serving import GRADIO_WARNS

pytestmark = [pytest.mark.model, *GRADIO_WARNS]


@pytest.fixture
def services(tmp_path: Path, models_folder: Path) -> Iterator[Services]:
    (tmp_path / "models").symlink_to(models_folder)
    one = Services(Settings(tmp_path), ModelSpec(precision="bfloat16"))
    yield one
    one.close()


def question(text: str, tokens: int = 8) -> Question:
    from adapters.spec import GenerationOptions

    return Question(text, options=GenerationOptions(tokens, 0.0, 1.0, 1))


def last(services: Services, text: str) -> Answer:
    return list(services.ask(question(text)))[-1]


@pytest.mark.slow
def test_an_answer_that_runs_ends_on_the_old_model_and_the_next_is_the_new_ones(services: Services) -> None:
    first = services.ask(question("Tell a long story.", 60), owner="ada")
    next(first)
    old = services.model.loaded()
    services.model.choose(ModelSpec(precision="float32"))
    until(lambda: services.model.loaded() is not old, 120)
    ended = list(first)[-1]
    assert (ended.model.precision, ended.engine, ended.done) == ("bfloat16", "transformers", True)
    assert ended.finish_reason in {"stop", "length"}
    assert last(services, "Say one.").model.precision == "float32"
    services.model.choose(ModelSpec(precision="bfloat16"))
    until(lambda: services.model.loaded().spec.precision == "bfloat16", 120)
    assert last(services, "Say one.").model.precision == "bfloat16"


def test_a_context_that_was_chosen_is_kept(services: Services) -> None:
    services.model.choose(ModelSpec(precision="bfloat16", context=1024))
    until(lambda: services.model.state.status == "ready", 120)
    assert services.model.loaded().context_length == 1024

"""What the top of the page says about the model."""

from dataclasses import replace

import pytest

from adapters.errors import WeightsMissing
from adapters.spec import ModelSpec
from app.header import asked_for, state_html
from app.locales import say
from app.model_state import STEPS, Answering, Loading, ModelState

ONE = Answering(ModelSpec("A <model>", "bfloat16"), "transformers")


def loading(step: str, fraction: float) -> Loading:
    return Loading(ModelSpec("two"), step, fraction)


@pytest.mark.parametrize("step", STEPS)
def test_loading_names_the_step_and_how_far(step):
    html = state_html(ModelState(loading=loading(step, 0.42)), "ko")
    assert say(f"model.{step}", "ko") in html and 'value="42"' in html and "42%" in html


def test_an_unknown_step_and_a_wild_fraction_are_harmless():
    html = state_html(ModelState(loading=loading("<b>", 7.0)), "en")
    assert "<b>" not in html and 'value="100"' in html


def test_ready_names_model_precision_and_engine():
    assert "A &lt;model&gt; · bfloat16 · transformers" in state_html(ModelState(ONE), "en")


def test_what_answers_stays_named_while_another_loads():
    html = state_html(ModelState(ONE, loading("loading", 0.3)), "en")
    assert "A &lt;model&gt; · bfloat16" in html and "Loading two</span> 30%" in html and "dot ready" in html


def test_what_answers_stays_named_where_another_failed():
    html = state_html(ModelState(ONE, failed=ModelSpec("two"), error=WeightsMissing()), "en")
    assert "A &lt;model&gt;" in html and "dot ready" in html


def test_failed_says_why_and_offers_to_try_again():
    html = state_html(ModelState(error=WeightsMissing()), "ko")
    assert "내장 모델이 설치되어 있지 않아요" in html and 'data-do="retry"' in html


def test_an_unexpected_failure_is_logged_and_not_shown(caplog):
    html = state_html(ModelState(error=RuntimeError("secret token")), "en")
    assert "secret" not in html and "logged under the number" in html
    assert "secret token" in caplog.text


def test_only_another_model_or_context_changes_what_was_asked_for():
    said = {
        asked_for(ModelState(replace(ONE, spec=spec, asked=asked)))
        for spec in (ModelSpec("one"), ModelSpec("two"))
        for asked in (ModelSpec("one", context=1024), ModelSpec("one", context=2048))
    }
    assert len(said) == 4
    busy = ModelState(ONE, Loading(ModelSpec("two")), ModelSpec("three"), WeightsMissing())
    assert asked_for(busy) == asked_for(ModelState(ONE)) != asked_for(ModelState()) == ""


def test_the_languages_of_the_model_go_with_its_name():
    assert 'data-languages="en ko"' in state_html(ModelState(ONE), "en", languages=("en", "ko"))


def test_what_could_not_be_loaded_is_named_beside_what_answers_to_its_owner_only():
    state = ModelState(ONE, failed=ModelSpec("two"), error=WeightsMissing())
    assert "two could not be loaded" in state_html(state, "en")
    assert "two" not in state_html(state, "en", public=True)

"""What the top of the page says about the model."""

import pytest

from adapters.errors import WeightsMissing
from app.header import STEPS, state_html
from app.locales import say
from app.services import ModelState


@pytest.mark.parametrize("step", STEPS)
def test_loading_names_the_step_and_how_far(step):
    html = state_html(ModelState("loading", step, 0.42), "", "ko")
    assert say(f"model.{step}", "ko") in html and 'value="42"' in html and "42%" in html


def test_an_unknown_step_and_a_wild_fraction_are_harmless():
    html = state_html(ModelState("loading", "<b>", 7.0), "", "en")
    assert "<b>" not in html and 'value="100"' in html


def test_ready_names_the_model():
    assert "A &lt;model&gt; · bfloat16" in state_html(ModelState("ready"), "A <model> · bfloat16", "en")


def test_failed_says_why_and_offers_to_try_again():
    html = state_html(ModelState("failed", error=WeightsMissing()), "", "ko")
    assert "내장 모델이 설치되어 있지 않아요" in html and 'data-do="retry"' in html


def test_an_unexpected_failure_is_logged_and_not_shown(caplog):
    html = state_html(ModelState("failed", error=RuntimeError("secret token")), "", "en")
    assert "secret" not in html and "logged under the number" in html
    assert "secret token" in caplog.text

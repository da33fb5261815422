"""What the comparison of one question does over plain HTTP: a stranger asks little, and keeps nothing."""

from typing import Any

import pytest

from app.compare.asked import votes_of
from tests.app.test_client import send
from tests.app.test_models_endpoints import endpoints
from tests.serving import GRADIO_WARNS, Site

pytestmark = [pytest.mark.model, *GRADIO_WARNS]

TOLD = {"name": "x", "settings": {"technique": "zero_shot"}, "text": "an answer"}
SHOWN = {"kept": {"question": "q", "columns": [TOLD, {**TOLD, "name": "y"}]}}


def compare(site: Site, ways: list[dict[str, Any]], text: str = "Say one.") -> dict[str, Any]:
    given = [text, "", "en", None, {"ways": ways}, 4, 4, 0.9, 0]
    message: dict[str, Any] = send(site, endpoints(site)["maru-compare-start", "click"], given)
    return message


def test_nobody_votes_on_a_public_page(public_site: Site) -> None:
    message = send(
        public_site, endpoints(public_site)["maru-side-by-side", "like"], [SHOWN, "en"], {"id": "0"}
    )
    assert "open to everyone" in message["output"]["error"]
    assert votes_of(public_site.services).all() == ()


@pytest.mark.parametrize(
    "ways",
    [
        [{"technique": "zero_shot", "temperature": t / 10} for t in range(5)],
        [{"technique": "zero_shot"}, {"technique": "few_shot", "model": "gpt2"}],
        [{"technique": "zero_shot"}, {"technique": "few_shot", "precision": "float32"}],
        [{"technique": "zero_shot"}],
        [],
    ],
)
def test_a_stranger_compares_two_to_four_columns_of_the_model_that_answers(
    public_site: Site, ways: list[dict[str, Any]]
) -> None:
    message = compare(public_site, ways)
    assert "Choose 2 to 4 columns" in message["output"]["error"]


def test_a_stranger_gets_answers_and_no_ballot(public_site: Site) -> None:
    ways = [{"technique": "zero_shot"}, {"technique": "few_shot"}]
    message = compare(public_site, ways)
    assert message["success"]
    assert "word for word" in str(message).lower() or "alike with" in str(message)
    assert 'data-do="vote"' not in str(message)


@pytest.mark.parametrize("text", ["", "   ", "x" * 60_000])
def test_what_is_no_question_is_refused(site: Site, text: str) -> None:
    message = compare(site, [{"technique": "zero_shot"}, {"technique": "few_shot"}], text)
    assert message["output"]["error"]

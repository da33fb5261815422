"""An answer that failed stays in the transcript with its cause, and the server that failed is not said to be
well."""

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from adapters import sources
from adapters.errors import ServerFailed
from adapters.spec import ModelSpec
from app.answering import Given, Shown, answer, read_shown, settled
from app.conversation import Conversation, before, history
from app.errors import message_of, texts_of
from app.header import state_html
from app.services import Services
from app.settings import Settings
from app.show_models import now
from chains.errors import CollectionNeeded
from tests.model_server import ModelServer, model_server

PANEL: dict[str, Any] = {"technique": "zero_shot", "temperature": 0, "seed": 1}


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as one:
        yield one


@pytest.fixture
def services(server: ModelServer, tmp_path: Path) -> Iterator[Services]:
    sources.add_server(server.url, tmp_path / "models", "box", "small")
    one = Services(Settings(tmp_path), ModelSpec("box"))
    yield one
    one.close()


def asked(
    services: Services,
    text: str,
    earlier: Conversation | None = None,
    again: Conversation | None = None,
    **panel: Any,
) -> tuple[Shown, Exception | None]:
    """The last that is shown, and the error behind it."""
    given = Given({**PANEL, **panel}, threading.Event(), again=again)
    shown: list[Shown] = []
    try:
        shown.extend(answer(services, text, earlier or Conversation(), "en", given))
    except Exception as error:
        return shown[-1], error
    return shown[-1], None


def reloaded(shown: Shown, language: str = "en") -> Shown:
    """What the page shows after it was opened again, from what the browser kept."""
    return settled(read_shown(json.loads(json.dumps(shown["conversation"]))), language)


@pytest.mark.parametrize("way, words", [("error_text", "CUDA out of memory"), ("truncated", "broke off")])
def test_the_cause_stays_at_the_question_over_a_reload_and_in_an_export(
    services: Services, server: ModelServer, way: str, words: str
) -> None:
    server.chat = [way]
    shown, error = asked(services, "What is a maru?")
    assert isinstance(error, ServerFailed)
    (turn,) = shown["conversation"]["turns"]
    assert turn["text"] == "What is a maru?" and words in turn["problem"]["en"]
    for html in (shown["html"][-1], reloaded(shown)["html"][-1]):
        assert words in html and 'class="problem"' in html and 'data-do="retry"' in html
        assert 'data-do="edit"' in html
    assert turn["problem"]["ko"] in reloaded(shown, "ko")["html"][-1]
    assert shown["busy"] is False

    server.chat = ["good"]
    earlier = read_shown(shown)
    shown, error = asked(services, "And again?", earlier)
    assert error is None
    assert [bool(turn["problem"]) for turn in shown["conversation"]["turns"]] == [True, False]
    assert len(history(earlier)) == (2 if way == "truncated" else 0)


def test_the_words_that_came_stay_with_the_cause(services: Services, server: ModelServer) -> None:
    server.chat = ["truncated"]
    html = asked(services, "What is a maru?")[0]["html"][-1]
    assert "A maru" in html and "had been written" in html and "Regenerate" in html
    server.chat = ["error_text"]
    html = asked(services, "What is a maru?")[0]["html"][-1]
    assert "had been written" not in html and "Ask again" in html


def test_asked_again_in_vain_the_old_answer_stays(services: Services, server: ModelServer) -> None:
    whole = read_shown(asked(services, "What is a maru?")[0])
    whole = read_shown(asked(services, "And a madang?", whole)[0])
    for turn in (1, 0):  # of the first, what came after it stays as well
        server.chat = ["error_500"]
        shown, error = asked(services, whole.turns[turn].text, before(whole, turn), whole)
        assert isinstance(error, ServerFailed)
        assert shown == reloaded(shown)
        assert read_shown(shown) == whole
        server.chat = ["truncated"]  # a new one that began takes its place
        shown, _ = asked(services, whole.turns[turn].text, before(whole, turn), whole)
        assert len(shown["conversation"]["turns"]) == turn + 1
        assert shown["conversation"]["turns"][turn]["problem"]
    server.chat = ["error_500"]  # a question that was changed stands there with its cause
    shown, _ = asked(services, "And a daecheong?", before(whole, 1), whole)
    assert [one["text"] for one in shown["conversation"]["turns"]] == ["What is a maru?", "And a daecheong?"]
    assert shown["conversation"]["turns"][1]["problem"]


def dots(services: Services, public: bool = False) -> tuple[str, str]:
    """The header and the Models tab."""
    state, trouble = services.model.state, services.model.trouble
    return state_html(state, "en", public, trouble=trouble), now(state, "en", public, trouble)


@pytest.mark.parametrize("way", ["truncated", "dropped", "error_500"])
def test_what_does_not_answer_is_not_said_to_be_well_until_it_does_again(
    services: Services, server: ModelServer, way: str
) -> None:
    services.model.loaded()
    assert all("dot ready" in html for html in dots(services))
    server.chat = [way]
    asked(services, "What is a maru?")
    for html in dots(services):
        assert "dot unreachable" in html and "dot ready" not in html and server.url in html
    assert "does not answer" in dots(services)[0]
    for html in dots(services, public=True):
        assert "dot unreachable" in html and "127.0.0.1" not in html
    server.chat = ["good"]
    asked(services, "What is a maru?")
    assert all("dot ready" in html and "unreachable" not in html for html in dots(services))


@pytest.mark.parametrize("way", ["bad_seed", "too_long", "empty"])
def test_a_server_that_refuses_one_question_is_there(
    services: Services, server: ModelServer, way: str
) -> None:
    server.chat = [way]
    assert isinstance(asked(services, "What is a maru?")[1], ServerFailed)
    assert all("dot ready" in html for html in dots(services))


def test_a_server_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    with model_server(chat=["dropped"]) as going:
        sources.add_server(going.url, tmp_path / "models", "box", "small")
        services = Services(Settings(tmp_path), ModelSpec("box"))
        asked(services, "What is a maru?")  # which ends the connection that was open
    with closing(services):
        shown, error = asked(services, "What is a maru?")
        assert isinstance(error, ServerFailed) and error.values["kind"] == "refused"
        (turn,) = shown["conversation"]["turns"]
        assert "Start the server" in turn["problem"]["en"]
        assert "dot unreachable" in dots(services)[0]


def test_a_new_question_that_cannot_be_asked_goes_back_into_the_box(services: Services) -> None:
    shown, error = asked(services, "Who painted it?", technique="react")
    assert isinstance(error, CollectionNeeded)
    assert shown["conversation"]["turns"] == []
    shown, _ = asked(
        services, "Who painted it?", again=Conversation(), technique="react"
    )  # it has no box to go to
    assert "collection" in shown["conversation"]["turns"][0]["problem"]["en"]


def test_a_public_page_keeps_no_place_of_ours_in_the_transcript(server: ModelServer, tmp_path: Path) -> None:
    sources.add_server(server.url, tmp_path / "models", "box", "small")
    server.chat = ["error_text"]
    with closing(Services(Settings(tmp_path, public=True), ModelSpec("box"))) as services:
        shown, _ = asked(services, "What is a maru?")
    assert "operator" in shown["conversation"]["turns"][0]["problem"]["en"]
    assert "127.0.0.1" not in json.dumps(shown)


def test_an_unexpected_error_has_one_number_wherever_it_is_told(caplog: pytest.LogCaptureFixture) -> None:
    error = RuntimeError("secret")
    told = texts_of(error)
    assert told["en"] == message_of(error, "en") != told["ko"]
    assert told["en"].split("number ")[1][:8] in told["ko"]
    assert caplog.text.count("unexpected error") == 1 and "secret" not in told["en"]


def test_what_a_file_says_of_a_failure_is_text(services: Services) -> None:
    turns = [{"text": "q", "problem": {"de": "<img src=x onerror=alert(1)>"}}, {"text": "q", "problem": {}}]
    one, other = settled(read_shown({"maru": 1, "turns": turns}), "en")["html"]
    assert "&lt;img" in one and "<img" not in one
    assert "problem" not in other

"""A model server behind the page, in a real Chromium: what is seen when it fails, and when it is back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from adapters.sources import add_server
from adapters.spec import ModelSpec
from app.remembered import Chosen, remember
from app.settings import Settings
from tests.browsing import IN_BROWSER, answered, ask, opened
from tests.model_server import ModelServer, model_server
from tests.serving import Site, served

pytestmark = IN_BROWSER


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as one:
        yield one


@pytest.fixture
def site(tmp_path: Path, server: ModelServer) -> Iterator[Site]:
    home, models = tmp_path / "home", tmp_path / "weights"
    models.mkdir()
    add_server(server.url, home / "models", "box", "small")
    remember(Settings(home).chosen, Chosen(ModelSpec("box")))
    with served(home, models) as one:
        yield one


@pytest.mark.slow
def test_a_failed_question_keeps_its_cause_and_is_asked_again(
    context: BrowserContext, site: Site, server: ModelServer, tmp_path: Path
) -> None:
    page = opened(context, site)
    state, problem = page.locator("#maru-model"), page.locator(".turn .problem")
    expect(state).to_contain_text(f"box · {server.url[7:-3]}")
    server.chat = ["error_500"]
    ask(page, "What is a maru?")
    expect(problem).to_contain_text("answered with an error of its own (500)")
    expect(page.locator(".turn .asked")).to_have_text("What is a maru?")
    expect(state.locator(".dot")).to_have_class("dot unreachable")
    expect(state).to_contain_text("does not answer")
    page.reload()
    expect(problem).to_contain_text("answered with an error of its own (500)")

    page.locator(".conversations .menu summary").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export Markdown").click()
    download.value.save_as(tmp_path / "talk.md")
    assert "**The model server http" in (tmp_path / "talk.md").read_text("utf-8")

    server.chat = ["good"]
    page.get_by_role("button", name="Ask again").click()
    answered(page, 1)
    expect(page.locator(".turn .text")).to_contain_text("A maru is a wooden floor.")
    expect(problem).to_have_count(0)
    expect(state.locator(".dot")).to_have_class("dot ready")


def test_a_server_is_added_with_what_its_list_says(
    context: BrowserContext, site: Site, server: ModelServer
) -> None:
    page = opened(context, site)
    page.get_by_role("tab", name="Models").click()
    expect(page.locator("#maru-now dl")).to_contain_text(server.url)
    page.get_by_role("button", name="Add a model").click()
    form, toast = page.locator("#maru-add"), page.get_by_test_id("toast-body")
    form.get_by_label("A model server").check()
    form.get_by_label("Address").fill(server.url)
    form.get_by_label("What the server calls the model").fill("large")
    form.get_by_role("button", name="Add", exact=True).click()
    expect(toast).to_contain_text('does not serve "large". It serves: small')
    expect(form).to_contain_text("May stay empty where the server has only one")
    form.get_by_label("What the server calls the model").fill("")
    form.get_by_role("button", name="Add", exact=True).click()
    expect(toast.last).to_contain_text(
        "“small” is on the list. The server was asked, and it lists the model."
    )
    expect(page.locator("#maru-model-list .choice:has(input[value=small])")).to_contain_text(server.url)

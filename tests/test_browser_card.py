"""The quality and speed card in a real Chromium: one choice, a short text, one question."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from adapters.sources import add_folder
from tests.browsing import IN_BROWSER, opened
from tests.serving import Site, served
from tests.small_models import CONFIG, write_model

pytestmark = IN_BROWSER
TEXT = "The school garden was planted by the first graders. It has twelve apple trees and a small pond."


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, models_folder: Path) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("home"), models_folder) as one:
        one.services.model.get()
        yield one


@pytest.mark.slow
def test_a_choice_is_measured_on_the_persons_own_text_and_stays(context: BrowserContext, site: Site) -> None:
    page = opened(context, site)
    page.get_by_role("tab", name="Models").click()
    card = page.locator("#maru-card")
    expect(card.get_by_label("Models", exact=True)).to_be_visible(timeout=20_000)
    expect(card).to_contain_text("SmolLM2-135M-Instruct", timeout=20_000)
    card.get_by_role("button", name="Your own text and questions").click()
    text = card.get_by_label("Text (empty: ours)")
    text.fill("Too short.")
    card.get_by_role("button", name="Measure", exact=True).click()
    expect(page.get_by_test_id("toast-body")).to_contain_text("fewer than 10 words", timeout=20_000)
    text.fill(TEXT)
    card.get_by_label("Questions, one a line").fill("Name one colour.")
    precisions = card.get_by_label("Precisions", exact=True)
    precisions.focus()
    precisions.press("Backspace")  # "Automatic", the last one, goes: float32 alone is the shortest
    card.get_by_role("button", name="Measure", exact=True).click()
    expect(card.get_by_role("button", name="Stop", exact=True)).to_be_visible(timeout=20_000)
    row = page.locator("#maru-cards tbody tr")
    expect(row).to_have_count(1)
    page.reload()  # it goes on, and the tab is the same
    expect(card.get_by_role("button", name="Stop", exact=True)).to_be_visible(timeout=20_000)
    expect(row.locator("td.number")).to_have_count(6, timeout=150_000)
    assert re.fullmatch(r"\d+\.\d\d", row.locator("td").nth(0).inner_text())  # perplexity
    for column in (1, 2):  # reads, writes: tokens a second
        assert float(row.locator("td").nth(column).inner_text().replace(",", "")) > 0
    expect(card.get_by_role("button", name="Stop", exact=True)).to_be_hidden()
    expect(page.locator("#maru-cards .remark")).to_contain_text("Lower perplexity is better")
    figures = row.locator("td").all_inner_texts()
    page.get_by_role("button", name="한국어").click()
    expect(page.get_by_role("tab", name="모델")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#maru-cards .remark")).to_contain_text("퍼플렉서티는 낮을수록 좋아요")
    assert row.locator("td").all_inner_texts() == figures


@pytest.mark.slow
def test_a_switch_of_the_language_keeps_every_tab(context: BrowserContext, site: Site) -> None:
    page = opened(context, site)
    for english, korean in (("Documents", "문서"), ("Models", "모델"), ("Over a set", "모음 비교")):
        if english == "Over a set":  # a tab within a tab
            page.get_by_role("tab", name="Compare", exact=True).click()
        page.get_by_role("tab", name=english, exact=True).click()
        for button, name in (("한국어", korean), ("English", english)):
            page.get_by_role("button", name=button, exact=True).click()
            chosen = page.get_by_role("tab", name=name, exact=True)
            expect(chosen).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tab", name="Compare", exact=True)).to_have_attribute("aria-selected", "true")
    other = opened(context, site)
    expect(other.get_by_role("tab", name="Chat", exact=True)).to_have_attribute("aria-selected", "true")


def test_a_context_is_cut_and_said_where_the_model_reads_less(
    context: BrowserContext, site: Site, tmp_path: Path
) -> None:
    add_folder(
        write_model(tmp_path / "tiny", CONFIG | {"max_position_embeddings": 2048}),
        site.services.settings.models,
    )
    page = opened(context, site)
    page.get_by_role("tab", name="Models").click()
    size = page.locator("#maru-load input")
    expect(size).to_have_value("8,192")
    expect(page.locator("#maru-precision-list input").first).to_be_attached()
    page.wait_for_timeout(1500)  # the lists are filled once more when the header has looked
    page.locator("#maru-model-list input[value=tiny]").check()
    expect(page.get_by_test_id("toast-body")).to_contain_text("tiny reads at most 2,048 tokens")
    expect(size).to_have_value("2,048")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Remove tiny").click()
    expect(page.get_by_test_id("toast-body")).to_contain_text("“tiny” is off the list.")
    expect(page.locator("#maru-model-list input[value=tiny]")).to_have_count(0)

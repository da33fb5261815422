"""The quality and speed card in a real Chromium: one choice, a short text, one question."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browsing import IN_BROWSER, opened
from tests.serving import Site, served

pytestmark = IN_BROWSER
TEXT = "The school garden was planted by the first graders. It has twelve apple trees and a small pond."


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, models_folder: Path) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("home"), models_folder) as one:
        one.services.model.get()
        yield one


@pytest.mark.slow
def test_a_choice_is_measured_on_the_persons_own_text(context: BrowserContext, site: Site) -> None:
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
    expect(row.locator("td.number")).to_have_count(6, timeout=150_000)
    assert re.fullmatch(r"\d+\.\d\d", row.locator("td").nth(0).inner_text())  # perplexity
    for column in (1, 2):  # reads, writes: tokens a second
        assert float(row.locator("td").nth(column).inner_text().replace(",", "")) > 0
    expect(card.get_by_role("button", name="Stop", exact=True)).to_be_hidden()
    expect(page.locator("#maru-cards .remark")).to_contain_text("Lower perplexity is better")

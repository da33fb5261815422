"""One question side by side in a real Chromium: stopped, run to its end, compared with another, voted on."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.compare.asked import votes_of
from tests.browsing import IN_BROWSER, opened
from tests.serving import Site, served

pytestmark = IN_BROWSER
IDLE_WITHIN_S = 2.0


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, models_folder: Path) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("home"), models_folder) as one:
        one.services.model.get()
        yield one


def compare_tab(page: Page, name: str = "Compare") -> Page:
    page.get_by_role("tab", name=name, exact=True).click()
    expect(page.locator(".ways li")).to_have_count(2)
    return page


def test_side_by_side_is_stopped_run_again_compared_and_voted_on(context: BrowserContext, site: Site) -> None:
    page = compare_tab(opened(context, site))
    one = page.locator("#maru-one")
    question = one.get_by_label("Question", exact=True)
    question.fill("Write a very long story about a dragon who learns to read.")
    question.press("Enter")
    cards = one.locator(".card")
    expect(cards).to_have_count(2)
    expect(cards.first.locator(".answer > .text")).not_to_be_empty(timeout=30_000)
    assert site.busy()
    page.locator("#maru-compare-stop").click()
    stopped = time.perf_counter()
    while site.busy():
        assert time.perf_counter() - stopped < IDLE_WITHIN_S
        time.sleep(0.02)
    expect(page.locator("#maru-compare-start")).to_be_visible()
    expect(cards.first.locator(".remark").first).to_contain_text("Stopped")

    one.locator(".ways li").nth(0).get_by_role("button").click()
    expect(one.locator(".columns .unfit")).to_contain_text("at least 2")
    one.get_by_label("Techniques", exact=True).click()
    page.get_by_role("option", name="ReAct", exact=True).click()
    page.get_by_role("option", name="Role", exact=False).first.click()
    expect(one.locator(".ways li.off .reason")).to_contain_text("collection")
    expect(one.locator(".ways li.on")).to_have_count(2)
    question.fill("What is 3 + 4? <img src=x onerror=alert(1)>")
    one.get_by_label("Right answer").fill("7")
    page.locator("#maru-compare-start").click()
    expect(one.locator(".ballot")).to_be_visible(timeout=60_000)
    expect(cards).to_have_count(2)
    for card in cards.all():
        for fact in ("SmolLM2-135M-Instruct", "tokens", "first token", "s in all"):
            expect(card.locator(".facts").first).to_contain_text(fact)
        expect(card.locator(".scores")).to_contain_text("Exact match")
        expect(card.locator(".fold.prompt")).to_have_count(1)
    reference = cards.nth(0).locator(".differences")
    expect(reference).to_contain_text("The others are compared with this answer.")
    one.get_by_label("Compare with").select_option("1")
    expect(reference).not_to_contain_text("The others are compared")
    expect(cards.nth(1).locator(".differences")).to_contain_text("The others are compared with this answer.")
    one.locator(".ballot button").nth(1).click()
    expect(one.locator(".tally")).to_contain_text("Too few votes to say anything")
    expect(one.locator(".ballot button[aria-pressed=true]")).to_contain_text("✓")
    assert [vote.choice for vote in votes_of(site.services).all()] == [1]

    answers = [card.locator(".answer > .text").inner_text() for card in cards.all()]
    page.reload()  # what was chosen for the columns is there again, and so are the answers
    page.get_by_role("tab", name="Compare", exact=True).click()
    expect(cards).to_have_count(2)
    assert [card.locator(".answer > .text").inner_text() for card in cards.all()] == answers
    expect(question).to_have_value("What is 3 + 4? <img src=x onerror=alert(1)>")
    expect(one.get_by_label("Right answer")).to_have_value("7")
    expect(one.get_by_label("Compare with")).to_have_value("1")
    expect(one.locator(".tally")).to_contain_text("Too few votes to say anything")
    page.get_by_role("button", name="한국어", exact=True).click()
    page.get_by_role("tab", name="비교", exact=True).click()
    expect(cards.first.locator(".scores")).to_contain_text("정확히 일치")
    page.get_by_role("button", name="English", exact=True).click()
    page.get_by_role("tab", name="Compare", exact=True).click()
    one.locator(".bar [data-do=clear]").click()
    expect(cards).to_have_count(0)
    expect(one.locator(".empty button")).to_be_visible()
    page.reload()
    page.get_by_role("tab", name="Compare", exact=True).click()
    expect(one.locator(".empty button")).to_be_visible()
    expect(cards).to_have_count(0)
    expect(one.locator(".ways li.on")).to_have_count(2)
    expect(one.locator(".ways li.off")).to_contain_text("ReAct")
    one.locator(".ways li.off").get_by_role("button").click()
    expect(one.locator(".ways li")).to_have_count(2)
    page.wait_for_function("JSON.parse(localStorage['maru.columns.one']).listed.ways.length === 2")
    page.evaluate(
        'localStorage[\'maru.columns.one\'] = \'{"listed": {"ways": [7]}, "axes": [1,2,3,4,5,6,7,8]}\''
    )
    page.reload()  # what cannot be read does no harm
    page.get_by_role("tab", name="Compare", exact=True).click()
    expect(one.locator(".columns .unfit")).to_contain_text("at least 2")


@pytest.mark.slow
def test_the_example_is_one_click_and_the_phone_is_not_scrolled_sideways(
    browser: Browser, site: Site
) -> None:
    context = browser.new_context(locale="ko-KR", viewport={"width": 390, "height": 844})
    page = compare_tab(opened(context, site), "비교")
    page.locator("#maru-side-by-side .empty button").click()
    expect(page.locator(".card")).to_have_count(3, timeout=20_000)
    expect(page.locator("#maru-one .ballot")).to_be_visible(timeout=60_000)
    expect(page.locator(".card .facts").first).to_contain_text("총 ")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    first, second = (page.locator(".card").nth(at).bounding_box() for at in (0, 1))
    assert first is not None
    assert second is not None
    assert 0 <= first["x"] < second["x"] < 390  # the next one shows at the side
    context.close()

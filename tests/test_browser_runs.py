"""Comparisons over a set in a real Chromium: begun, stopped, resumed, extended, read, opened, used."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browsing import IN_BROWSER, opened, set_slider
from tests.serving import Site, served

pytestmark = IN_BROWSER


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, models_folder: Path) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("home"), models_folder) as one:
        one.services.model.get()
        yield one


def to_runs(page: Page) -> None:
    page.locator("#maru-tabs > .tab-wrapper button[data-tab-id=compare]").click()
    page.locator("#maru-compare button[data-tab-id=runs]").click()


def test_a_set_is_compared_stopped_resumed_read_and_used(context: BrowserContext, site: Site) -> None:
    page = opened(context, site)
    to_runs(page)
    form = page.locator("#maru-run-form")
    expect(page.locator("#maru-run-list")).to_contain_text("two small sets come with Maru")
    expect(form.locator(".ways li")).to_have_count(2)
    form.get_by_label("Name (may be left empty)").fill("Little <b>set</b>")
    form.get_by_role("button", name="For all columns").click()
    set_slider(form, "Max new tokens", "4")
    form.get_by_role("button", name="Start", exact=True).click()
    head = page.locator("header.run")
    expect(head.locator("h2")).to_have_text("Little <b>set</b>")
    run = site.services.runs.list()[0]
    assert {one.options.max_tokens for one in site.services.runs.experiment(run.id).columns} == {4}
    head.get_by_role("button", name="Stop").click()
    expect(head.locator(".state")).to_contain_text("Stopped", timeout=60_000)
    page.reload()
    expect(page.locator("#maru-model .ready")).to_be_visible()
    to_runs(page)
    page.get_by_role("button", name="Open Little <b>set</b>").click()
    head.get_by_role("button", name="Resume").click()
    expect(head.locator(".state.is-running")).to_be_visible()
    report = page.locator("#maru-run-found .maru-report")
    expect(report.locator(".headline")).to_be_visible(timeout=150_000)
    expect(report.locator(".scores tbody tr")).to_have_count(2)
    questions = page.locator("#maru-run-questions details.question")
    expect(questions).to_have_count(20)
    questions.nth(3).locator("summary").first.click()
    expect(page.locator("details.question[open] article")).to_have_count(2)
    page.locator("select[data-do=filter]").select_option("tag 0")
    expect(questions).to_have_count(4)
    with page.expect_download() as saved:
        head.locator("[data-do=download][data-id='report.html']").click()
    assert "<b>" not in saved.value.path().read_text("utf-8").split("<main>")[0]
    assert 'class="headline"' in saved.value.path().read_text("utf-8")
    page.get_by_role("button", name="Use it in the chat").click()
    expect(page.locator(".maru-notice")).to_contain_text("answers this way", timeout=60_000)
    assert page.evaluate("JSON.parse(localStorage['maru.settings']).max_tokens") == 4
    page.wait_for_function("maru.settingsRestored")
    assert page.evaluate("JSON.parse(localStorage['maru.settings']).max_tokens") == 4
    page.evaluate("maru.adopt({technique: 'few_shot', examples: [['1 + 1?', 'two']]})")
    expect(page.locator("#maru-examples textarea").nth(1)).to_have_value("two")
    page.reload()
    expect(page.locator("#maru-examples textarea").nth(1)).to_have_value("two")


def test_the_judge_is_chosen_where_a_metric_asks_one(context: BrowserContext, site: Site) -> None:
    page = opened(context, site)
    to_runs(page)
    form = page.locator("#maru-run-form")
    form.get_by_role("button", name="How answers are scored").click()
    judge = form.locator("#maru-run-judge")
    expect(form.get_by_label("Metrics")).to_be_visible()
    expect(judge).to_be_hidden()
    form.get_by_label("Metrics").click()
    page.get_by_role("option", name="Judge model").click()
    expect(judge.get_by_label("Rubric")).to_be_visible()  # while the list is still open
    page.keyboard.press("Escape")
    expect(judge.get_by_label("Rubric")).to_have_attribute(
        "placeholder", re.compile("^5: Right and complete")
    )
    judge.get_by_label("Rubric").fill("5: right\n1: wrong")
    judge.get_by_label("The judge’s precision").click()
    page.get_by_role("option", name="float32").first.click()
    form.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("header.run .state")).to_be_visible()
    run = site.services.runs.list()[0]
    asked = site.services.runs.experiment(run.id).judge
    assert asked is not None
    assert (asked.precision, asked.rubric) == ("float32", "5: right\n1: wrong")
    page.locator("header.run").get_by_role("button", name="Stop").click()
    expect(page.locator("header.run .state")).to_contain_text("Stopped", timeout=60_000)

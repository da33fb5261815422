"""The page in a real Chromium, driven as a person would: what the browser tests share."""

import json
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from tests.serving import GRADIO_WARNS, Site

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

IN_BROWSER = [
    pytest.mark.browser,
    pytest.mark.model,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    *GRADIO_WARNS,
]
SCRIPT_ERRORS: list[str] = []

expect.set_options(timeout=20_000)  # a busy machine is slow, and no test is about that


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(20_000)
    SCRIPT_ERRORS.clear()
    yield context
    context.close()
    assert SCRIPT_ERRORS == []


def opened(context: BrowserContext, site: Site, tokens: int = 16) -> Page:
    """The page, with short greedy answers, and failing at every script error."""
    page = context.new_page()
    page.on("pageerror", lambda error: SCRIPT_ERRORS.append(str(error)))
    settings = json.dumps({"max_tokens": tokens, "temperature": 0, "seed": 1})
    page.add_init_script(
        f"if (location.protocol === 'http:') localStorage['maru.settings'] ??= {json.dumps(settings)}"
    )
    page.goto(site.url)
    expect(page.locator("#maru-model .ready")).to_be_visible(timeout=20_000)
    page.wait_for_function("document.body.dataset.maruTechnique !== undefined")
    return page


def choose_technique(page: Page, name: str) -> None:
    """Picks a technique in the settings by its name on the screen."""
    page.locator("#maru-technique input").click()
    page.get_by_role("option", name=name, exact=True).click()


def set_slider(within: Locator, name: str, value: str) -> None:
    """Types a value into a slider. Gradio writes the first value once more just after an accordion opened, so
    what was typed that early is typed again."""
    number, handle = (within.get_by_label(f"{part} for {name}") for part in ("number input", "range slider"))
    for patience_ms in (500, 2_000, 10_000):
        number.fill(value)
        within.page.wait_for_timeout(patience_ms)
        if handle.input_value() == value:
            return
    expect(handle).to_have_value(value)


def composer(page: Page):
    return page.locator("#maru-composer textarea")


def ask(page: Page, text: str) -> None:
    composer(page).fill(text)
    composer(page).press("Enter")


def answered(page: Page, count: int) -> None:
    expect(page.locator(".turn[aria-busy=false] .facts")).to_have_count(count, timeout=60_000)
    expect(page.locator("#maru-send")).to_be_visible()

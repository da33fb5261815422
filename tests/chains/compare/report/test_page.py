"""The report's page in a real Chromium: nothing is fetched, nothing hostile runs, it fits a narrow screen."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from chains.compare.report import write
from chains.compare.results import results
from chains.compare.scores import score_all
from tests.browsing import CHROMIUM
from tests.chains.compare.believable import cells, experiment
from tests.chains.compare.report.test_report import HOSTILE, hostile, written

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A report in each language, with long names and long words."""
    folders = {}
    for language in ("en", "ko"):
        of = experiment(60, language=language, repeats=2)
        long = "averylongcolumnnamewithoutanyspace" * 2
        columns = (*of.columns[:-1], replace(of.columns[-1], name=long))
        made = [replace(one, column=long) if one.column == of.columns[-1].name else one for one in cells(of)]
        of = replace(of, columns=columns)
        folders[language] = tmp_path_factory.mktemp(language)
        write(folders[language], of, made, results(of, score_all(of, made), made))
    return folders


def opened(browser: Browser, folder, width: int = 1280, scheme: str = "light", script: bool = True) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=script
    )
    page = context.new_page()
    page.complaints, page.requested = [], []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("request", lambda request: page.requested.append(request.url))
    page.goto((folder / "report.html").as_uri())
    return page


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_its_window_and_fetches_nothing(browser, pages, language, width):
    page = opened(browser, pages[language], width, "dark" if width == 390 else "light")
    for summary in page.locator("details.question > summary, details.more > summary").all()[:3]:
        summary.click()
    page.locator("details.more > summary").click()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert len(page.requested) == 1 and page.complaints == []
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_words_are_told_from_the_paper(browser, pages, scheme):
    page = opened(browser, pages["en"], scheme=scheme)
    for place in ("body", ".help", ".verdicts .same", ".letters"):
        ratio = page.evaluate(CONTRAST, page.locator(place).first.element_handle())
        assert ratio >= 4.5, place
    page.context.close()


def test_questions_are_filtered_by_who_was_right(browser, pages):
    page = opened(browser, pages["en"])
    everything = page.locator(".question:visible").count()
    page.locator("#filter select").select_option("b1")
    broken = page.locator(".question:visible")
    assert 0 < broken.count() < everything
    assert all("b1" in one.get_attribute("data-marks").split() for one in broken.all())
    page.locator("#filter select").select_option("")
    page.locator("#filter input").fill("hall 7 of")
    assert page.locator(".question:visible").count() <= 1
    page.context.close()


def test_a_fixed_question_is_opened_by_its_link(browser, pages):
    page = opened(browser, pages["en"])
    page.locator(".side.fixed summary").first.click()
    link = page.locator(".side.fixed a").first
    link.click()
    opened_question = page.locator(f"{link.get_attribute('href')}[open]")
    assert opened_question.count() == 1
    assert opened_question.locator(".answer").first.is_visible()
    page.context.close()


def test_it_reads_without_script(browser, pages):
    page = opened(browser, pages["en"], script=False)
    assert page.locator(".headline").is_visible() and not page.locator("#filter").is_visible()
    page.locator(".question > summary").first.click()
    assert page.locator(".question .answer").first.is_visible()
    page.context.close()


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_runs(browser, text, tmp_path):
    written(tmp_path, *hostile(text))
    page = opened(browser, tmp_path)
    for summary in page.locator("summary:visible").all():
        summary.click()
    page.wait_for_timeout(50)
    assert page.title() != "owned"
    assert page.url.startswith("file:") and len(page.requested) == 1 and page.complaints == []
    assert page.locator("h1").count() == 1 and page.locator("body").is_visible()
    page.context.close()


CONTRAST = """
(element) => {
	const light = (text) => {
		const parts = text.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
			.map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
		return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
	};
	let behind = element;
	while (getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)") behind = behind.parentElement;
	const values = [light(getComputedStyle(element).color), light(getComputedStyle(behind).backgroundColor)];
	return (Math.max(...values) + 0.05) / (Math.min(...values) + 0.05);
}
"""

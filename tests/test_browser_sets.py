"""Question sets in a real Chromium: a file with a column to choose and a fault, mended, saved, changed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browsing import IN_BROWSER, opened
from tests.serving import Site, served

pytestmark = IN_BROWSER
FAULTY = "no,query,reply,note\n1,What is a maru?,a floor,house\n2,What is hanji?,paper,craft\n2,,ink,craft\n"
MENDED = FAULTY.replace("2,,ink", "3,What do brushes hold?,ink")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, models_folder: Path) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("home"), models_folder) as one:
        yield one


def test_a_table_is_mapped_mended_saved_and_changed(
    context: BrowserContext, site: Site, tmp_path: Path
) -> None:
    page = opened(context, site)
    page.get_by_role("tab", name="Compare").click()
    page.get_by_role("tab", name="Question sets").click()
    expect(page.locator("#maru-set-list .empty")).to_contain_text("no question set yet")
    page.get_by_role("button", name="From a file").click()
    drop = page.locator("#maru-set-drop input[type=file]")
    drop.set_input_files({"name": "house.csv", "mimeType": "text/csv", "buffer": FAULTY.encode()})
    verdict = page.locator("#maru-set-verdict")
    expect(page.locator("#maru-set-preview td", has_text="What is hanji?")).to_be_visible()
    expect(page.locator("#maru-column-question")).to_contain_text("Guessed: by its name")
    expect(verdict.locator("li")).to_have_count(5)  # no answers in three lines, an id twice, no question
    page.locator("#maru-column-answers input").click()
    page.get_by_role("option", name="reply", exact=True).click()
    expect(verdict.locator("li")).to_have_count(2)
    expect(verdict).to_contain_text('Line 4: the id "2" is already that of line 3.')
    expect(page.locator("#maru-set-save")).to_be_hidden()
    drop.set_input_files({"name": "house.csv", "mimeType": "text/csv", "buffer": MENDED.encode()})
    expect(verdict).to_contain_text("Ready to save: 3 questions")  # the chosen column stayed chosen
    page.locator("#maru-set-save").click()
    row = page.locator("#maru-set-list tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("house")
    expect(row).to_contain_text("Exact wording")
    questions = page.locator("#maru-set-page tbody")
    expect(questions).to_have_count(3)
    questions.nth(1).get_by_role("button", name="Edit").click()
    form = questions.nth(1).locator("form")
    form.get_by_role("button", name="Another answer").click()
    form.locator("textarea[name=answers]").nth(1).fill("<b>mulberry</b> paper")
    form.get_by_role("button", name="Save question").click()
    expect(questions.nth(1)).to_contain_text("paper / <b>mulberry</b> paper")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete the question 3").click()
    expect(questions).to_have_count(2)
    page.locator("#maru-set-search textarea, #maru-set-search input").fill("MULBERRY")
    expect(questions).to_have_count(1)
    with page.expect_download() as download:
        page.locator("#maru-set-download").click()
    assert download.value.suggested_filename == "house.jsonl"
    lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["answers"] for line in lines] == [
        ["a floor"],
        ["paper", "<b>mulberry</b> paper"],
    ]
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete the set house").click()
    expect(page.locator("#maru-set-list .empty")).to_be_visible()
    assert site.services.question_sets.list() == []

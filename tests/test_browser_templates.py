"""Prompt templates in a real Chromium: written, saved, compared, used in an answer, carried as files."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browsing import IN_BROWSER, answered, ask, choose_technique, opened
from tests.serving import Site, served

pytestmark = IN_BROWSER


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, models_folder: Path) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("home"), models_folder) as one:
        one.services.model.get()
        yield one


def user_text(page: Page):  # type: ignore[no-untyped-def]
    return page.locator("#maru-template-user textarea")


def test_a_template_is_written_saved_twice_compared_and_used(
    context: BrowserContext, site: Site, tmp_path: Path
) -> None:
    page = opened(context, site)
    page.on("dialog", lambda dialog: dialog.accept())
    expect(page.locator("#maru-edit-templates")).to_be_hidden()
    choose_technique(page, "My template")
    page.locator("#maru-composer textarea").fill("Why <b>so</b>?")
    page.get_by_role("button", name="Write and edit templates").click()
    sheet = page.get_by_role("dialog", name="Prompt templates")
    name, preview = sheet.get_by_label("Name"), page.locator("#maru-template-preview")
    expect(preview).to_contain_text("With the question “Why <b>so</b>?”")

    name.fill("Mine")
    user_text(page).fill("Tell me: ")
    expect(preview.get_by_role("alert")).to_contain_text("lacks {question}")
    sheet.get_by_role("button", name="Save").click()
    expect(page.get_by_test_id("toast-body")).to_contain_text("lacks {question}")
    expect(user_text(page)).to_have_value("Tell me: ")
    user_text(page).press("End")
    sheet.get_by_role("button", name="{question}").click()
    expect(user_text(page)).to_have_value("Tell me: {question}")
    expect(preview.locator(".message.user pre")).to_have_text("Tell me: Why <b>so</b>?")
    sheet.get_by_role("button", name="Save").click()
    expect(page.locator("#maru-template-versions")).to_contain_text("Version 1")

    expect(sheet.get_by_text("not saved")).to_be_hidden()
    user_text(page).fill("Please: {question}")
    expect(sheet.get_by_text("not saved")).to_be_visible()
    page.reload()  # what is not saved outlives the page
    page.wait_for_function("document.body.dataset.maruTechnique !== undefined")
    page.get_by_role("button", name="Write and edit templates").click()
    expect(user_text(page)).to_have_value("Please: {question}")
    sheet.get_by_role("button", name="Save").click()
    changes = page.locator("#maru-template-changes")
    expect(changes.locator(".removed")).to_contain_text("Tell me: {question}")
    expect(changes.locator(".added")).to_contain_text("Please: {question}")
    sheet.get_by_role("button", name="Restore version 1").click()
    expect(user_text(page)).to_have_value("Tell me: {question}")
    assert [one.user for one in site.services.templates.versions("Mine")] == [
        "Tell me: {question}",
        "Please: {question}",
        "Tell me: {question}",
    ]

    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(page.locator("#maru-template input")).to_have_value("Mine")
    ask(page, "Why?")
    answered(page, 1)
    page.locator(".fold.prompt > summary").click()
    expect(page.locator(".turn .message.user pre")).to_have_text("Tell me: Why?")


@pytest.mark.slow
def test_a_built_in_one_is_duplicated_and_templates_travel_as_files(
    context: BrowserContext, site: Site, tmp_path: Path
) -> None:
    page = opened(context, site)
    page.on("dialog", lambda dialog: dialog.accept())
    choose_technique(page, "Role")
    page.get_by_role("button", name="Write and edit templates").click()
    sheet = page.get_by_role("dialog", name="Prompt templates")
    sheet.get_by_role("button", name="Careful reader", exact=True).click()
    expect(user_text(page)).to_be_disabled()
    expect(sheet.get_by_role("button", name="Save")).to_be_hidden()
    sheet.get_by_role("button", name="Duplicate").click()
    name = sheet.get_by_label("Name")
    expect(name).to_have_value("Careful reader (copy)")
    name.fill("Careful reader")
    sheet.get_by_role("button", name="Save").click()
    expect(page.get_by_test_id("toast-body")).to_contain_text("Save it under another name")
    expect(name).to_have_value("Careful reader")
    name.fill("<b>Reader</b>")
    sheet.get_by_role("button", name="Save").click()
    expect(page.get_by_test_id("toast-body").last).to_contain_text("“<b>Reader</b>” was saved")
    with page.expect_download() as download:
        sheet.get_by_role("button", name="Export", exact=True).click()
    file = tmp_path / "reader.yaml"
    download.value.save_as(file)
    assert download.value.suggested_filename == "b Reader b.yaml"
    sheet.get_by_role("button", name="Delete").click()
    expect(page.locator("#maru-template-list")).not_to_contain_text("<b>Reader</b>")

    picker = page.locator("#maru-template-list input[type=file]")
    picker.set_input_files({"name": "x.yaml", "mimeType": "", "buffer": b"templates:\n- name: a\n  b: c"})
    expect(page.get_by_test_id("toast-body").last).to_contain_text("line 3: unknown key")
    picker.set_input_files({"name": "x.yaml", "mimeType": "", "buffer": "다리".encode("cp949")})
    expect(page.locator(".maru-notice")).to_contain_text("no UTF-8 text")
    picker.set_input_files(file)
    expect(name).to_have_value("<b>Reader</b>")
    assert site.services.templates.get("<b>Reader</b>").version == 1

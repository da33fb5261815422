"""The page in a real Chromium, with the real embedded model behind it."""

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browsing import IN_BROWSER, answered, ask, choose_technique, composer, opened
from tests.serving import Site, served
from vectorstore.store import Store

pytestmark = IN_BROWSER
IDLE_WITHIN_S = 2.0
LONG = "Write a very long story about a dragon who learns to read. Tell every detail."
GARDEN = (
    "# The school garden\n\nThe garden of Haneul School was planted in 2014 by the first graders. "
    "It has twelve apple trees and a pond. The pond is home to three species of frogs.\n"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, models_folder: Path) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("home"), models_folder) as one:
        one.services.model.get()
        yield one


@pytest.fixture
def page(context: BrowserContext, site: Site) -> Page:
    return opened(context, site)


def seconds_until(state: Callable[[], bool], limit: float = 20.0) -> float:
    started = time.perf_counter()
    while not state():
        assert time.perf_counter() - started < limit
        time.sleep(0.02)
    return time.perf_counter() - started


def idle(site: Site) -> bool:
    return not site.busy()


def test_an_answer_streams_and_stop_really_stops(context: BrowserContext, site: Site) -> None:
    page = opened(context, site, tokens=1000)
    ask(page, LONG)
    text = page.locator(".turn .text")
    expect(text).to_contain_text(re.compile(r"\w+"), timeout=30_000)
    page.locator(".conversations .menu summary").first.click()
    lengths = {len(text.inner_text())}
    saved = page.evaluate("JSON.stringify(localStorage).length")
    while len(lengths) < 4 or page.evaluate("JSON.stringify(localStorage).length") == saved:
        page.wait_for_timeout(150)
        lengths.add(len(text.inner_text()))
        assert page.locator("#maru-stop").is_visible()
    expect(page.locator(".conversations .menu[open]")).to_have_count(1)
    assert site.busy()
    page.locator("#maru-stop").click()
    assert seconds_until(lambda: idle(site)) < IDLE_WITHIN_S
    answered(page, 1)
    assert len(text.inner_text()) >= max(lengths)
    expect(page.locator(".remark")).to_contain_text("Stopped")
    facts = page.locator(".facts").inner_text()
    for fact in ("Zero-shot", "SmolLM2-135M-Instruct", "tokens", "first token", "tokens/s", "seed 1"):
        assert fact in facts


@pytest.mark.slow
@pytest.mark.parametrize("leave", ["close", "reload", "offline"])
def test_who_leaves_stops_the_model(context: BrowserContext, site: Site, leave: str) -> None:
    page = opened(context, site, tokens=400)
    ask(page, LONG)
    expect(page.locator(".turn .text")).to_contain_text(re.compile(r"\w+"), timeout=30_000)
    assert site.busy()
    if leave == "close":
        page.close()
    elif leave == "reload":
        page.reload()
    else:
        page.goto("about:blank")
    assert seconds_until(lambda: idle(site)) < IDLE_WITHIN_S


def test_edit_regenerate_undo_copy_and_clear(page: Page) -> None:
    ask(page, "Say one.")
    answered(page, 1)
    ask(page, "Say two.")
    answered(page, 2)
    page.locator(".turn [data-do=retry]").click()
    page.wait_for_function("document.body.dataset.maruBusy === 'true'")
    answered(page, 2)
    expect(page.locator(".turn")).to_have_count(2)
    first = page.locator(".turn").first
    first.hover()
    first.locator("[data-do=edit]").click()
    field = first.locator("textarea")
    expect(field).to_have_value("Say one.")
    field.fill("Say three.\nPlease.")
    field.press("Enter")
    expect(page.locator(".turn")).to_have_count(1)
    answered(page, 1)
    expect(page.locator(".asked")).to_have_text("Say three.\nPlease.")
    page.locator(".turn [data-do=undo]").click()
    expect(page.locator(".turn")).to_have_count(0)
    expect(composer(page)).to_have_value("Say three.\nPlease.")
    composer(page).press("Enter")
    answered(page, 1)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".greeting")).to_be_visible()


def test_every_turn_is_there_after_reload_switch_import_and_undo(page: Page, tmp_path: Path) -> None:
    for number, words in enumerate(("Say one.", "Say two.", "Say three.")):
        ask(page, words)
        answered(page, number + 1)
    turns, asked = page.locator(".turn"), page.locator(".asked")
    page.reload()
    expect(asked).to_have_text(["Say one.", "Say two.", "Say three."])
    page.get_by_role("button", name="New", exact=True).click()
    expect(page.locator(".greeting")).to_be_visible()
    page.locator(".conversations .list .name").click()
    expect(asked).to_have_text(["Say one.", "Say two.", "Say three."])
    turns.last.locator("[data-do=undo]").click()
    expect(asked).to_have_text(["Say one.", "Say two."])
    page.get_by_role("button", name="한국어").click()
    expect(page.get_by_role("tab", name="대화")).to_be_visible()
    expect(asked).to_have_text(["Say one.", "Say two."])
    page.locator(".conversations summary").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON으로 내보내기").click()
    download.value.save_as(tmp_path / "talk.json")
    page.get_by_role("button", name="새 대화", exact=True).click()
    expect(page.locator(".greeting")).to_be_visible()
    page.locator(".conversations input[type=file]").set_input_files(tmp_path / "talk.json")
    expect(asked).to_have_text(["Say one.", "Say two."])
    expect(page.locator(".greeting")).to_have_count(0)


def stop(page: Page) -> None:
    """Ends an answer that may have ended by itself."""
    page.locator("#maru-stop").evaluate("button => button.click()")


def test_what_would_break_a_growing_answer_is_refused(context: BrowserContext, site: Site) -> None:
    page = opened(context, site, tokens=400)
    for count, words in enumerate(("Say one.", "Say two."), 1):
        ask(page, words)
        expect(page.locator(".turn")).to_have_count(count)
        stop(page)
        answered(page, count)
    first = page.locator(".turn").first
    first.hover()
    first.locator("[data-do=edit]").click()
    field = first.locator("textarea")
    field.fill("Say three.")
    ask(page, LONG)
    page.wait_for_function("document.body.dataset.maruBusy === 'true'")
    field.press("Enter")
    notice = page.locator(".maru-notice")
    expect(notice).to_contain_text("An answer is being written")
    expect(field).to_have_value("Say three.")
    notice.evaluate("notice => notice.remove()")
    fields = page.locator(".menu button", has_text="Rename").evaluate(
        "button => (button.click(), document.querySelectorAll('.conversations .list input').length)"
    )
    assert fields == 0
    expect(notice).to_contain_text("An answer is being written")
    page.locator("#maru-stop").click()
    answered(page, 3)
    field.press("Enter")
    expect(page.locator(".asked")).to_have_text(["Say three."])
    stop(page)
    answered(page, 1)
    page.locator(".conversations summary").click()
    page.locator(".conversations").get_by_role("button", name="Rename").click()
    page.locator(".conversations .list input").fill("Three")
    page.locator(".conversations .list input").press("Enter")
    expect(page.locator(".toolbar .title")).to_have_text("Three")
    expect(page.locator(".asked")).to_have_text(["Say three."])


@pytest.mark.slow
def test_two_tabs_on_one_conversation_lose_nothing(context: BrowserContext, site: Site) -> None:
    one = opened(context, site)
    ask(one, "Say one.")
    answered(one, 1)
    one.evaluate("localStorage['maru.settings'] = JSON.stringify({max_tokens: 400, temperature: 0, seed: 1})")
    other = opened(context, site)
    expect(other.locator(".asked")).to_have_text(["Say one."])
    ask(one, "Say two.")
    answered(one, 2)
    expect(other.locator(".asked")).to_have_text(["Say one.", "Say two."])
    answered(other, 2)

    ask(other, LONG)
    expect(other.locator(".turn .text").nth(2)).to_contain_text(re.compile(r"\w+"), timeout=30_000)
    one.locator(".conversations summary").click()
    one.locator(".menu button", has_text="Rename").evaluate("button => button.click()")
    one.locator(".conversations .list input").fill("Mine")
    one.locator(".conversations .list input").press("Enter")
    expect(one.locator(".toolbar .title")).to_have_text("Mine")
    expect(other.locator(".conversations .list li")).to_have_count(2)
    other.locator("#maru-stop").click()
    answered(other, 3)
    expect(other.locator(".asked").last).to_have_text(LONG)
    expect(other.locator(".conversations .list li.shown")).to_have_text(re.compile("Say one."))
    expect(one.locator(".toolbar .title")).to_have_text("Mine")
    expect(one.locator(".conversations .name", has_text="Mine")).to_have_count(1)
    other.locator(".turn [data-do=undo]").click()
    expect(other.locator(".turn")).to_have_count(2)
    one.reload()
    expect(one.locator(".asked").first).to_have_text("Say one.")
    expect(one.locator(".conversations .list li")).to_have_count(2)


def test_keys_of_the_composer(page: Page) -> None:
    box = composer(page)
    box.fill("line")
    box.press("Shift+Enter")
    box.type("next")
    expect(box).to_have_value("line\nnext")
    box.evaluate(
        "box => box.dispatchEvent(new KeyboardEvent('keypress', "
        "{key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"
    )
    page.wait_for_timeout(400)
    expect(page.locator(".turn")).to_have_count(0)
    box.fill("   ")
    box.press("Enter")
    page.wait_for_timeout(400)
    expect(page.locator(".turn")).to_have_count(0)


def test_the_prompt_is_shown_message_by_message(page: Page) -> None:
    ask(page, "Is <b>this</b> bold?")
    answered(page, 1)
    page.locator(".fold.prompt > summary").click()
    messages = page.locator(".message")
    expect(messages).to_have_count(2)
    expect(messages.last).to_contain_text("Is <b>this</b> bold?")
    expect(messages.first.locator(".count")).to_contain_text(re.compile(r"\d+ tokens"))
    page.locator(".fold.templated > summary").click()
    expect(page.locator(".fold.templated pre")).to_contain_text("<|im_start|>user")
    assert page.locator(".turn b").count() == 0


def test_documents_citations_korean_and_reload(context: BrowserContext, site: Site, tmp_path: Path) -> None:
    page = opened(context, site)
    (tmp_path / "garden.md").write_text(GARDEN, "utf-8")
    (tmp_path / "broken.pdf").write_bytes(b"PK\x03\x04 not a pdf")
    page.get_by_role("tab", name="Documents").click()
    expect(page.locator("#maru-listed")).to_contain_text("There is no collection yet")
    page.get_by_role("button", name="New collection").click()
    page.locator("#maru-collection-name").get_by_role("textbox").fill("학교 정원")
    expect(page.locator("#maru-new-collection .remark")).to_be_visible()
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("radio", name="학교 정원")).to_be_checked()
    page.locator("#maru-drop input[type=file]").set_input_files(
        [tmp_path / "garden.md", tmp_path / "broken.pdf"]
    )
    expect(page.locator("tr.added")).to_contain_text("garden.md", timeout=60_000)
    expect(page.locator("tr.failed .reason")).to_contain_text("not really a .pdf")
    page.locator("#maru-listed").get_by_role("button", name="garden.md", exact=True).click()
    expect(page.locator(".cut blockquote").first).to_contain_text("twelve apple trees")
    page.locator("#maru-search").get_by_role("textbox").fill("frogs in the pond")
    page.locator("#maru-search").get_by_role("button").click()
    expect(page.locator(".results")).to_contain_text("three species of frogs")

    page.get_by_role("tab", name="Chat").click()
    page.locator("#maru-collection input").click()
    page.get_by_role("option", name="학교 정원").click()
    ask(page, "How many apple trees does the garden of Haneul School have?")
    answered(page, 1)
    page.locator(".cite").first.click()
    source = page.locator(".fold.source[open]")
    expect(source).to_contain_text("garden.md")
    expect(source.locator("mark").first).to_be_visible()

    page.get_by_role("button", name="한국어").click()
    expect(page.get_by_role("tab", name="대화")).to_be_visible()
    expect(page.locator(".asked")).to_have_text("How many apple trees does the garden of Haneul School have?")
    expect(page.locator(".fold.sources > summary")).to_contain_text("출처")
    expect(page.locator("#maru-send")).to_have_text("보내기")
    expect(page.locator("#maru-collection input")).to_have_value("학교 정원")
    page.reload()
    expect(page.locator(".conversations .name")).to_contain_text("How many apple trees")
    expect(page.locator(".fold.sources > summary")).to_contain_text("출처")

    page.get_by_role("tab", name="문서").click()
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.locator("#maru-delete").click()
    page.wait_for_timeout(500)
    assert [one.name for one in site.services.store.collections()] == ["학교 정원"]
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("#maru-delete").click()
    expect(page.locator("#maru-listed")).to_contain_text("아직 컬렉션이 없어요")


@pytest.mark.slow
def test_a_store_in_use_elsewhere_is_said_and_the_rest_of_the_page_works(
    browser: Browser, tmp_path: Path, models_folder: Path
) -> None:
    folder = tmp_path / "home" / "vectorstore"
    folder.mkdir(parents=True)
    with served(tmp_path / "home", models_folder) as site, Store(folder):
        context = browser.new_context(locale="ko-KR")
        page = context.new_page()
        kept = json.dumps({"technique": "few_shot", "collection": "사규", "system": "짧게 답해."})
        page.add_init_script(f"localStorage['maru.settings'] ??= {json.dumps(kept)}")
        page.goto(site.url)
        toast = page.get_by_test_id("toast-body")
        expect(toast).to_contain_text("다른 Maru가")
        title = toast.locator(".toast-title")
        expect(title).to_have_css("visibility", "hidden")  # Gradio's own, in English
        assert "처리하지 못했어요" in title.evaluate("title => getComputedStyle(title, '::before').content")
        expect(page.locator("#maru-technique input")).to_have_value("퓨샷")
        expect(page.get_by_label("시스템 프롬프트")).to_have_value("짧게 답해.")
        expect(page.locator("#maru-collection input")).to_have_value("사규")
        page.get_by_role("tab", name="문서").click()
        expect(page.locator("#maru-listed .problem")).to_contain_text("다른 Maru가")
        context.close()


def test_conversations_are_named_switched_exported_imported_deleted(page: Page, tmp_path: Path) -> None:
    ask(page, "Say one.")
    answered(page, 1)
    page.get_by_role("button", name="New", exact=True).click()
    expect(page.locator(".greeting")).to_be_visible()
    ask(page, "Say two.")
    answered(page, 1)
    rows = page.locator(".conversations .list li")
    expect(rows).to_have_count(2)
    rows.nth(1).locator(".name").click()
    expect(page.locator(".asked")).to_have_text("Say one.")
    rows.nth(1).locator("summary").click()
    rows.nth(1).get_by_role("button", name="Rename").click()
    rows.nth(1).locator("input").fill("첫 대화")
    rows.nth(1).locator("input").press("Enter")
    renamed = rows.filter(has_text="첫 대화")
    expect(renamed).to_have_count(1)

    files = {}
    for kind in ("JSON", "Markdown"):
        renamed.locator("summary").click()
        with page.expect_download() as download:
            renamed.get_by_role("button", name=f"Export {kind}").click()
        files[kind] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[kind])
    exported = json.loads(files["JSON"].read_text("utf-8"))
    assert (exported["maru"], exported["name"]) == (1, "첫 대화")
    assert files["Markdown"].read_text("utf-8").startswith("# 첫 대화\n\n## Say one.")

    page.once("dialog", lambda dialog: dialog.accept())
    renamed.locator("summary").click()
    renamed.get_by_role("button", name="Delete").click()
    expect(rows).to_have_count(1)
    chooser = page.locator(".conversations input[type=file]")
    chooser.set_input_files(files["JSON"])
    expect(page.locator(".asked")).to_have_text("Say one.")
    expect(rows).to_have_count(2)
    bad = tmp_path / "bad.json"
    bad.write_text('{"maru": 99, "turns": []}', "utf-8")
    chooser.set_input_files(bad)
    expect(page.get_by_test_id("toast-body")).to_contain_text("format 99")
    expect(page.locator(".asked")).to_have_text("Say one.")


def test_a_full_storage_is_said_and_loses_nothing_on_the_screen(page: Page) -> None:
    page.evaluate(
        "() => { let size = 1 << 22; while (size) { try { localStorage['filler' + size] = 'x'.repeat(size); }"
        " catch { size >>= 1; continue; } size >>= 1; } }"
    )
    ask(page, "Say one.")
    answered(page, 1)
    expect(page.locator(".maru-notice")).to_contain_text("storage is full")
    expect(page.locator(".asked")).to_have_text("Say one.")


def test_few_shot_examples_are_edited_and_saved(page: Page, site: Site) -> None:
    choose_technique(page, "Few-shot")
    editor = page.locator("#maru-examples")
    editor.get_by_role("button", name="Add an example").click()
    editor.get_by_label("Question").fill("한국의 수도는?")
    editor.get_by_label("Answer", exact=True).fill("서울")
    editor.get_by_label("Name of your set").fill("수도")
    editor.get_by_role("button", name="Save").click()
    expect(editor.get_by_role("combobox")).to_have_value("수도")
    assert site.services.examples.get("수도")[0].answer == "서울"
    ask(page, "일본의 수도는?")
    answered(page, 1)
    page.locator(".fold.prompt > summary").click()
    expect(page.locator(".message.assistant")).to_contain_text("서울")


def test_samples_are_seen_as_steps_and_their_agreement_is_told(context: BrowserContext, site: Site) -> None:
    page = opened(context, site, tokens=60)
    choose_technique(page, "Self-consistency")
    ask(page, "How much is 3 + 4?")
    expect(page.locator(".running h4").first).to_contain_text("Sample", timeout=30_000)
    answered(page, 1)
    expect(page.locator(".running")).to_have_count(0)
    expect(page.locator(".turn")).to_contain_text(re.compile(r"\d of 5 samples agree"))
    page.get_by_text("Steps before the answer (5)").click()
    step = page.locator('[data-fold="step-2"]')
    step.locator("summary").first.click()
    step.get_by_text("Show the prompt").click()
    expect(step.locator(".message.user")).to_contain_text("How much is 3 + 4?")
    page.reload()
    expect(page.get_by_text("Steps before the answer (5)")).to_be_visible(timeout=20_000)


def test_a_technique_that_needs_a_collection_says_so(page: Page) -> None:
    expect(page.locator(".help.unfit")).to_be_hidden()
    choose_technique(page, "ReAct")
    expect(page.locator(".help.unfit")).to_contain_text("needs a collection")
    ask(page, "Who painted the bridge?")
    expect(page.get_by_test_id("toast-body")).to_contain_text("Choose a collection")
    expect(composer(page)).to_have_value("Who painted the bridge?")
    choose_technique(page, "Zero-shot")
    expect(page.locator(".help.unfit")).to_be_hidden()


def test_a_template_is_chosen_and_sent(page: Page, site: Site) -> None:
    expect(page.locator("#maru-template")).to_be_hidden()
    choose_technique(page, "Role")
    page.locator("#maru-template input").click()
    page.get_by_role("option", name="Careful reader", exact=True).click()
    expect(page.locator("#maru-template input")).to_have_value("Careful reader")
    ask(page, "What is a bridge?")
    answered(page, 1)
    page.locator(".fold.prompt > summary").click()
    role = site.services.templates.get("Careful reader").system
    expect(page.locator(".message.system pre")).to_have_text(role)


def test_a_hostile_conversation_is_only_shown(page: Page, tmp_path: Path) -> None:
    reached: list[str] = []
    page.on("request", lambda request: reached.append(request.url))
    evil = (
        "<img src=https://evil.example/a onerror=\"document.title='pwned'\"> "
        "![x](https://evil.example/b) [x](javascript:document.title='pwned')"
    )
    citation = {"n": 1, "source": evil, "page": None, "text": evil, "start": 0, "end": 9, "score": 1}
    answer = {
        "question": {"text": evil, "technique": evil},
        "prompt": {"messages": [{"role": "user", "content": evil}]},
        "text": evil,
        "reasoning": evil,
        "citations": [{**citation, "highlights": [[0, 5]]}],
        "model": {"id": evil, "precision": evil},
        "prompt_text": evil,
        "done": True,
    }
    file = tmp_path / "evil.json"
    file.write_text(
        json.dumps({"maru": 1, "name": evil[:200], "turns": [{"text": evil, "answer": answer}]}), "utf-8"
    )
    page.locator(".conversations input[type=file]").set_input_files(file)
    expect(page.locator(".asked")).to_have_text(evil)
    page.wait_for_timeout(500)
    assert page.title() != "pwned"
    assert page.locator(".turn :is(img, a, script), .conversations img").count() == 0
    assert not [url for url in reached if "evil.example" in url]


def test_narrow_screens_reach_everything(browser: Browser, site: Site) -> None:
    context = browser.new_context(locale="ko-KR", viewport={"width": 390, "height": 844})
    page = opened(context, site)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    settings = page.locator("#maru-settings")
    expect(settings).not_to_be_in_viewport()
    page.get_by_role("button", name="설정").click()
    expect(settings.get_by_text("기법", exact=True)).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(settings).not_to_be_in_viewport()
    page.get_by_role("button", name="대화 목록").click()
    conversations = page.locator("#maru-conversations")
    expect(conversations.get_by_role("button", name="새 대화")).to_be_in_viewport()
    conversations.get_by_role("button", name="닫기").click()
    expect(conversations).not_to_be_in_viewport()
    context.close()


def test_nothing_outside_is_called_and_themes_are_remembered(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    page.goto(site.url)
    expect(composer(page)).to_be_visible()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("body")).to_have_class(re.compile("dark"))
    page.reload()
    expect(page.get_by_role("button", name="Light")).to_be_visible()
    expect(page.locator("body")).to_have_class(re.compile("dark"))
    assert [url for url in urls if not url.startswith((site.url, "data:", "blob:"))] == []

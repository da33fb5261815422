"""Choosing what answers, in a real Chromium, with the real embedded model in several precisions."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from adapters.precision import precisions
from adapters.sources import add_folder
from adapters.weights import prepare_embedded
from app.header import LOOK_AGAIN_S
from chains.question import Question
from tests.browsing import IN_BROWSER, answered, ask, opened
from tests.loras import write_adapter
from tests.serving import Site, served

pytestmark = IN_BROWSER
OPENVINO = "int8_openvino"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, models_folder: Path) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("home")
    write_adapter(home / "adapters" / "poet", seed=1)
    write_adapter(home / "adapters" / "시인", seed=2)
    write_adapter(home / "adapters" / "wrong", seed=3, hidden=64)
    with served(home, models_folder) as one:
        one.services.model.get()
        yield one


def models_tab(page: Page) -> Page:
    page.get_by_role("tab", name=re.compile("^(Models|모델)$")).click()
    expect(page.locator("#maru-precision-list input").first).to_be_attached(timeout=20_000)
    return page


def chat_tab(page: Page) -> None:
    page.get_by_role("tab", name="Chat").click()


def load(page: Page, precision: str) -> None:
    models_tab(page)
    page.locator(f"#maru-precision-list input[value={precision}]").check()
    page.locator("#maru-load button").click()


def facts(page: Page) -> Locator:
    return page.locator(".turn .facts").last


@pytest.mark.slow
def test_a_conversation_goes_on_across_precisions_engines_and_adapters(
    context: BrowserContext, site: Site
) -> None:
    page = opened(context, site)
    wanted = ["float32", "bfloat16", *([OPENVINO] if OPENVINO in precisions() else [])]
    for count, precision in enumerate(wanted, 1):
        load(page, precision)
        label = precisions()[precision].label["en"]
        expect(page.locator("#maru-now dl")).to_contain_text(label, timeout=90_000)
        expect(page.locator("#maru-model")).to_contain_text(label, timeout=10_000)
        chat_tab(page)
        name = ("", "poet", "시인")[count - 1]  # another precision and another adapter, each time
        if name:
            adapter(page, name)
        ask(page, f"Say {count}.")
        answered(page, count)
        expect(facts(page)).to_contain_text(label)
        if name:
            expect(facts(page)).to_contain_text(f"adapter {name}")
        else:
            expect(facts(page)).not_to_contain_text("adapter")
    expect(page.locator(".turn .facts").first).to_contain_text("float32")
    page.reload()
    expect(page.locator(".turn .facts").first).to_contain_text("float32")


def adapter(page: Page, name: str) -> None:
    page.locator("#maru-adapter input").click()
    page.get_by_role("option", name=name, exact=True).first.click()


@pytest.mark.slow
def test_two_tabs_chat_with_two_adapters_and_a_third_with_none(context: BrowserContext, site: Site) -> None:
    pages = {name: opened(context, site) for name in ("poet", "시인", "")}
    for name, page in pages.items():
        page.get_by_role("button", name="New", exact=True).click()
        if name:
            adapter(page, name)
        ask(page, "Name one colour.")
    texts = set()
    for name, page in pages.items():
        answered(page, 1)
        said = facts(page).inner_text()
        assert (f"adapter {name}" in said) if name else ("adapter" not in said)
        texts.add(page.locator(".turn .text").inner_text())
    assert len(texts) == 3
    page = pages["poet"]
    adapter(page, "None: the model as it is")  # and on without it, in the same conversation
    ask(page, "And another?")
    answered(page, 2)
    expect(page.locator(".facts").first).to_contain_text("adapter poet")
    expect(facts(page)).not_to_contain_text("adapter")


@pytest.mark.slow
def test_adapters_are_listed_loaded_and_refused(context: BrowserContext, site: Site) -> None:
    page = models_tab(opened(context, site))
    size = page.locator("#maru-load input")
    size.click()
    page.get_by_role("option", name="1,024", exact=True).click()
    rows = page.locator(".adapters li")
    expect(rows).to_have_count(3)
    expect(rows.filter(has_text="wrong").locator(".reason")).to_contain_text("q_proj")
    poet = rows.filter(has_text="poet")
    unload = poet.get_by_role("button", name="Unload the adapter poet", exact=True)
    if "poet" in site.services.attached_adapters():
        unload.click()
    poet.get_by_role("button", name="Load the adapter poet", exact=True).click()
    expect(poet.locator(".mark")).to_be_visible(timeout=30_000)
    assert "poet" in site.services.attached_adapters()
    unload.click()
    expect(poet.locator(".mark")).to_have_count(0)
    assert "poet" not in site.services.attached_adapters()
    page.wait_for_timeout(1000 * LOOK_AGAIN_S + 1000)  # the header has looked, and told the others
    expect(size).to_have_value("1,024")  # what was picked stays until it is loaded
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Delete the adapter wrong").click()
    expect(rows).to_have_count(3)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete the adapter wrong").click()
    expect(rows).to_have_count(2)
    assert not (site.services.adapters_folder / "wrong").exists()


def test_an_adapter_that_answers_is_not_deleted_and_is_gone_from_the_chat_once_it_is(
    context: BrowserContext, site: Site
) -> None:
    write_adapter(site.services.adapters_folder / "bard", seed=9)
    page = opened(context, site)
    adapter(page, "bard")
    expect(page.locator("#maru-adapter-share")).to_be_hidden()
    page.get_by_label("Combine with").click()
    page.get_by_role("option", name="poet", exact=True).last.click()  # the first list may still be closing
    expect(page.locator("#maru-adapter-share")).to_be_visible()
    models_tab(page)
    page.on("dialog", lambda dialog: dialog.accept())
    delete = page.get_by_role("button", name="Delete the adapter bard")
    with closing(site.services.ask(Question("Tell a story."), adapter="bard")) as reading:
        next(reading)  # a slow reader: however fast the machine, this answer is not over
        delete.click()
        expect(page.get_by_test_id("toast-body")).to_contain_text("is answering somebody")
    delete.click()
    expect(page.locator(".adapters li", has_text="bard")).to_have_count(0)
    chat_tab(page)
    expect(page.locator("#maru-adapter input")).to_have_value("None: the model as it is", timeout=15_000)


@pytest.mark.slow
def test_an_adapter_is_imported_from_a_folder(context: BrowserContext, site: Site, tmp_path: Path) -> None:
    page = models_tab(opened(context, site))
    section = page.locator("#maru-adapters")
    section.get_by_role("button", name="Import an adapter").click()
    section.get_by_label("Folder on this machine").fill(str(write_adapter(tmp_path / "bad", 4, hidden=64)))
    section.get_by_label("Name").fill("pirate")
    section.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_test_id("toast-body")).to_contain_text("q_proj")
    section.get_by_label("Folder on this machine").fill(str(write_adapter(tmp_path / "good", 5)))
    section.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator(".adapters li", has_text="pirate")).to_contain_text("rank 8")
    assert "pirate" in (site.services.fitting_adapters() or [])


def test_a_broken_model_is_refused_and_the_present_one_answers_on(
    context: BrowserContext, site: Site, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "config.json").write_text(json.dumps({"model_type": "llama"}), "utf-8")
    page = models_tab(opened(context, site))
    before = page.locator("#maru-now h3").inner_text()
    page.get_by_role("button", name="Add a model").click()
    form = page.locator("#maru-add")
    form.get_by_label("Path on this machine").fill(str(broken))
    form.get_by_label("Name in this list").fill("broken-one")
    form.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_test_id("toast-body")).to_be_visible()
    assert page.locator("#maru-now h3").inner_text() == before
    chat_tab(page)
    ask(page, "Say one.")
    answered(page, 1)


@pytest.mark.slow
def test_a_model_that_was_damaged_fails_and_the_present_one_answers_on(
    context: BrowserContext, site: Site, tmp_path: Path, models_folder: Path
) -> None:
    place = tmp_path / "damaged"
    place.mkdir()
    for file in prepare_embedded(models_folder).iterdir():
        (place / file.name).symlink_to(file)
    add_folder(place, site.services.settings.models, "damaged")
    weights = next(place.glob("*.safetensors"))
    whole = weights.resolve()
    weights.unlink()
    with whole.open("rb") as read:
        weights.write_bytes(read.read(1_000_000))
    present = site.services.model.loaded()
    page = models_tab(opened(context, site))
    page.locator("#maru-model-list input[value=damaged]").check()
    page.locator("#maru-load-button").click()
    expect(page.locator("#maru-now .problem")).to_contain_text("damaged could not be loaded", timeout=60_000)
    expect(page.locator("#maru-now .problem")).to_contain_text("answers now")
    assert site.services.model.loaded() is present
    chat_tab(page)
    ask(page, "Say one.")
    answered(page, 1)
    models_tab(page)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Remove damaged").click()
    page.locator("#maru-now [data-do=dismiss]").click()
    expect(page.locator("#maru-now .problem")).to_have_count(0)
    expect(page.locator("#maru-model-list input[value=damaged]")).to_have_count(0)
    assert weights.exists()


@pytest.mark.slow
def test_loading_can_be_cancelled(context: BrowserContext, site: Site) -> None:
    page = models_tab(opened(context, site))
    present = site.services.model.loaded().spec
    wanted = "float32" if present.precision != "float32" else "bfloat16"
    with site.services.model._one_at_a_time:  # another load is not finished yet: this one waits, visibly
        load(page, wanted)
        expect(page.locator("#maru-now progress")).to_be_visible()
        expect(page.locator("#maru-model")).to_contain_text("Loading")
        page.locator("#maru-now [data-do=stop]").click()
    expect(page.locator("#maru-now progress")).to_have_count(0)
    expect(page.locator("#maru-now .problem")).to_have_count(0)
    expect(page.locator("#maru-now .given-up")).to_contain_text("was cancelled")
    assert site.services.model.loaded().spec == present
    models_tab(page)
    page.reload()
    models_tab(page)
    expect(page.locator("#maru-now .given-up")).to_contain_text(f"{present.id} (int8 (OpenVINO)) answers now")


def test_narrow_korean_models(browser: Browser, site: Site) -> None:
    context = browser.new_context(locale="ko-KR", viewport={"width": 390, "height": 844})
    page = models_tab(opened(context, site))
    expect(page.locator("#maru-now")).to_contain_text("정밀도")
    expect(page.locator(".precisions")).to_contain_text("LoRA 사용·학습 가능")
    for name in ("모델 추가", "어댑터 가져오기"):
        page.get_by_role("button", name=name).click()
        page.wait_for_timeout(200)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    wide = page.evaluate(
        "[...document.querySelectorAll('#maru-models *')].filter(part => part.offsetParent && "
        "part.getBoundingClientRect().right > innerWidth + 1).map(part => part.className)"
    )
    assert wide == []
    context.close()

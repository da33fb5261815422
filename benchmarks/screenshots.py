"""The pictures in docs/pictures: every tab, both languages, wide and narrow, with a real cited answer, and
comparisons that were really made.

    python -m benchmarks.screenshots [--theme dark] [--out FOLDER] [--only compare]

Serves the page in this process over a data home of its own, on the models of the usual one, and drives a real
Chromium. The answer on the pictures is what the embedded model wrote.
"""

import argparse
import io
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from app.launch import launch
from app.layout import build_app
from app.services import Services
from app.settings import Settings, read_settings
from vectorstore.ingest import add

WIDTHS = {1280: 800, 390: 844}
RUN_TOKENS = 16
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OUT = Path(__file__).resolve().parent.parent / "docs" / "pictures"


@dataclass(frozen=True)
class Scene:
    """What one language's pictures show."""

    locale: str
    collection: str
    files: dict[str, str]
    question: str
    documents: str
    models: str
    open: str
    technique: str = "zero_shot"


PLANTING = (
    "# Planting\n\nThe school garden was planted in 2014 by the first graders. It has twelve apple trees, "
    "two pear trees and a pond with three species of frogs.\n"
)
VISITING = (
    "Visitors are welcome on Saturdays between nine and noon. Groups of more than ten people ask the "
    "caretaker a week before.\n"
)
VISITING_KO = (
    "정원은 토요일 아홉 시부터 열두 시까지 열려요. 열 명이 넘는 단체는 일주일 전에 관리인에게 알려 주세요.\n"
)

# The embedded model reads English only: in both languages the cited answer is from an English document.
SCENES = {
    "en": Scene(
        locale="en-US",
        collection="Garden handbook",
        files={"planting.md": PLANTING, "visiting.txt": VISITING},
        question="How many apple trees does the school garden have?",
        documents="Documents",
        models="Models",
        open="planting.md",
    ),
    "ko": Scene(
        locale="ko-KR",
        collection="정원 안내서",
        files={"planting.md": PLANTING, "방문 안내.txt": VISITING_KO},
        question="How many apple trees does the school garden have?",
        documents="문서",
        models="모델",
        open="방문 안내.txt",
        technique="few_shot",
    ),
}


def main() -> None:
    """Takes all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--only", choices=("compare",), help="only the Compare tab's pictures")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    with _served() as (url, services), sync_playwright() as playwright:
        program = next(filter(None, map(shutil.which, BROWSERS)), None)
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        _compare(browser, url, arguments)
        for language, scene in {} if arguments.only else SCENES.items():
            _add(services, scene)
            for width in WIDTHS:
                _take(browser, url, scene, f"{language}-{width}", width, arguments)
            services.store.delete(scene.collection)
        browser.close()


@contextmanager
def _served() -> Iterator[tuple[str, Services]]:
    with tempfile.TemporaryDirectory(prefix="maru-pictures-") as folder:
        (Path(folder) / "models").symlink_to(read_settings().models)
        services = Services(Settings(Path(folder), port=0))
        page = build_app(services)
        _, url, _ = launch(page, services.settings, server_port=None, prevent_thread_lock=True)
        services.model.get()
        try:
            yield url, services
        finally:
            page.close()
            services.close()


def _add(services: Services, scene: Scene) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in scene.files.items():
            (Path(folder) / name).write_text(text, "utf-8")
        for event in add(services.store, scene.collection, [Path(folder) / name for name in scene.files]):
            print(event.source, event.status)


def _take(
    browser: Browser, url: str, scene: Scene, name: str, width: int, arguments: argparse.Namespace
) -> None:
    context = browser.new_context(
        locale=scene.locale,
        viewport={"width": width, "height": WIDTHS[width]},
        device_scale_factor=2,
        color_scheme=arguments.theme,
    )
    page = context.new_page()
    settings = json.dumps(
        {
            "technique": scene.technique,
            "collection": scene.collection,
            "temperature": 0,
            "max_tokens": 60,
            "seed": 1,
        }
    )
    page.add_init_script(
        f"if (location.protocol === 'http:') localStorage['maru.settings'] ??= {json.dumps(settings)}"
    )
    page.goto(url)
    page.wait_for_function("document.body.dataset.maruGrounded === 'true'")
    _ask(page, scene)
    suffix = "" if arguments.theme == "light" else f"-{arguments.theme}"
    _picture(page, arguments.out / f"chat-{name}{suffix}.png")
    page.get_by_role("tab", name=scene.documents).click()
    page.get_by_role("button", name=scene.open, exact=True).click()
    expect(page.locator(".cut blockquote").first).to_be_visible()
    page.mouse.move(0, 0)
    _picture(page, arguments.out / f"documents-{name}{suffix}.png")
    page.get_by_role("tab", name=scene.models, exact=True).click()
    expect(page.locator("#maru-precision-list input").first).to_be_attached()
    expect(page.locator(".adapters, #maru-adapter-list .empty")).to_be_visible()
    page.mouse.move(0, 0)
    _picture(page, arguments.out / f"models-{name}{suffix}.png")
    context.close()
    print(name)


def _compare(browser: Browser, url: str, arguments: argparse.Namespace) -> None:
    """One question answered in three ways, and a small set that comes with Maru in two."""
    context = browser.new_context(
        locale="en-US",
        viewport={"width": 1280, "height": WIDTHS[1280]},
        device_scale_factor=2,
        color_scheme=arguments.theme,
    )
    page = context.new_page()
    page.goto(url)
    suffix = "" if arguments.theme == "light" else f"-{arguments.theme}"
    page.get_by_role("tab", name="Compare", exact=True).click()
    page.locator("#maru-side-by-side .empty button").click()
    expect(page.locator("#maru-one .ballot")).to_be_visible(timeout=180_000)
    page.locator("#maru-compare-ask").evaluate("part => part.scrollIntoView()")
    page.mouse.move(0, 0)
    _picture(page, arguments.out / f"compare-en-1280{suffix}.png")
    page.get_by_role("tab", name="Over a set", exact=True).click()
    form = page.locator("#maru-run-form")
    expect(form.locator(".ways li")).to_have_count(2)
    form.get_by_role("button", name="For all columns").click()
    form.get_by_label("number input for Max new tokens").fill(str(RUN_TOKENS))
    form.get_by_label("number input for Max new tokens").press("Tab")
    form.get_by_role("button", name="Start", exact=True).click()
    found = page.locator("#maru-run-found")
    expect(found.locator(".headline")).to_be_visible(timeout=600_000)
    found.evaluate("part => part.scrollIntoView()")
    page.mouse.move(0, 0)
    _picture(page, arguments.out / f"compare-runs-en-1280{suffix}.png")
    context.close()
    print("compare")


def _picture(page: Page, path: Path) -> None:
    """A PNG of 256 colours: a third of the size, and nobody sees a difference."""
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    shot.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def _ask(page: Page, scene: Scene) -> None:
    page.locator("#maru-composer textarea").fill(scene.question)
    page.locator("#maru-composer textarea").press("Enter")
    expect(page.locator(".turn[aria-busy=false] .facts")).to_be_visible(timeout=60_000)
    page.locator(".cite").first.click()
    expect(page.locator(".fold.source[open]").first).to_be_visible()
    page.mouse.move(0, 0)


if __name__ == "__main__":
    main()

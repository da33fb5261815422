"""What a client sends for the sheet is read as what it claims to be, and nothing else."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from app.services import Services
from app.settings import Settings
from app.templates.editor import imported
from app.templates.opened import LONGEST, choices, listing, name_in, opened_in, typed
from chains.question import Template
from tests.serving import GRADIO_WARNS, Site

pytestmark = GRADIO_WARNS


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return Services(Settings(tmp_path))


def test_the_fields_are_a_template_whatever_they_hold() -> None:
    assert typed(" mine", "ko", "s", "u") == Template(" mine", "s", "u", language="ko")
    assert typed(None, "fr", None, 5) == Template("", "", "5")
    assert len(typed("", "", "x" * 100_000, "").system) == LONGEST + 1, "still too long, so it is refused"


@pytest.mark.parametrize("value", [None, "x", [], {}, {"opened": None}, {"opened": "x"}])
def test_nothing_is_opened_where_nothing_is_said_to_be(value: object) -> None:
    assert opened_in(value) == {} and name_in(value) == ""


def test_the_list_holds_what_the_form_was_filled_with(services: Services) -> None:
    saved = services.templates.save(Template("내 것", "s", "{question}", language="ko"))
    value = listing(services, saved, "ko")
    assert value["opened"] == {
        "name": "내 것",
        "version": 1,
        "language": "ko",
        "system": "s",
        "user": "{question}",
    }
    assert name_in(value) == "내 것" and "꼼꼼한 독자" in value["html"]
    new = listing(services, None, "en")
    assert new["opened"] is None and "내 것" in new["html"] and "꼼꼼한 독자" not in new["html"]


def test_the_chat_chooses_among_all_of_them(services: Services) -> None:
    services.templates.save(Template("mine", "s", "{question}"))
    update = choices(services, "en", "mine")
    assert update["value"] == "mine"
    assert next(value for _, value in update["choices"]) == ""
    assert ("mine", "mine") in update["choices"]
    assert imported((Template("a", "", "", 2), Template("b", "", "")), "en") == "a (Version 2), b (Version 1)"


@pytest.mark.model
def test_nobody_writes_templates_on_a_public_page(site: Site, public_site: Site) -> None:
    """Neither the sheet nor its endpoints are there, nor what saves a set of examples is seen."""
    parts = {one.url: httpx.get(f"{one.url}config").json()["components"] for one in (site, public_site)}
    ids = {url: {part["props"].get("elem_id") for part in found} for url, found in parts.items()}
    sheet = {"maru-templates", "maru-edit-templates"}
    assert sheet <= ids[site.url] and not sheet & ids[public_site.url]
    assert _has_save_button(parts[site.url]) and not _has_save_button(parts[public_site.url])


def _has_save_button(parts: list[dict[str, Any]]) -> bool:
    (row,) = (part["props"] for part in parts if part["props"].get("elem_id") == "maru-save-examples")
    return bool(row["visible"])

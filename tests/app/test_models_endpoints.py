"""What the Models tab does over plain HTTP: on a public page nobody but its operator changes anything."""

from pathlib import Path
from typing import Any

import pytest

from tests.app.test_client import dependencies, send
from tests.loras import write_adapter
from tests.serving import GRADIO_WARNS, Site

pytestmark = [pytest.mark.model, *GRADIO_WARNS]

CHOICE = {"chosen": "SmolLM2-135M-Instruct-Q4_1"}
FLOAT32 = {"chosen": "float32"}
CHANGES: dict[tuple[str, str], list[Any]] = {
    ("maru-load-button", "click"): [CHOICE, FLOAT32, "1024", "en"],
    ("maru-now", "stop"): ["en"],
    ("maru-now", "retry"): ["en"],
    ("maru-now", "clear"): ["en"],
    ("maru-model", "retry"): ["en"],
    ("maru-model-list", "delete"): [CHOICE, FLOAT32, "1024", "en"],
    ("maru-adapter-list", "select"): ["en"],
    ("maru-adapter-list", "delete"): ["en"],
    ("maru-import-button", "click"): ["FOLDER", "mine", "en"],
}


def endpoints(site: Site) -> dict[tuple[str, str], int]:
    """Every endpoint that a part with an id triggers: (the part, the event) -> its number."""
    import httpx

    parts = httpx.get(f"{site.url}config").json()["components"]
    names = {part["id"]: part["props"].get("elem_id") for part in parts}
    return {
        (names[target], event): one["id"]
        for one in dependencies(site)
        for target, event in one["targets"]
        if names.get(target) and one["backend_fn"]
    }


@pytest.mark.parametrize("change", CHANGES, ids=" ".join)
def test_a_public_page_refuses_it(public_site: Site, tmp_path: Path, change: tuple[str, str]) -> None:
    source = write_adapter(tmp_path / "source", 1)
    data = [str(source) if value == "FOLDER" else value for value in CHANGES[change]]
    before = public_site.services.model.loaded()
    event = {"id": "poet", "start": 1}
    message = send(public_site, endpoints(public_site)[change], data, event)
    assert "open to everyone" in message["output"]["error"]
    state = public_site.services.model.state
    assert (state.loading, state.error) == (None, None)
    assert public_site.services.model.loaded() is before
    assert not public_site.services.adapters_folder.exists()
    assert not public_site.services.settings.chosen.exists()


def test_a_public_page_offers_neither_adding_nor_measuring(public_site: Site, site: Site) -> None:
    ours = {name for name, _ in endpoints(site)} - {name for name, _ in endpoints(public_site)}
    assert {"maru-measure-button", "maru-add-button"} <= ours


@pytest.mark.parametrize("path", ["../../etc", "/etc/passwd", "$(id)", "\0", "x" * 5000])
def test_a_path_that_is_no_model_is_refused_with_words(site: Site, path: str) -> None:
    index = endpoints(site)[("maru-add-button", "click")]
    message = send(site, index, ["folder", "en", path, "", "", "", "", "", ""])
    assert message["success"] is False
    assert message["output"]["error"]
    assert "logged under the number" not in message["output"]["error"]


def test_a_server_is_added_listed_and_removed(site: Site) -> None:
    index = endpoints(site)[("maru-add-button", "click")]
    given = {"url": "http://127.0.0.1:9/v1", "server_model": "tiny", "name": "mine"}
    order = ["path", "repository", "revision", "url", "server_model", "key_env", "name"]
    message = send(site, index, ["server", "en", *(given.get(name, "") for name in order)])
    assert message["success"], message
    listed = endpoints(site)[("maru-model-list", "delete")]
    removed = send(site, listed, [CHOICE, FLOAT32, "1024", "en"], {"id": "mine"})
    assert removed["success"], removed
    assert 'value="mine"' not in str(removed["output"]["data"])
    again = send(site, listed, [CHOICE, FLOAT32, "1024", "en"], {"id": "mine"})
    assert "mine" in again["output"]["error"]

"""What question sets are to a stranger: nothing. Their form on one's own page takes no path from a client."""

import pytest

from tests.app.test_client import send
from tests.app.test_models_endpoints import endpoints
from tests.serving import GRADIO_WARNS, Site

pytestmark = [pytest.mark.model, *GRADIO_WARNS]

PARTS = {
    "maru-set-list",
    "maru-set-page",
    "maru-set-drop",
    "maru-set-save",
    "maru-set-download",
    "maru-set-rename",
    "maru-public-list",
    "maru-public-save",
    "maru-draft-start",
    "maru-draft-list",
    "maru-draft-save",
}


def test_a_public_page_has_no_part_of_it(public_site: Site, site: Site) -> None:
    assert {name for name, _ in endpoints(site)} >= PARTS
    assert not {name for name, _ in endpoints(public_site)} & PARTS


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "$(id)", "\0", "x" * 5000, "한\u202e글"])
def test_a_sets_name_never_becomes_a_path(site: Site, name: str) -> None:
    message = send(site, endpoints(site)[("maru-set-list", "delete")], [None, "en"], {"id": name})
    assert message["success"] is False
    assert "no set of that name" in message["output"]["error"]
    opened = send(site, endpoints(site)[("maru-set-list", "select")], [None, "en"], {"id": name})
    assert opened["success"], opened
    assert "root:" not in str(opened)


def test_an_upload_that_is_a_path_of_the_server_is_refused(site: Site) -> None:
    index = endpoints(site)[("maru-set-drop", "upload")]
    given = [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}, None, "en", *["-"] * 19]
    message = send(site, index, given)
    assert message["success"] is False
    assert "root:" not in str(message)

"""What happens when a server is added: it is asked what it serves; one that is down is added nonetheless."""

import re
import socket
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.errors import ServerFailed, SourceRefused
from adapters.models import find_model, known_models
from adapters.registry import registered
from adapters.server.adding import LISTED, NOT_LISTED, PATIENCE, add_asked
from adapters.server.address import UNENCRYPTED
from tests.adapters.server.serving import free_port
from tests.model_server import model_server


def listing(*names: str) -> dict[str, Any]:
    return {"data": [{"id": name} for name in names]}


@pytest.mark.parametrize(
    "models, wanted, id, remark",
    [
        (["llama3"], "llama3", "llama3", LISTED),
        (["llama3", "qwen"], "qwen", "qwen", LISTED),
        (["llama3"], "", "llama3", LISTED),
        (["llama3:latest"], "llama3", "llama3", LISTED),
        ([], "llama3", "llama3", NOT_LISTED),
        (["org/in-the-cache"], "/srv/secret/tiny", "tiny", NOT_LISTED),
    ],
)
def test_a_server_is_named_after_its_model(
    tmp_path: Path, models: Sequence[str], wanted: str, id: str, remark: object
) -> None:
    with model_server(models=listing(*models)) as server:
        added = add_asked(server.url, tmp_path / "models", server_model=wanted)
    assert (added.entry.id, added.entry.server_model, added.remarks) == (id, wanted, (remark,))
    assert server.heard == [], "nothing has to be written for it"


@pytest.mark.parametrize(
    "models, wanted, said",
    [
        (["small", "other"], "large", r'does not serve "large"\. It serves: small, other\. Choose'),
        (["small", "other"], "", "several models. Choose one of them: small, other"),
        ([], "", "lists no model"),
    ],
)
def test_a_model_that_is_not_listed_is_refused_with_those_that_are(
    tmp_path: Path, models: Sequence[str], wanted: str, said: str
) -> None:
    with (
        model_server(models=listing(*models)) as server,
        pytest.raises(ServerFailed, match=said) as caught,
    ):
        add_asked(server.url, tmp_path / "models", "mine", wanted)
    assert re.search("[가-힣]", caught.value.text("ko"))
    assert registered(tmp_path / "models") == []


def test_a_server_that_is_down_is_added_with_the_cause(tmp_path: Path) -> None:
    added = add_asked(f"http://127.0.0.1:{free_port()}/v1", tmp_path / "models", server_model="llama3")
    (remark,) = added.remarks
    assert added.entry.id == "llama3"
    assert "could not be asked" in remark["en"] and "refused the connection. Start the server" in remark["en"]
    assert "서버를 켜거나" in remark["ko"]


@pytest.mark.parametrize(
    "answer, cause",
    [
        ((401, "application/json", b"{}"), "wants a key"),
        ((404, "application/json", b"{}"), "nothing at this address"),
        ((500, "text/plain", b"no cache"), "no cache"),
        ((200, "text/html", b"<html>"), "not an OpenAI-compatible address"),
    ],
)
def test_a_server_that_does_not_tell_is_added_with_the_cause(
    tmp_path: Path, answer: tuple[int, str, bytes], cause: str
) -> None:
    with model_server(models_answer=answer) as server:
        (remark,) = add_asked(server.url, tmp_path / "models", server_model="llama3").remarks
    assert cause in remark["en"]


def test_a_key_that_is_not_set_or_a_silent_server_is_a_remark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MARU_NO_KEY", raising=False)
    with model_server() as server:
        (remark,) = add_asked(server.url, tmp_path / "models", key_env="MARU_NO_KEY").remarks
    assert "MARU_NO_KEY is empty" in remark["en"] and server.headers == []
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        (remark,) = add_asked(url, tmp_path / "models", limits=replace(PATIENCE, check_s=0.2)).remarks
    assert "did not begin to answer within 0.2 s" in remark["en"]


def test_an_address_that_may_not_be_used_is_refused_before_it_is_asked(tmp_path: Path) -> None:
    with model_server() as server, pytest.raises(SourceRefused, match="user name"):
        add_asked(server.url.replace("127", "ann:secret@127"), tmp_path / "models")
    assert server.headers == []


def test_that_nothing_is_encrypted_is_said_when_it_is_added_and_in_the_list(tmp_path: Path) -> None:
    # an address of the documentation's own network (RFC 5737), which nobody answers
    limits = replace(PATIENCE, connect_s=0.05, check_s=0.1)
    added = add_asked("http://192.0.2.7:8000/v1", tmp_path / "models", "box", limits=limits)
    assert added.remarks[-1] == UNENCRYPTED
    assert UNENCRYPTED["en"] in find_model("box", tmp_path / "models").description["en"]
    near = add_asked(f"http://127.0.0.1:{free_port()}", tmp_path / "models", "near")
    assert UNENCRYPTED not in near.remarks
    assert UNENCRYPTED["ko"] not in near.entry.description["ko"]


def test_a_second_server_of_the_same_model_has_a_number_and_the_first_may_be_added_again(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "models"
    with model_server() as one, model_server() as two:
        ids = [add_asked(url, folder).entry.id for url in (one.url, two.url, one.url)]
    assert ids == ["small", "small 2", "small"]
    assert {entry.id for entry in known_models(folder) if entry.kind == "server"} == {"small", "small 2"}

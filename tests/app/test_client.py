"""The page over its API: a two-turn round trip, hostile input, and what a public page refuses."""

import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client

from app.line import MOST_WAITING
from chains.question import Example
from tests.serving import GRADIO_WARNS, Site

pytestmark = [
    pytest.mark.model,
    *GRADIO_WARNS,
]


@pytest.fixture(scope="module")
def client(site: Site) -> Iterator[Client]:
    one = Client(site.url, verbose=False, analytics_enabled=False)
    yield one
    one.close()


def ask(client: Client, text: str, shown: Any, language: str = "en", **settings: Any) -> dict[str, Any]:
    given = {"max_tokens": 12, "temperature": 0, "seed": 1, "system": "", **settings}
    return client.predict(text, shown, language, api_name="/ask", **given)[1]


def test_two_turns_go_there_and_back(client: Client) -> None:
    first = ask(client, "My name is Ada. Say hello.", {})
    assert first["busy"] is False
    assert len(first["html"]) == 1
    second = ask(client, "What is my name?", json.loads(json.dumps(first)), language="ko")
    turns = second["conversation"]["turns"]
    assert [turn["text"] for turn in turns] == ["My name is Ada. Say hello.", "What is my name?"]
    sent = [(m["role"], m["content"]) for m in turns[1]["answer"]["prompt"]["messages"]]
    assert ("user", "My name is Ada. Say hello.") in sent
    assert ("assistant", turns[0]["answer"]["text"]) in sent
    assert sent[-1] == ("user", "What is my name?")
    assert turns[1]["answer"]["tokens"]["prompt"] > turns[0]["answer"]["tokens"]["prompt"]
    assert turns[1]["answer"]["seed"] == 1
    assert "프롬프트 보기" in second["html"][1]


def until(state: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not state():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_whoever_waits_behind_others_is_told_the_place(client: Client, site: Site) -> None:
    given = {"max_tokens": 4, "temperature": 0, "seed": 1, "system": ""}
    capacity = site.services.model.loaded().capacity
    with ExitStack() as others:
        for _ in range(capacity + 2):
            others.enter_context(site.services.line.joined())
        last = client.submit("Say one.", {}, "en", api_name="/ask", **given)
        until(lambda: bool(last.outputs()))
        assert "waiting for its turn (place 3)" in last.outputs()[0][1]["html"][-1]
    assert "waiting for its turn" not in last.result(timeout=60)[1]["html"][-1]


def test_a_line_that_is_too_long_says_so(client: Client, site: Site) -> None:
    capacity = site.services.model.loaded().capacity
    with ExitStack() as others:
        for _ in range(capacity + MOST_WAITING):
            others.enter_context(site.services.line.joined())
        with pytest.raises(Exception, match="requests are waiting for the model already"):
            ask(client, "Say one.", {})
    assert ask(client, "Say one.", {})["busy"] is False


def test_only_asking_is_offered_as_api(client: Client) -> None:
    assert set(client.view_api(return_format="dict")["named_endpoints"]) == {"/ask"}


@pytest.mark.parametrize(
    ("shown", "settings", "words"),
    [
        ({"conversation": {"maru": 7}}, {}, "format 7"),
        ({"conversation": {"maru": 1, "turns": [{"text": 1}]}}, {}, "damaged"),
        ("<script>", {}, "not a conversation"),
        ({}, {"technique": "../../etc/passwd"}, "no technique"),
        ({}, {"collection": "../../etc/passwd"}, "no collection"),
        ({}, {"collection": "$(x)\0"}, "no collection"),
        ({}, {"system": "x" * 20_001}, "20000"),
    ],
)
def test_bad_input_gets_a_clear_message(
    client: Client, shown: Any, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(Exception, match=words):
        ask(client, "Hello", shown, **settings)


@pytest.mark.parametrize("text", ["", "  \n", "\u200b"])
def test_nothing_asked_is_said_so(client: Client, text: str) -> None:
    with pytest.raises(Exception, match="question is empty"):
        ask(client, text, {})


def dependencies(site: Site) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(f"{site.url}config").json()["dependencies"]
    return found


def send(site: Site, index: int, data: list[Any], event: Any = None) -> dict[str, Any]:
    """What anyone with the address can send to any endpoint, private ones too; the last message about it."""
    session = secrets.token_hex(6)
    body = {"data": data, "fn_index": index, "session_hash": session, "event_data": event}
    with httpx.Client(base_url=f"{site.url}gradio_api/queue", timeout=60) as http:
        http.post("/join", json=body).raise_for_status()
        with http.stream("GET", f"/data?session_hash={session}") as stream:
            for line in stream.iter_lines():
                message: dict[str, Any] = json.loads(line.removeprefix("data: ")) if line else {}
                if message.get("msg") == "process_completed":
                    return message
    raise AssertionError("the stream ended early")


def every_change(site: Site, collection: str) -> None:
    """Every endpoint that changes something, found by what triggers it, called as its button would."""
    for one in dependencies(site):
        if one["backend_fn"] and one["targets"][0][1] not in {"submit", "tick", "load"}:
            for data in ([collection, "en"], [collection, [["q", "a"]], "en"], [collection, {}, "en"]):
                send(site, one["id"], data[: len(one["inputs"])], {"id": "x", "text": "{}", "turn": 0})


ROW = Example("one?", "two")


@pytest.mark.slow
def test_the_calls_of_the_next_test_do_reach_the_handlers(site: Site) -> None:
    site.services.store.create("mine")
    site.services.examples.save("mine", [ROW])
    every_change(site, "mine")
    assert "mine" not in [one.name for one in site.services.store.collections()]
    assert "mine" not in site.services.examples.names("en")


def test_a_public_page_refuses_every_change(public_site: Site) -> None:
    store, examples = public_site.services.store, public_site.services.examples
    store.create("mine")
    examples.save("mine", [ROW])
    every_change(public_site, "mine")
    every_change(public_site, "other")
    assert [one.name for one in store.collections()] == ["mine"]
    assert examples.get("mine") == (ROW,)
    assert "other" not in examples.names("en")


def upload(site: Site, name: str, content: bytes) -> str:
    """What the browser does before the upload event; the path Gradio keeps the file under."""
    sent = httpx.post(f"{site.url}gradio_api/upload", files={"files": (name, content)}, timeout=60)
    sent.raise_for_status()
    return str(sent.json()[0])


def put_in(site: Site, path: str, collection: str) -> dict[str, Any]:
    """The upload event of the Documents tab."""
    uploads = [one for one in dependencies(site) if one["targets"][0][1] == "upload"]
    index = next(one["id"] for one in uploads if len(one["inputs"]) == 4)
    files = [{"path": path, "meta": {"_type": "gradio.FileData"}}]
    return send(site, index, [files, collection, "en", None])


def test_an_upload_goes_in_and_its_file_is_deleted(site: Site) -> None:
    site.services.store.create("uploads")
    path = upload(site, "나무.txt", "마루는 나무로 만들어요.".encode())
    message = put_in(site, path, "uploads")
    assert message["success"], message
    assert [one.source for one in site.services.store.documents("uploads")] == ["나무.txt"]
    assert not Path(path).exists()


@pytest.mark.parametrize("path", ["upload", "upload?upload_id=a", "%75pload", "process_recording"])
def test_a_public_page_takes_no_file(public_site: Site, path: str) -> None:
    """Not one byte of it is written: the disk of a public server is not filled by strangers."""
    files = {"files": ("a.txt", secrets.token_bytes(1_000_000))}
    answer = httpx.post(f"{public_site.url}gradio_api/{path}", files=files, timeout=60, follow_redirects=True)
    assert answer.status_code == 403
    assert "open to everyone" in answer.text


def test_the_upload_event_is_refused_on_a_public_page_and_leaves_no_file(
    site: Site, public_site: Site
) -> None:
    """The file came by way of another page of this process; the handler refuses it nonetheless."""
    public_site.services.store.create("uploads")
    path = upload(site, "a.txt", b"some words to add")
    message = put_in(public_site, path, "uploads")
    assert "open to everyone" in message["output"]["error"]
    assert public_site.services.store.documents("uploads") == []
    assert not Path(path).exists()


def test_the_page_lets_the_browser_load_from_here_only(site: Site) -> None:
    answer = httpx.get(site.url)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "connect-src 'self'" in policy
    assert answer.text.index("window.maru") < answer.text.index("gradio_config")
    assert "fonts.googleapis" not in answer.text


@pytest.mark.parametrize("path", ["/etc/passwd", "pyproject.toml", ".git/config", "../.git/config"])
def test_no_file_of_this_machine_is_served(site: Site, path: str) -> None:
    assert httpx.get(f"{site.url}gradio_api/file={path}").status_code in {403, 404}


def test_an_upload_over_the_limit_is_refused(site: Site) -> None:
    large = httpx.post(
        f"{site.url}gradio_api/upload", files={"files": ("a.txt", b"x" * 53_000_000)}, timeout=60
    )
    assert large.status_code == 413


def test_another_origin_is_not_let_in(site: Site) -> None:
    answer = httpx.get(f"{site.url}config", headers={"Origin": "https://evil.example"})
    assert answer.headers.get("access-control-allow-origin") is None

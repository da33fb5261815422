"""Everything a server can do wrong: the message says the cause and the mend, and what was written is kept."""

import json
import logging
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.engines.server import connect
from adapters.errors import LoadCancelled, ServerFailed
from adapters.server.chat_model import ServerChatModel
from adapters.server.faults import FAULTS, failure
from adapters.spec import GenerationOptions, ModelSpec
from app.conversation import Conversation, Turn, to_json
from chains.answer import ask
from chains.question import Answer, Question
from tests.adapters.server.connecting import QUICK, connected, entry
from tests.model_server import LONGEST_S, ModelServer, model_server, until

WRONG = [
    ("hang", "first_token_timeout", "did not begin to answer within 0.4 s.*try again", ""),
    ("hang_after_role", "first_token_timeout", "did not begin to answer", ""),
    ("hang_midway", "idle_timeout", "fell silent for 0.4 s.*kept", "A maru"),
    ("truncated", "truncated", "broke off.*still runs", "A maru"),
    ("reset", "truncated", "broke off.*still runs", "A maru"),
    ("aborted", "truncated", "broke off", "A maru"),
    ("dropped", "dropped", "closed the connection before it answered.*try again", ""),
    ("nothing", "dropped", "closed the connection before it answered", ""),
    ("empty", "empty", "without a word.*chat template", ""),
    ("thinking", "only_thinking", 'used up all tokens.*Raise "Max new tokens"', ""),
    ("nonsense", "not_json", "not JSON.*kept", "A maru"),
    ("error_event", "stream_error", "EngineCore encountered an issue.*log", "A maru"),
    ("error_text", "stream_error", "CUDA out of memory", ""),
    ("html", "wrong_type", "text/html.*Check host and port", ""),
    ("whole", "wrong_type", "application/json", ""),
    ("unauthorized", "key_missing", r"wants a key \(401\).*environment variable", ""),
    ("forbidden", "key_missing", r"wants a key \(403\)", ""),
    ("no_model", "not_served", 'does not serve "small". It serves: small, other', ""),
    ("no_page", "wrong_path", r"nothing at this address \(404\).*/v1 is there already", ""),
    ("busy", "busy", r"too much to do \(429\), 3 attempts.*Try again", ""),
    ("busy_long", "busy_long", "wait for 3600 s", ""),
    ("busy_until", "busy_long", "wait for 86400 s", ""),
    ("error_500", "error_status", r"\(500\), attempts: 3. boom {x}.*log", ""),
    ("error_502", "error_status", r"\(502\), attempts: 3. Look at its log", ""),
    ("error_503", "error_status", r"\(503\), attempts: 3. Loading model", ""),
    ("bad_seed", "option_refused", "refused the setting seed: seed is not supported.*Change", ""),
    ("too_long", "too_long", "prompt is too long.*512 tokens.*Shorten", ""),
    ("bad_request", "request_refused", r"refused the request \(400\): roles must alternate", ""),
    ("moved", "redirect", "sends us on to http://127.0.0.1:9/v1/chat/completions", ""),
]


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[ModelServer, ServerChatModel]]:
    with (
        model_server(models={"data": [{"id": "small"}, {"id": "other"}]}) as server,
        connected(server.url, "small") as model,
    ):
        yield server, model


@contextmanager
def impatient(server: ModelServer, patient: ServerChatModel, way: str) -> Iterator[ServerChatModel]:
    """A model that soon gives a silent server up; the patient one where the server is not silent."""
    if not way.startswith("hang"):
        yield patient
        return
    with connected(server.url, "small", first_token_s=0.4, idle_s=0.4) as model:
        yield model


@pytest.mark.parametrize("way, kind, message, partial", WRONG, ids=[one[0] for one in WRONG])
def test_a_fault_names_cause_and_mend_and_keeps_the_text(
    shared: tuple[ModelServer, ServerChatModel], way: str, kind: str, message: str, partial: str
) -> None:
    server, patient = shared
    server.chat = [way]
    grown: list[Answer] = []
    with impatient(server, patient, way) as model, pytest.raises(ServerFailed, match=message) as caught:
        for one in ask(Question("What is a maru?"), model):
            grown.append(one)  # noqa: PERF402 (extend would lose what came before the error)
    last = grown[-1]
    assert (last.text, last.finish_reason, last.done) == (partial, "error", True)
    error = caught.value
    assert (error.values["kind"], error.values["partial"]) == (kind, (partial,))
    assert server.url in str(error)
    assert re.search("[가-힣]", error.text("ko"))

    server.chat = ["good"]
    *_, last = ask(Question("What is a maru?"), patient)
    assert last.text == "A maru is a wooden floor."


@pytest.mark.slow
@pytest.mark.parametrize("way, kind, partial", [(one[0], one[1], one[3]) for one in WRONG])
def test_every_fault_twenty_times_and_the_next_is_answered(
    shared: tuple[ModelServer, ServerChatModel], way: str, kind: str, partial: str
) -> None:
    server, patient = shared
    with impatient(server, patient, way) as model:
        for _ in range(20):
            server.chat = [way]
            with pytest.raises(ServerFailed) as caught:
                model.invoke("What is a maru?")
            assert (caught.value.values["kind"], caught.value.values["partial"]) == (kind, (partial,))
            server.chat = ["good"]
            assert patient.invoke("What is a maru?").text == "A maru is a wooden floor."
        assert not model.busy


@pytest.mark.parametrize("kind", FAULTS)
def test_every_fault_can_be_said_in_both_languages(kind: str) -> None:
    gaps = dict.fromkeys(
        ("detail", "seconds", "variable", "status", "model", "known", "tries", "fields"), "x{y}"
    )
    error = failure(kind, "http://h/v1", ["so far"], **gaps)
    for language in ("en", "ko"):
        assert "http://h/v1" in error.text(language)
        assert error.text(language).rstrip()[-1] in ".?"
    assert re.search("[가-힣]", error.text("ko"))


@pytest.mark.parametrize("kind, gaps", [("wrong_path", {"status": 404}), ("wrong_type", {"detail": "x"})])
def test_v1_is_advised_only_where_it_is_missing(kind: str, gaps: dict[str, object]) -> None:
    for language, advice in (("en", ("ends with /v1", "forget /v1")), ("ko", ("/v1로 끝나", "/v1이 빠지"))):
        missing = failure(kind, "http://h/api", **gaps).text(language)
        there = failure(kind, "http://h/v1", **gaps).text(language)
        assert any(words in missing for words in advice)
        assert not any(words in there for words in advice)


def test_a_server_that_is_not_there_is_said_at_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        port = taken.getsockname()[1]
        with pytest.raises(ServerFailed, match=r"refused the connection. Start the server"):
            start(f"http://127.0.0.1:{port}")


def test_an_unknown_name_is_said() -> None:
    with pytest.raises(ServerFailed, match="not found: nobody knows that name"):
        start("http://no-such-host.invalid:8000")


def test_https_to_a_server_without_tls_is_said() -> None:
    with model_server() as server, pytest.raises(ServerFailed, match=r"certificate.*SSL_CERT_FILE") as caught:
        start(server.url.replace("http://", "https://"))
    assert caught.value.values["kind"] == "tls"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_a_certificate_of_ones_own_is_trusted_when_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, public = tmp_path / "own.pem", tmp_path / "public.pem"
    make = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", certificate, "-out", public]
    subprocess.run([*make.split(), *names], check=True, capture_output=True)
    with certificate.open("a") as both:
        both.write(public.read_text())
    monkeypatch.setenv("MARU_TEST_KEY", "secret")
    with model_server(certificate) as server:
        with pytest.raises(ServerFailed, match=r"self-signed certificate.*SSL_CERT_FILE"):
            start(server.url)
        assert server.headers == [], "nothing is sent to a server that is not trusted"
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
        with connected(server.url, key_env="MARU_TEST_KEY") as model:
            assert model.invoke("What is a maru?").text == "A maru is a wooden floor."


def test_a_port_that_never_answers_is_given_up() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(ServerFailed, match="did not begin to answer within 2 s"),
    ):
        start(f"http://127.0.0.1:{silent.getsockname()[1]}")


def test_waiting_for_a_silent_server_can_be_cancelled() -> None:
    cancelled = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as silent:

        def cancel_once_asked() -> None:
            with silent.accept()[0] as asked:
                while asked.recv(1_000):  # until the client goes away
                    cancelled.set()

        threading.Thread(target=cancel_once_asked, daemon=True).start()
        # who waited for the end of the patience would be told of the silence instead
        with pytest.raises(LoadCancelled):
            start(f"http://127.0.0.1:{silent.getsockname()[1]}", cancelled=cancelled, check_s=60)


@pytest.mark.parametrize(
    "answer, message",
    [
        ((200, "text/html", b"<html>"), "not an OpenAI-compatible address. Check host and port"),
        ((200, "application/json", b'{"data": ['), "not JSON"),
        ((200, "application/json", b'{"data": 5}'), "could not be understood"),
        ((200, "application/json", b'{"data": []}'), "lists no model"),
        ((404, "application/json", b'{"detail": "Not Found"}'), "nothing at this address"),
        ((401, "application/json", b'{"error": "Unauthorized"}'), "wants a key"),
        ((500, "text/plain", b"Internal Server Error"), "error of its own .500.*Internal Server Error"),
    ],
)
def test_what_is_no_model_server_is_seen_when_it_is_loaded(
    answer: tuple[int, str, bytes], message: str
) -> None:
    with model_server(models_answer=answer) as server, pytest.raises(ServerFailed, match=message):
        start(server.url)


def test_a_model_must_be_chosen_among_several() -> None:
    with (
        model_server(models={"data": [{"id": "a"}, {"id": "b"}]}) as server,
        pytest.raises(ServerFailed, match=r"several models. Choose one of them: a, b"),
    ):
        start(server.url)


def test_a_model_that_is_not_served_is_refused_with_those_that_are() -> None:
    with (
        model_server(chat=["no_model"]) as server,
        pytest.raises(ServerFailed, match=r"does not serve \"large\". It serves: small"),
    ):
        start(server.url, "large")


def test_a_model_that_answers_but_is_not_listed_is_refused_all_the_same() -> None:
    """llama.cpp's server answers to any name: what was meant is not what answers."""
    with (
        model_server() as server,
        pytest.raises(ServerFailed, match=r"does not serve \"large\". It serves: small"),
    ):
        start(server.url, "large")
    assert server.heard == []


@pytest.mark.parametrize(
    "name, answer",
    [
        ("small", (500, "text/plain", b"no cache")),
        ("small", (200, "application/json", b'{"data": []}')),
        ("/srv/models/small", (200, "application/json", b'{"data": [{"id": "org/cached"}]}')),
    ],
)
def test_where_the_list_does_not_tell_the_model_is_asked_for_a_word(
    name: str, answer: tuple[int, str, bytes]
) -> None:
    """`transformers serve` lists what its cache holds, and fails where there is no cache."""
    with model_server(models_answer=answer) as server:
        start(server.url, name)
        assert server.heard[0]["max_tokens"] == 1


def test_retries_end_with_the_first_word(shared: tuple[ModelServer, ServerChatModel]) -> None:
    server, model = shared
    for way, tries in (("error_503", 3), ("dropped", 3), ("busy", 3), ("truncated", 1), ("bad_seed", 1)):
        server.chat, before = [way], server.chats()
        with pytest.raises(ServerFailed):
            model.invoke("What is a maru?")
        assert server.chats() - before == tries, way


def test_a_busy_server_is_waited_for_as_it_says(shared: tuple[ModelServer, ServerChatModel]) -> None:
    server, model = shared
    server.chat = ["busy", "error_503", "good"]
    began = time.monotonic()
    answers = list(ask(Question("What is a maru?"), model))
    assert time.monotonic() - began >= 0.3
    said = dict.fromkeys(one.waiting["en"] for one in answers if one.waiting)
    assert list(said) == [
        "The server is busy or down; asking again in 0.3 s.",
        "The server is busy or down; asking again in 0.1 s.",
    ]
    last = answers[-1]
    assert (last.text, last.waiting, last.finish_reason) == ("A maru is a wooden floor.", None, "stop")
    told = json.dumps(to_json(Conversation(turns=(Turn("q", answers[-1]),))))
    assert "waiting" not in told


def test_waiting_for_a_busy_server_can_be_stopped(shared: tuple[ModelServer, ServerChatModel]) -> None:
    server, model = shared
    server.chat, before = ["busy"], server.chats()
    stop = threading.Event()
    for last in ask(Question("What is a maru?"), model, stop=stop):
        if last.waiting:
            stop.set()
    assert (last.finish_reason, last.text) == ("stopped", "")
    assert server.chats() - before == 1, "it is not asked again"
    assert until(lambda: not model.busy)


def test_an_answer_that_takes_too_long_ends_in_good_order(
    shared: tuple[ModelServer, ServerChatModel],
) -> None:
    server, _ = shared
    server.chat = ["slow"]
    with connected(server.url, "small", total_s=0.5) as model:
        *_, last = ask(Question("What is a maru?"), model)
    assert last.finish_reason == "time_limit"
    assert last.text.startswith("word")


# the key


@pytest.mark.parametrize("way", ["good", "echoes_key", "error_500", "moved", "reset"])
def test_the_key_is_sent_and_shown_nowhere(
    way: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    secrets = {
        "MARU_TEST_KEY": "canary-3f9d",
        "OPENAI_API_KEY": "canary-openai",
        "OPENAI_ADMIN_KEY": "canary-admin",
        "OPENAI_ORG_ID": "canary-org",
        "OPENAI_PROJECT_ID": "canary-project",
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    caplog.set_level(logging.DEBUG)
    said = ""
    with model_server(chat=[way]) as server, connected(server.url, key_env="MARU_TEST_KEY") as model:
        said += repr(model) + str(model) + repr(model.connection) + str(model._identifying_params)
        said += model.model_dump_json()
        try:
            said += str(model.invoke("What is a maru?"))
        except ServerFailed as error:
            said += str(error) + error.text("ko") + repr(error) + repr(error.values)
            if way == "echoes_key":
                assert "refused the key in MARU_TEST_KEY (401)" in str(error)
        assert all(one["authorization"] == "Bearer canary-3f9d" for one in server.headers)
        others = str([{**one, "authorization": ""} for one in server.headers])
    assert "canary" not in said
    assert "canary" not in caplog.text
    assert "canary" not in others


def test_without_a_key_nothing_of_the_kind_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "canary-openai")
    with model_server() as server, connected(server.url) as model:
        model.invoke("What is a maru?")
        assert not [one for one in server.headers if "authorization" in one or "canary" in str(one)]


def test_a_redirect_is_not_followed() -> None:
    with model_server() as other, model_server(chat=["moved"], location=f"{other.url}/x") as server:
        with connected(server.url) as model, pytest.raises(ServerFailed, match=r"sends us on") as caught:
            model.invoke("What is a maru?")
        assert other.headers == []
        assert "secret" not in str(caught.value)


def test_loopback_is_reached_without_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with model_server() as server, socket.create_server(("127.0.0.1", 0)) as proxy:
        address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, address)
            monkeypatch.setenv(name.upper(), address)
        with connected(server.url) as model:
            assert model.invoke("What is a maru?").text == "A maru is a wooden floor."


# stopping and leaving


@pytest.mark.parametrize("way", ["hang", "hang_after_role", "slow", "busy"])
@pytest.mark.slow
def test_twenty_five_stops_and_as_many_drops_leave_nothing_open(
    shared: tuple[ModelServer, ServerChatModel], way: str
) -> None:
    """Four ways: a hundred of each in all, and idle long before server or client would give up."""
    server, _ = shared
    server.chat, server.left, before = [way], 0, server.chats()
    with connected(server.url, "small", first_token_s=30, idle_s=30) as model:
        for round_ in range(50):
            (drop if round_ % 2 else stop_by_flag)(model, 1 + round_ % 3)
            assert until(lambda: not model.busy and server.writing == 0, LONGEST_S / 2)
        if way != "busy":
            assert until(lambda: server.left == server.chats() - before)
            assert server.left > 25
        server.chat = ["good"]
        assert model.invoke("What is a maru?").text == "A maru is a wooden floor."


def drop(model: ServerChatModel, chunks: int) -> None:
    stream = model.stream("What is a maru?")
    for _ in range(chunks):
        next(stream)
    stream.close()  # type: ignore[attr-defined]


def stop_by_flag(model: ServerChatModel, chunks: int) -> None:
    stop = threading.Event()
    answers = ask(Question("What is a maru?"), model, stop=stop)
    for _ in range(chunks):
        next(answers)
    stop.set()
    *_, last = answers
    assert last.finish_reason == "stopped"


def test_closing_the_model_ends_what_runs(shared: tuple[ModelServer, ServerChatModel]) -> None:
    server, _ = shared
    server.chat = ["slow"]
    with connected(server.url, "small") as model:
        chunks = model.stream("What is a maru?", max_tokens=GenerationOptions().max_tokens)
        while not next(chunks).text:
            pass
        model.close()
        with pytest.raises(ServerFailed, match="let go"):
            for _ in chunks:
                pass
        with pytest.raises(ServerFailed, match="let go"):
            model.invoke("What is a maru?")
    assert until(lambda: server.writing == 0)


def start(
    url: str, model: str = "", cancelled: threading.Event | None = None, check_s: float = QUICK.check_s
) -> None:
    patience = replace(QUICK, check_s=check_s)
    connect(ModelSpec("my-server"), entry(url, model), cancelled or threading.Event(), patience).close()

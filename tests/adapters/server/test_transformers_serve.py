"""The whole chat against a real server process: `transformers serve` with the embedded model."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters import embedded
from adapters.engines.server import connect
from adapters.errors import ServerFailed
from adapters.server.limits import Limits
from adapters.sources import add_server
from adapters.spec import GenerationOptions, ModelSpec
from chains.answer import ask
from chains.question import Answer, Message, Question
from tests.adapters.server.connecting import entry
from tests.adapters.server.serving import Process, free_port, transformers_serve
from tests.fakes import passage

pytestmark = pytest.mark.model
LONG = GenerationOptions(max_tokens=2000, temperature=1.0, seed=3)


@pytest.fixture(scope="module")
def server(models_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    home = tmp_path_factory.mktemp("hf")
    with transformers_serve(embedded.converted(models_folder), home, free_port()) as process:
        yield process


@pytest.mark.slow
def test_a_conversation_and_a_grounded_answer(server: Process) -> None:
    model = connect(ModelSpec("mine"), entry(server.url, server.model), threading.Event())
    try:
        greedy = GenerationOptions(max_tokens=24, temperature=0.0)
        *_, first = ask(Question("What is the capital of France?", options=greedy), model)
        assert "Paris" in first.text
        assert first.finish_reason in ("stop", "length")
        assert first.tokens.prompt > 10
        assert 0 < first.tokens.completion <= 24
        assert first.timings.first_token_s is not None

        history = (Message("user", first.question.text), Message("assistant", first.text))
        *_, again = ask(Question("And of Germany?", history=history, options=greedy), model)
        assert again.tokens.prompt > first.tokens.prompt

        found = (passage("A maru is the open wooden floor of a Korean house."),)
        *_, grounded = ask(Question("What is a maru?", passages=found, options=greedy), model)
        assert grounded.text
        assert grounded.citations

        sampled = Question("Tell me a story.", options=replace(LONG, max_tokens=16))
        texts = [list(ask(sampled, model))[-1].text for _ in range(2)]
        assert texts[0] == texts[1], "the same seed, alone"
    finally:
        model.close()


def test_stop_ends_it_and_the_server_answers_on(server: Process) -> None:
    # a server that went on with what was stopped would not have begun the next answer by then
    patience = Limits(first_token_s=60)
    model = connect(ModelSpec("mine"), entry(server.url, server.model), threading.Event(), patience)
    try:
        for _ in range(3):
            stop = threading.Event()
            for grown in ask(Question("Tell me a long story.", options=LONG), model, stop=stop):
                if len(grown.raw) > 20:
                    stop.set()
            assert grown.finish_reason == "stopped"
            *_, short = ask(Question("Hi", options=GenerationOptions(max_tokens=2)), model)
            assert short.done
            assert short.finish_reason in ("stop", "length")
        assert not model.busy
    finally:
        model.close()


def test_the_command_line_asks_the_server(server: Process, tmp_path: Path) -> None:
    registered = add_server(server.url, tmp_path / "models", "my-server", server.model)
    assert (registered.kind, registered.location) == ("server", server.url)
    environment = os.environ | {"MARU_HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "app", "ask", "What is the capital of France?", "--json"]
    flags = ["--model", "my-server", "--temperature", "0", "--max-tokens", "24"]
    root = Path(__file__).parents[3]
    ran = subprocess.run([*command, *flags], cwd=root, env=environment, capture_output=True, timeout=120)
    assert ran.returncode == 0, ran.stderr.decode()
    answer = json.loads(ran.stdout)
    assert "Paris" in answer["answer"]
    model = {"id": "my-server", "precision": "server", "adapter": None}
    assert answer["model"].items() >= model.items()
    assert answer["tokens"]["prompt"] > 10
    assert answer["finish_reason"] in ("stop", "length")


@pytest.mark.slow
def test_kill_9_in_mid_answer_keeps_the_text_and_the_next_one_is_answered(
    models_folder: Path, tmp_path: Path
) -> None:
    port, folder = free_port(), embedded.converted(models_folder)
    with transformers_serve(folder, tmp_path, port) as process:
        spec, registered = ModelSpec("mine"), entry(process.url, process.model)
        model = connect(spec, registered, threading.Event(), Limits(pause_s=0.1))
        grown: list[Answer] = []
        with pytest.raises(ServerFailed, match="broke off in mid-answer") as caught:
            for one in ask(Question("Tell me a long story.", options=LONG), model):
                grown.append(one)
                if len(one.raw) > 20 and process.popen.poll() is None:
                    process.kill()
        last = grown[-1]
        assert (last.finish_reason, last.done) == ("error", True)
        assert len(last.text) > 10
        assert caught.value.values["partial"] == (last.raw,)
        with pytest.raises(ServerFailed, match=r"refused the connection. Start the server"):
            model.invoke("Hi")
    with transformers_serve(folder, tmp_path, port):
        *_, answer = ask(Question("Hi", options=GenerationOptions(max_tokens=8)), model)
        assert answer.text
        assert answer.finish_reason in ("stop", "length")
    model.close()

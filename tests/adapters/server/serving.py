"""A real `transformers serve` of the embedded model in a process of its own, offline, on loopback."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.model_server import until

STARTED_S = 120.0


@dataclass
class Process:
    """Where it serves and which model; `kill` is kill -9."""

    url: str
    model: str
    popen: "subprocess.Popen[bytes]"

    def kill(self) -> None:
        """Ends it without a word."""
        self.popen.send_signal(signal.SIGKILL)
        self.popen.wait()


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def transformers_serve(model: Path, home: Path, port: int) -> Iterator[Process]:
    """Serves the model's folder until the end of the block; ready when it says so."""
    (home / "hub").mkdir(parents=True, exist_ok=True)
    environment = os.environ | {
        "HF_HOME": str(home),
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }
    command = [str(Path(sys.executable).with_name("transformers")), "serve", str(model)]
    flags = ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu", "--dtype", "bfloat16"]
    log = home / f"serve-{port}.log"
    with log.open("ab") as output:
        popen = subprocess.Popen([*command, *flags], env=environment, stdout=output, stderr=output)
    try:
        ready = until(lambda: popen.poll() is not None or healthy(port), STARTED_S)
        if not ready or popen.poll() is not None:
            pytest.fail(f"transformers serve did not start: {log.read_text(encoding='utf-8')[-2000:]}")
        yield Process(f"http://127.0.0.1:{port}/v1", str(model), popen)
    finally:
        popen.kill()
        popen.wait()


def healthy(port: int) -> bool:
    """Whether it answers."""
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
        return bool(answer.status == 200)
    return False

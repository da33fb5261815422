"""Both ways to start the server, as real second processes."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "transformers", "chromadb", "sentence_transformers")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def started(command: list[str], home: Path, models: Path, cwd: Path) -> Iterator[str]:
    """The server's address, once it gives the page."""
    (home / "models").symlink_to(models)
    port = free_port()
    environment = {**os.environ, "MARU_HOME": str(home), "MARU_PORT": str(port), "MARU_HOST": "127.0.0.1"}
    with subprocess.Popen(
        [sys.executable, *command],
        env=environment,
        cwd=cwd,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            _wait_for_page(server, port)
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()


def _wait_for_page(server: subprocess.Popen[bytes], port: int) -> None:
    began = time.perf_counter()
    while time.perf_counter() - began < 120:
        assert server.poll() is None, "the server ended"
        try:
            if httpx.get(f"http://127.0.0.1:{port}/", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.05)
    raise AssertionError("no page within two minutes")


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.parametrize("form", ["file", "module"])
def test_both_ways_to_start_give_the_page(form: str, tmp_path: Path, models_folder: Path) -> None:
    command = [str(ROOT / "app" / "main.py")] if form == "file" else ["-m", "app", "serve"]
    cwd = tmp_path if form == "file" else ROOT
    home = tmp_path / "home"
    home.mkdir()
    with started(command, home, models_folder, cwd) as url:
        assert re.search(r"window\.maru", httpx.get(url).text)


@pytest.mark.slow
def test_ctrl_c_does_not_wait_for_open_pages(tmp_path: Path) -> None:
    """A page listens on a connection that never ends by itself: Gradio gives it five seconds."""
    alone, with_page = (seconds_to_end(tmp_path, open_page=one) for one in (False, True))
    assert with_page - alone < 4


def seconds_to_end(home: Path, open_page: bool) -> float:
    """From Ctrl-C until the process is gone, without an error."""
    port = free_port()
    environment = {**os.environ, "MARU_HOME": str(home), "MARU_PORT": str(port)}
    with ExitStack() as open_now:
        server = open_now.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", "app", "serve"],
                env=environment,
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        )
        _wait_for_page(server, port)
        if open_page:
            url = f"http://127.0.0.1:{port}/gradio_api/heartbeat/open-page"
            page = open_now.enter_context(httpx.stream("GET", url))
            assert page.status_code == 200
        server.send_signal(signal.SIGINT)
        began = time.monotonic()
        _, errors = server.communicate(timeout=120)
        took = time.monotonic() - began
    assert server.returncode == 0 and b"Traceback" not in errors
    return took


def test_building_the_page_imports_nothing_heavy(tmp_path: Path) -> None:
    script = f"""
import sys
from pathlib import Path
from app.settings import Settings
from app.services import Services
from app.layout import build_app
from app.launch import arguments
settings = Settings(Path({str(tmp_path)!r}))
build_app(Services(settings)); arguments(settings)
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "[]", done.stderr

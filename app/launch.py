"""How the page is served: every argument of Gradio's launch in one place."""

import os
import tempfile
import time
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from adapters import zero_gpu
from app.language import translations
from app.no_uploads import NoUploads
from app.page import FrontPage
from app.settings import Settings
from app.theme import theme

LARGEST_UPLOAD = "50mb"
LONGEST_QUEUE = 32
FORGET_AFTER_S = 3600
POLL_S = 0.1
GRACE_S = 1
"""When the server is stopped, what is under way has so long to end."""


def prepare() -> None:
    """Once, before anything is built: nothing is reported anywhere, and the cwd holds nothing of value.

    Gradio serves what a handler returns from below the cwd, so the server works in an empty folder.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.chdir(tempfile.mkdtemp(prefix="maru-"))
    if zero_gpu.active():
        zero_gpu.gpu_function()  # a Space with ZeroGPU must have met one before it is up


def launch(page: gr.Blocks, settings: Settings, **more: Any) -> tuple[Any, str, str]:
    """Serves `page` until the process ends. `more` replaces single arguments, for tests.

    Raises OSError when the port is taken.
    """
    page.queue(max_size=LONGEST_QUEUE)
    return page.launch(**{**arguments(settings), **more})


def wait_until_stopped(page: gr.Blocks) -> None:
    """Until somebody interrupts the process, with Ctrl-C or a signal that is made one.

    Every open page keeps a connection that never ends by itself. Gradio's own way of waiting stops the server
    without ending those, and gives it up after five seconds.
    """
    try:
        while page.is_running:
            time.sleep(POLL_S)
    except KeyboardInterrupt:
        page.server.config.timeout_graceful_shutdown = GRACE_S
        page.close(verbose=False)


def arguments(settings: Settings) -> dict[str, Any]:
    """Everything `launch` is told."""
    return {
        "server_name": settings.host_in_url,
        "server_port": settings.port,
        "theme": theme(),
        "i18n": translations(),
        "app_kwargs": {"middleware": _middleware(settings), "docs_url": None, "redoc_url": None},
        "max_file_size": LARGEST_UPLOAD,
        "allowed_paths": [],
        "blocked_paths": [str(Path(settings.home))],
        "share": False,
        "strict_cors": True,
        "show_error": not settings.public,
        "run_history": False,
        "enable_monitoring": False,
        "footer_links": [],
        "ssr_mode": False,
        "pwa": False,
        "mcp_server": False,
        "quiet": True,
    }


def _middleware(settings: Settings) -> list[Middleware]:
    refused = [Middleware(NoUploads)] if settings.public else []
    return [*refused, Middleware(FrontPage)]

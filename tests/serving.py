"""The real page in this process: real services, the real embedded model, a data home of its own."""

import asyncio
import gc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.launch import launch
from app.layout import build_app
from app.services import Services
from app.settings import Settings

GRADIO_WARNS = [
    # It leaves sockets and event loops to the collector, and its statistics use what pandas will drop.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning"),
    # What PEFT asks of transformers 5.
    pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated:FutureWarning"),
]


@dataclass(frozen=True)
class Site:
    """Where it is served, and what is behind it."""

    url: str
    services: Services

    def busy(self) -> bool:
        """Whether the model is generating right now."""
        model = self.services.model.get()
        return bool(model is not None and model.engine.busy)


@contextmanager
def served(home: Path, models: Path, public: bool = False) -> Iterator[Site]:
    """Serves the page on a free port until the end of the block."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "models").symlink_to(models)
    services = Services(Settings(home, port=0, public=public))
    services.model.start()
    page = build_app(services)
    try:
        _, url, _ = launch(page, services.settings, server_port=None, prevent_thread_lock=True)
        _close_loops()
        yield Site(url, services)
    finally:
        page.close()
        services.close()
        _close_loops()


def _close_loops() -> None:
    """Gradio sets one event loop after the other for this thread and closes none. The last one stays, and
    would be found unclosed in whatever test replaces it: it is closed. The others, and sockets, are left to
    the collector, which runs here, where that is no error."""
    with suppress(RuntimeError):  # there is none
        loop = asyncio.get_event_loop_policy().get_event_loop()
        if not loop.is_running():
            loop.close()
            asyncio.set_event_loop(None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()

"""Starts the page: what a Space runs (`python app/main.py`), and `python -m app serve`."""

import sys
from pathlib import Path

if not __package__:
    # Started as a file: app/ is first on the path and would shadow the standard library and our packages.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

import logging

from app.settings import Settings, read_settings


def serve(settings: Settings) -> None:
    """Builds and serves the page; the model begins to load as soon as the page is there, not to delay it.

    Returns when the server was stopped.
    """
    from app.launch import launch, prepare, wait_until_stopped

    prepare()
    from app.layout import build_app
    from app.services import Services

    services = Services(settings)
    try:
        page = build_app(services)
        launch(page, settings, prevent_thread_lock=True)
        services.model.start()
        wait_until_stopped(page)
    finally:
        services.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    serve(read_settings())

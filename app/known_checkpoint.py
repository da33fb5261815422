"""The files of a model on this machine and its shape, for the page and the command line alike."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.checkpoint import Checkpoint
    from adapters.models import ModelEntry


def known_checkpoint(model: "ModelEntry", folder: Path) -> "Checkpoint | None":
    """From its headers; None before it was fetched, for a server's and for damaged ones."""
    from adapters.errors import AdapterError
    from adapters.weights import local_checkpoint

    try:
        return local_checkpoint(model, folder)
    except (AdapterError, OSError):
        return None


def known_place(model: "ModelEntry", folder: Path) -> Path | None:
    """Where its files are; None where they are not here."""
    from adapters.errors import AdapterError
    from adapters.weights import local_place

    try:
        return local_place(model, folder)
    except (AdapterError, OSError):
        return None

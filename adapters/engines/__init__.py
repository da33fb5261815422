"""One file per engine that runs a model. The file's name is the key.

Each has `label` ({"en", "ko"}), `available()` (None, or the reason in both languages why it cannot run here),
`prepare(…)`, which brings a model's files into the form that the engine reads, and `start(…)`, which loads
them.
"""

import importlib
import pkgutil
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from adapters.spec import ModelSpec, Text

if TYPE_CHECKING:
    from adapters.models import ModelEntry
    from adapters.precision import Precision
    from adapters.progress import Report
    from adapters.served import ServedModel


class EngineFile(Protocol):
    """What a file in this folder offers."""

    label: Text

    def available(self) -> Text | None:
        """None, or why it cannot run on this machine."""

    def prepare(
        self,
        spec: ModelSpec,
        entry: "ModelEntry",
        precision: "Precision",
        folder: Path,
        report: "Report",
        cancelled: threading.Event,
    ) -> None:
        """Downloads and converts, on the first call, what `start` reads: what that takes of the memory is
        not the model's. `spec` is resolved: the entry's id, the precision's key."""

    def start(
        self,
        spec: ModelSpec,
        entry: "ModelEntry",
        precision: "Precision",
        folder: Path,
        report: "Report",
        cancelled: threading.Event,
    ) -> "ServedModel":
        """Loads the model. `spec` is resolved: the entry's id, the precision's key."""


@cache
def engines() -> Mapping[str, EngineFile]:
    """All engines by key. Imports what they run on: torch, OpenVINO."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__) if not found.ispkg)
    files = {name: importlib.import_module(f"{__name__}.{name}") for name in names}
    return {name: cast(EngineFile, file) for name, file in files.items() if hasattr(file, "start")}

"""One file per engine that runs a model. The file's name is the key.

Each has `label` ({"en", "ko"}), `available()` (None, or the reason in both languages why it cannot run here),
`prepare(loading)`, which brings a model's files into the form that the engine reads, and `start(loading)`,
which loads them (`adapters.loading`).
"""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

from adapters.spec import Text

if TYPE_CHECKING:
    from adapters.loading import Loading
    from adapters.served import ServedModel


class EngineFile(Protocol):
    """What a file in this folder offers."""

    label: Text

    def available(self) -> Text | None:
        """None, or why it cannot run on this machine."""

    def prepare(self, loading: "Loading") -> None:
        """Downloads and converts, on the first call, what `start` reads: what that takes of the memory is
        not the model's."""

    def start(self, loading: "Loading") -> "ServedModel":
        """Loads the model."""


@cache
def engines() -> Mapping[str, EngineFile]:
    """All engines by key. Imports what they run on: torch, OpenVINO."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__) if not found.ispkg)
    files = {name: importlib.import_module(f"{__name__}.{name}") for name in names}
    return {name: cast(EngineFile, file) for name, file in files.items() if hasattr(file, "start")}

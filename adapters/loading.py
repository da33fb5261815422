"""What an engine is asked to load."""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.progress import Report
from adapters.spec import ModelSpec

if TYPE_CHECKING:
    from adapters.models import ModelEntry
    from adapters.precision import Precision


@dataclass(frozen=True)
class Loading:
    """One model on its way into the memory.

    `spec` is resolved: the entry's id, the precision's key. `folder` holds converted models. `report` hears
    each step and how far it is; setting `cancelled` ends it with LoadCancelled at the next moment the work
    can be left.
    """

    spec: ModelSpec
    entry: "ModelEntry"
    precision: "Precision"
    folder: Path
    report: Report
    cancelled: threading.Event

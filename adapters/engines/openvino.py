"""OpenVINO, the engine for processors: see `adapters.openvino.engine`. Importing this imports none of it."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.spec import ModelSpec, Text

if TYPE_CHECKING:
    from adapters.chat_model import LocalChatModel
    from adapters.models import ModelEntry
    from adapters.precision import Precision
    from adapters.progress import Report

label = {"en": "OpenVINO", "ko": "OpenVINO"}


def available() -> Text | None:
    """None, or why OpenVINO cannot run here."""
    from adapters.openvino.here import reason

    return reason()


def prepare(
    spec: ModelSpec,
    entry: "ModelEntry",
    precision: "Precision",
    folder: Path,
    report: "Report",
    cancelled: threading.Event,
) -> None:
    """Converts the model on the first call. Raises LoadCancelled, and what conversion raises."""
    from adapters.openvino.starting import convert

    convert(spec, entry, precision, folder, report, cancelled)


def start(
    spec: ModelSpec,
    entry: "ModelEntry",
    precision: "Precision",
    folder: Path,
    report: "Report",
    cancelled: threading.Event,
) -> "LocalChatModel":
    """The model, ready to answer. Raises PrecisionUnavailable when it does not answer as the reference does,
    and what `prepare` raises."""
    from adapters.openvino.starting import start as begin

    return begin(spec, entry, precision, folder, report, cancelled)

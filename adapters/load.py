"""load(spec) -> a model that answers: finds the entry and the precision, looks at the memory, and hands over
to the engine that runs it."""

import importlib
import logging
import threading
from dataclasses import replace
from pathlib import Path
from typing import cast

from adapters import lora
from adapters.engines import EngineFile
from adapters.errors import AdapterError, HubUnreachable, ModelFailed
from adapters.models import EMBEDDED, ModelEntry, find_model, on_space
from adapters.precision import Precision, resolve
from adapters.progress import Report, silent
from adapters.served import ServedModel
from adapters.spec import DEFAULT_MODEL, ModelSpec

log = logging.getLogger(__name__)


def load(
    spec: ModelSpec, folder: Path, report: Report | None = None, cancelled: threading.Event | None = None
) -> ServedModel:
    """The model that `spec` names, ready to answer. `folder` holds converted models.

    `report` hears the steps "checking", "converting" or "downloading" (only the first time), and "loading".
    Setting `cancelled` ends it at the next moment the work can be left. Raises ModelNotFound,
    AdapterNotFound, AdapterUnusable, PrecisionUnavailable, WeightsMissing, WeightsChanged, HubUnreachable,
    NotEnoughMemory, LoadCancelled, or ModelFailed with the cause.
    """
    report, cancelled = report or silent, cancelled or threading.Event()
    entry = find_model(spec.id, folder)
    if spec.adapter:
        lora.find_adapter(spec.adapter, lora.adapters_folder(folder))
        lora.refuse(spec.adapter)
    try:
        return _load(spec, entry, folder, report, cancelled)
    except HubUnreachable as error:
        if not (spec.id == DEFAULT_MODEL and on_space()):
            raise
        log.warning("%s Going on with the embedded model.", error)
        return load(replace(spec, id=EMBEDDED), folder, report, cancelled)
    except AdapterError:
        raise
    except Exception as error:
        log.exception("loading %s failed", entry.id)
        raise ModelFailed(id=entry.id, cause=error) from error


def engine_key(entry: ModelEntry, precision: Precision) -> str:
    """Which file of adapters/engines runs that model in that precision."""
    return "server" if entry.kind == "server" else precision.engine


def _load(
    spec: ModelSpec, entry: ModelEntry, folder: Path, report: Report, cancelled: threading.Event
) -> ServedModel:
    if entry.problem is not None:
        raise entry.problem
    report("loading" if entry.ready else "checking", 0.0)
    key, precision = resolve(spec.precision)
    engine = importlib.import_module(f"adapters.engines.{engine_key(entry, precision)}")
    model = cast(EngineFile, engine).start(
        replace(spec, id=entry.id, precision=key), entry, precision, folder, report, cancelled
    )
    report("loading", 1.0)
    return model

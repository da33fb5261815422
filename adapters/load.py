"""load(spec) -> a model that answers: finds the entry and the precision, looks at the memory, and hands over
to the engine that runs it."""

import importlib
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

from adapters import lora, memory
from adapters.download import parameters_there
from adapters.engines import EngineFile
from adapters.entry import EMBEDDED, ModelEntry
from adapters.errors import (
    AdapterError,
    HubUnreachable,
    LoadCancelled,
    ModelFailed,
    NotEnoughDisk,
    NotEnoughMemory,
    SourceRefused,
)
from adapters.loading import Loading
from adapters.models import find_model, on_space
from adapters.precision import AUTO, OPENVINO, Precision, automatic, resolve
from adapters.progress import Report, silent
from adapters.served import ServedModel
from adapters.spec import DEFAULT_MODEL, ModelSpec, Text
from adapters.weights import local_checkpoint, prepare_folder

SERVER = "server"

FELL_BACK: Text = {
    "en": "Automatic would have been {wanted}, which could not be loaded here: {cause} It answers in {taken} "
    "instead.",
    "ko": "자동으로 고른 {wanted} 정밀도를 여기서 불러오지 못했어요: {cause} 대신 {taken} 정밀도로 답해요.",
}

log = logging.getLogger(__name__)


def load(
    spec: ModelSpec, folder: Path, report: Report | None = None, cancelled: threading.Event | None = None
) -> ServedModel:
    """The model that `spec` names, ready to answer. `folder` holds converted models.

    `report` hears the steps "checking", "converting" or "downloading" (only the first time), and "loading".
    Setting `cancelled` ends it at the next moment the work can be left. Whatever goes wrong, nothing of the
    model stays in the memory. Raises ModelNotFound, RegistryDamaged, AdapterNotFound, AdapterUnusable,
    PrecisionUnavailable, WeightsMissing, WeightsChanged, HubUnreachable, ServerFailed, NotEnoughMemory,
    NotEnoughDisk, LoadCancelled, or ModelFailed with the cause.
    """
    report, cancelled = report or silent, cancelled or threading.Event()
    entry = find_model(spec.id, folder)
    if entry.kind != SERVER:
        _check_adapters(spec, entry, folder)
    try:
        return _load(spec, entry, folder, report, cancelled)
    except HubUnreachable as error:
        if not (spec.id == DEFAULT_MODEL and on_space()):
            raise
        log.warning("%s Going on with the embedded model.", error)
        return load(replace(spec, id=EMBEDDED), folder, report, cancelled)
    except LoadCancelled:
        memory.give_back()
        raise LoadCancelled(id=entry.id) from None
    except BaseException:
        memory.give_back()
        raise


def engine_key(entry: ModelEntry, precision: Precision) -> str:
    """Which file of adapters/engines runs that model in that precision."""
    return SERVER if entry.kind == SERVER else precision.engine


def _check_adapters(spec: ModelSpec, entry: ModelEntry, folder: Path) -> None:
    """An adapter that is not there or does not fit is said before minutes of loading."""
    adapters = lora.adapters_folder(folder)
    for name, _ in lora.read_mix(spec.adapter):
        lora.find_adapter(name, adapters)
        try:
            lora.read_adapter(name, adapters, local_checkpoint(entry, folder))
        except SourceRefused:  # nothing of the model is here yet
            continue


def _load(
    spec: ModelSpec, entry: ModelEntry, folder: Path, report: Report, cancelled: threading.Event
) -> ServedModel:
    if entry.problem is not None:
        raise entry.problem
    report("loading" if entry.ready else "checking", 0.0)
    keys = _candidates(spec.precision, entry)
    first = next(keys)
    note: tuple[Text, ...] = ()
    if first == OPENVINO and spec.precision == AUTO:
        try:
            return _start(replace(spec, precision=first), entry, folder, report, cancelled)
        except (LoadCancelled, HubUnreachable, NotEnoughDisk, NotEnoughMemory):
            raise  # the next one would need more of either
        except Exception as error:  # whatever a library raised: there is another engine
            first = next(keys)
            log.warning("%s in %s: %r Going on with %s.", entry.id, OPENVINO, error, first)
            memory.give_back()
            note = _fell_back(error, first)
    model = _started(replace(spec, precision=first), entry, folder, report, cancelled)
    model.notes, model.fell_back = (*model.notes, *note), bool(note)
    return model


def _fell_back(error: Exception, taken: str) -> tuple[Text]:
    """Why "auto" is not what it usually is, for the person: it may be four times as slow."""
    told = {}
    for language, words in FELL_BACK.items():
        cause = error.text(language) if isinstance(error, AdapterError) else str(error)
        cause = (cause.strip() or type(error).__name__).rstrip(".") + "."
        told[language] = words.format(wanted=OPENVINO, taken=taken, cause=cause)
    return (told,)


def _candidates(precision: str, entry: ModelEntry) -> Iterator[str]:
    """The precisions to try, in this order. A server has its own."""
    if entry.kind == SERVER:
        return iter(("float32",))
    return automatic() if precision == AUTO else iter((precision,))


def _started(
    spec: ModelSpec, entry: ModelEntry, folder: Path, report: Report, cancelled: threading.Event
) -> ServedModel:
    """As `_start`; whatever breaks becomes an error with its cause."""
    try:
        return _start(spec, entry, folder, report, cancelled)
    except SourceRefused as error:
        raise ModelFailed(id=entry.id, cause=error.values["reason"]) from error
    except AdapterError:
        raise
    except Exception as error:
        if _ran_out(error):
            raise _too_large(spec, entry, folder) from error
        log.exception("loading %s failed", entry.id)
        raise ModelFailed(id=entry.id, cause=error) from error


def _start(
    spec: ModelSpec, entry: ModelEntry, folder: Path, report: Report, cancelled: threading.Event
) -> ServedModel:
    key, precision = resolve(spec.precision)
    spec = replace(spec, id=entry.id, precision=key)
    engine = cast(EngineFile, importlib.import_module(f"adapters.engines.{engine_key(entry, precision)}"))
    if entry.kind == SERVER:
        model = engine.start(Loading(spec, entry, precision, folder, report, cancelled))
    else:
        if entry.kind == "hub" and not entry.ready and not entry.parameters:
            entry = replace(entry, parameters=parameters_there(entry.location, entry.revision))
        _check_memory(spec, entry, folder)
        if entry.kind == "hub" and not entry.ready:
            prepare_folder(entry, folder, report, cancelled)
            _check_memory(spec, entry, folder)  # now that its headers are here
        loading = Loading(replace(spec, adapter=None), entry, precision, folder, report, cancelled)
        engine.prepare(loading)
        before = memory.taken()
        model = engine.start(loading)
        model.memory_bytes = max(0, memory.taken() - before)
        model = _through(model, spec.adapter)
    report("loading", 1.0)
    return model


def _through(model: ServedModel, adapter: str | None) -> ServedModel:
    """The model through an adapter; when that fails, the model is closed."""
    if adapter is None:
        return model
    try:
        return model.serving(adapter)
    except BaseException:
        model.close()
        raise


def _check_memory(spec: ModelSpec, entry: ModelEntry, folder: Path) -> None:
    """Raises NotEnoughMemory for what cannot fit, before anything of it is read."""
    needed = _needed(spec, entry, folder)
    if needed and not memory.fits(needed, memory.free()):
        raise _too_large(spec, entry, folder)


def _needed(spec: ModelSpec, entry: ModelEntry, folder: Path) -> int:
    """Estimated bytes; before a model was downloaded, by its number of parameters; 0 if nothing is known."""
    try:
        checkpoint = local_checkpoint(entry, folder)
        return memory.estimate(checkpoint, spec.precision, spec.context or memory.CONTEXT).total
    except SourceRefused:
        return round(entry.parameters * resolve(spec.precision)[1].bytes_per_weight)


def _too_large(spec: ModelSpec, entry: ModelEntry, folder: Path) -> NotEnoughMemory:
    needed, free = _needed(spec, entry, folder), memory.free()
    try:
        checkpoint = local_checkpoint(entry, folder)
        fits = memory.largest_that_fits(checkpoint, spec.context or memory.CONTEXT, free)
    except SourceRefused:
        fits = memory.smaller_model(free)
    return NotEnoughMemory(
        id=entry.id,
        precision=spec.precision,
        needed=memory.shown(needed),
        free=memory.shown(free),
        fits=fits,
        needed_bytes=needed,  # for whoever could make room
        free_bytes=free,
    )


def _ran_out(error: BaseException) -> bool:
    """Whether it is some library's way to say that the memory is full."""
    words = ("out of memory", "can't allocate memory", "cannot allocate memory", "bad_alloc")
    return isinstance(error, MemoryError) or any(word in str(error).lower() for word in words)

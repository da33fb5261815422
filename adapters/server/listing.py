"""What a server says of itself: its models and adapters, how much it reads, how many it serves at once.

GET /v1/models is what all of them have. Beside it vLLM says `max_model_len` and each adapter's `parent`;
llama.cpp's server has /props, text-generation-inference /info. Where nothing is said, nothing is invented.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from adapters.errors import ServerFailed
from adapters.server.connection import Connection
from adapters.server.diagnosis import Fault

MANY = 12
"""How many names a message holds."""


@dataclass(frozen=True)
class ListedModel:
    """One line of /v1/models; `parent` is the base model of an adapter (vLLM), "" of a model."""

    id: str
    parent: str = ""
    context_length: int | None = None


@dataclass(frozen=True)
class About:
    """How much the server reads (tokens) and how many answers it writes at once; None: it does not say."""

    context_length: int | None = None
    capacity: int | None = None


async def listed(connection: Connection) -> list[ListedModel]:
    """The models of the server, adapters among them. Raises ServerFailed."""
    answer = await connection.get("/models")
    rows = answer.get("data", answer.get("models")) if isinstance(answer, Mapping) else answer
    if not isinstance(rows, list):
        raise Fault("broken", values={"detail": "/models"}).failure(connection)
    return [_read(row) for row in rows if isinstance(row, Mapping) and (row.get("id") or row.get("name"))]


def adapters_of(model: str, models: list[ListedModel]) -> list[str]:
    """The adapters of that model: another model on the same server is never taken for one."""
    return [one.id for one in models if one.parent == model]


def choose(connection: Connection, name: str, models: list[ListedModel]) -> ListedModel | None:
    """The model of that name, or, without a name, the only one there is; None where the list does not tell.

    Raises ServerFailed, naming what is listed, for a name that is not, for several and for none.
    """
    known = named([model.id for model in models])
    if name:
        found = next((model for model in models if model.id in (name, f"{name}:latest")), None)  # as Ollama
        if found is None and models and not _is_folder(name):
            raise Fault("not_served").failure(connection, model=name, known=known)
        return found
    bare = [model for model in models if not model.parent]
    if len(bare) == 1:
        return bare[0]
    raise Fault("choose" if bare else "no_models").failure(connection, known=known)


async def names(connection: Connection) -> str:
    """The ids of the served models in one line, "?" where the server does not say."""
    try:
        return named([model.id for model in await listed(connection)])
    except ServerFailed:
        return "?"


def named(ids: list[str]) -> str:
    """Names in one line, not too many."""
    return ", ".join(ids[:MANY]) + (", …" if len(ids) > MANY else "") or "–"


async def about(connection: Connection) -> About:
    """What /props or /info say; servers without them say nothing, and that is no fault."""
    for path, read in (("/props", _props), ("/info", _info)):
        try:
            answer = await connection.get(connection.beside(path))
        except ServerFailed:
            continue
        if isinstance(answer, Mapping) and (found := read(answer)) != About():
            return found
    return About()


def _is_folder(name: str) -> bool:
    """`transformers serve` answers by the folder it serves, and lists what its cache holds."""
    return PurePath(name).is_absolute() or name.startswith((".", "~"))


def _read(row: Mapping[str, Any]) -> ListedModel:
    parent, length = row.get("parent"), row.get("max_model_len")
    return ListedModel(
        str(row.get("id") or row.get("name")), parent if isinstance(parent, str) else "", _positive(length)
    )


def _props(answer: Mapping[str, Any]) -> About:
    settings = answer.get("default_generation_settings")
    length = settings.get("n_ctx") if isinstance(settings, Mapping) else None
    return About(_positive(length), _positive(answer.get("total_slots")))


def _info(answer: Mapping[str, Any]) -> About:
    length = answer.get("max_total_tokens")
    return About(_positive(length), _positive(answer.get("max_concurrent_requests")))


def _positive(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None

"""OpenAI-compatible servers: vLLM, text-generation-inference, `transformers serve`, llama.cpp's, Ollama.

Loading such a model is asking the server once what it serves; nothing is read into this machine's memory.
"""

import logging
import sys
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from adapters.errors import LoadCancelled, ServerFailed
from adapters.loading import Loading
from adapters.models import ModelEntry
from adapters.server.address import read_key, server_address, warning
from adapters.spec import ModelSpec, Text

if TYPE_CHECKING:
    from adapters.server.chat_model import ServerChatModel
    from adapters.server.connection import Connection
    from adapters.server.limits import Limits
    from adapters.server.listing import ListedModel

label: Text = {"en": "Model server (OpenAI-compatible)", "ko": "모델 서버 (OpenAI 호환)"}
PRECISION = "server"
"""What stands for the precision: the server does not say how it holds its weights."""

CONTEXT_LENGTH = 4096
ASSUMED: Text = {
    "en": "The server does not say how much it reads: {length} tokens are assumed.",
    "ko": "서버가 읽을 수 있는 길이를 알려 주지 않아 {length}토큰으로 보고 있어요.",
}
ESTIMATED: Text = {
    "en": "The server counts no tokens for others: prompts are measured by an estimate on the long side.",
    "ko": "서버가 토큰 수를 세어 주지 않아, 프롬프트 길이는 넉넉하게 어림해요.",
}

log = logging.getLogger(__name__)


def available() -> Text | None:
    """None: a server can be reached from everywhere."""
    return None


def prepare(loading: Loading) -> None:
    """Nothing: no file of a served model is here."""


def start(loading: Loading) -> "ServerChatModel":
    """The model on the server of the entry, checked by one look at what it serves.

    Raises ServerFailed with cause and mend, SourceRefused for an address that may not be used,
    AdapterNotFound and AdapterUnusable for the adapter of the spec, LoadCancelled.
    """
    loading.report("loading", 0.0)
    return connect(loading.spec, loading.entry, loading.cancelled)


def connect(
    spec: ModelSpec, entry: ModelEntry, cancelled: threading.Event, limits: "Limits | None" = None
) -> "ServerChatModel":
    """As `start`, with other limits of patience."""
    from adapters.server.connection import Connection

    url = server_address(entry.location, entry.key_env or None)
    if said := warning(url):
        log.warning("%s: %s", url, said["en"])
    connection = Connection(url, read_key(url, entry.key_env), entry.key_env, limits)
    try:
        model = _model(spec, entry, connection, cancelled)
        return model.serving(spec.adapter) if spec.adapter else model
    except LoadCancelled:
        connection.close()
        raise LoadCancelled(id=entry.id) from None
    except BaseException:
        connection.close()
        raise


def _model(
    spec: ModelSpec, entry: ModelEntry, connection: "Connection", cancelled: threading.Event
) -> "ServerChatModel":
    from adapters.server.chat_model import CAPACITY, ServerChatModel
    from adapters.server.counting import Counter
    from adapters.server.listing import about, adapters_of

    models = _listed(entry.server_model, connection, cancelled)
    chosen = _chosen(entry.server_model, models, connection, cancelled)
    counter = Counter(connection, chosen.id)
    connection.wait(counter.find, cancelled)
    told = connection.wait(lambda: about(connection), cancelled)
    length = entry.context_length or chosen.context_length or told.context_length
    return ServerChatModel(
        spec=replace(spec, id=entry.id, precision=PRECISION, adapter=None),
        context_length=min(length or CONTEXT_LENGTH, spec.context or sys.maxsize),
        engine_key="server",
        server_model=chosen.id,
        served_adapters=tuple(adapters_of(chosen.id, models)),
        notes=_notes(connection.url, length, counter.exact),
        writes_at_once=told.capacity or CAPACITY,
        connection=connection,
        counter=counter,
    )


def _listed(name: str, connection: "Connection", cancelled: threading.Event) -> "list[ListedModel]":
    """What the server lists; nothing where it cannot list and the person said which model to ask."""
    from adapters.server.listing import listed

    try:
        return connection.wait(lambda: listed(connection), cancelled)
    except ServerFailed as error:
        if name and error.values["kind"] in ("error_status", "wrong_path"):
            return []
        raise


def _chosen(
    name: str, models: "list[ListedModel]", connection: "Connection", cancelled: threading.Event
) -> "ListedModel":
    """The model of that name; without a name the only one there is. Raises ServerFailed."""
    from adapters.server.listing import ListedModel, choose
    from adapters.server.stream import serves

    found = choose(connection, name, models)
    if found is None:
        serves(connection, name, cancelled)
    return found or ListedModel(name)


def _notes(url: str, length: int | None, exact: bool) -> tuple[Text, ...]:
    """What the person should know about this server."""
    assumed = {language: text.format(length=CONTEXT_LENGTH) for language, text in ASSUMED.items()}
    said = (warning(url), None if length else assumed, None if exact else ESTIMATED)
    return tuple(text for text in said if text is not None)

"""Adding a model server to this machine's list: it is asked what it serves, if it can be asked now."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.entry import ModelEntry
from adapters.errors import ServerFailed
from adapters.server.address import read_key, server_address, warning
from adapters.server.limits import Limits
from adapters.server.listing import ListedModel, choose, listed
from adapters.sources import add_server
from adapters.spec import Text

PATIENCE = Limits(connect_s=3.0, check_s=5.0)
"""Somebody waits for the form: a server that takes longer is asked again when it is loaded."""

LISTED: Text = {
    "en": "The server was asked, and it lists the model.",
    "ko": "서버에 물어봤고, 모델이 목록에 있어요.",
}
NOT_LISTED: Text = {
    "en": "The server was asked, but its list does not tell: whether it serves the model shows when it is "
    "loaded.",
    "ko": "서버에 물어봤지만 목록만으로는 알 수 없어요. 이 모델을 제공하는지는 불러올 때 알 수 있어요.",
}
NOT_ASKED: Text = {
    "en": "The server could not be asked now, and is asked again when the model is loaded. {cause}",
    "ko": "지금은 서버에 물어보지 못했고, 불러올 때 다시 물어봐요. {cause}",
}


@dataclass(frozen=True)
class Added:
    """What is on the list now, and what a person should know of it: what was verified, and whether anything
    on the way is encrypted."""

    entry: ModelEntry
    remarks: tuple[Text, ...]


def add_asked(
    url: str,
    folder: Path,
    name: str = "",
    server_model: str = "",
    key_env: str = "",
    limits: Limits = PATIENCE,
) -> Added:
    """As `sources.add_server`, once the server was asked; one that cannot be asked is added with a remark.

    Raises ServerFailed, naming what is listed, for a model that is not, and where none was named and the
    server lists several or none; SourceRefused.
    """
    address = server_address(url, key_env or None)
    try:
        found = _asked(address, server_model, key_env, limits)
        said = LISTED if found is not None else NOT_LISTED
    except ServerFailed as error:
        if error.values["kind"] in ("not_served", "choose", "no_models"):
            raise
        found = None
        said = {language: words.format(cause=error.text(language)) for language, words in NOT_ASKED.items()}
    called = found.id if found is not None else ""
    entry = add_server(address, folder, name, server_model, key_env, called)
    return Added(entry, tuple(filter(None, (said, warning(address)))))


def _asked(address: str, server_model: str, key_env: str, limits: Limits) -> ListedModel | None:
    from adapters.server.connection import Connection  # the client of the protocol is slow to import

    connection = Connection(address, read_key(address, key_env), key_env, limits)
    try:
        models: Sequence[ListedModel] = connection.wait(lambda: listed(connection))
        return choose(connection, server_model, list(models))
    finally:
        connection.close()

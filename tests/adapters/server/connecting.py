"""A model of the test server, connected with little patience."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from adapters.engines.server import connect
from adapters.models import ModelEntry
from adapters.server.chat_model import ServerChatModel
from adapters.server.limits import Limits
from adapters.spec import ModelSpec

QUICK = Limits(
    connect_s=2, check_s=2, first_token_s=10, idle_s=10, total_s=20, pause_s=0.05, longest_pause_s=1
)
"""Patient with a busy machine where a test does not wait for the end of the patience."""


def entry(url: str, model: str = "", key_env: str = "", context: int = 0) -> ModelEntry:
    """A registered server."""
    return ModelEntry(
        id="my-server",
        label="my server",
        description={"en": "a server", "ko": "서버"},
        parameters=0,
        bytes=0,
        licence="",
        source=url,
        ready=True,
        kind="server",
        location=url,
        context_length=context,
        server_model=model,
        key_env=key_env,
    )


@contextmanager
def connected(
    url: str, model: str = "", key_env: str = "", context: int = 0, **limits: float
) -> Iterator[ServerChatModel]:
    """The model until the end of the block."""
    patience = replace(QUICK, **limits)  # type: ignore[arg-type]
    chat = connect(ModelSpec("my-server"), entry(url, model, key_env, context), threading.Event(), patience)
    try:
        yield chat
    finally:
        chat.close()

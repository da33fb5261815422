"""Many prompts to a model with the same options, whole replies, and an end at once when it is stopped."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any, cast

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage

Reply = AIMessage | Exception


def replies(
    model: BaseChatModel,
    prompts: Sequence[list[BaseMessage]],
    options: Mapping[str, Any],
    stop: threading.Event | None = None,
) -> list[Reply]:
    """The reply to each prompt, or the error in its place; [] once `stop` is set, which a model of ours looks
    at with every token."""
    if stop is not None and stop.is_set():
        return []
    together = getattr(model, "batch_each", None)
    if together is not None:
        found = list(together(prompts, [options] * len(prompts), stop=stop))
    else:
        found = model.batch(cast(Any, prompts), return_exceptions=True, **options)
    given_up = stop is not None and stop.is_set() and any(map(_stopped, found))
    return [] if given_up else found


def _stopped(reply: Reply) -> bool:
    return isinstance(reply, AIMessage) and reply.response_metadata.get("finish_reason") == "stopped"

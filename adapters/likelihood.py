"""How likely a model finds a given answer, by the probabilities of its tokens."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.messages import BaseMessage

from adapters.errors import PromptTooLong
from adapters.template import Rendered, render

if TYPE_CHECKING:
    from adapters.chat_model import LocalChatModel


def log_likelihood(model: "LocalChatModel", messages: Sequence[BaseMessage], continuation: str) -> float:
    """See LocalChatModel.log_likelihood."""
    prompt = render(model.tokenizer, messages)
    following = _following(model.tokenizer, prompt, continuation)
    if not following:
        raise ValueError("an empty text has no likelihood")
    tokens = [*prompt.ids, *following]
    if len(tokens) > model.context_length:
        raise PromptTooLong(tokens=len(prompt.ids), limit=model.context_length, reserved=len(following))
    return math.fsum(model.engine.score_end(tokens, len(following), model.mix))


def _following(tokenizer: Any, prompt: Rendered, continuation: str) -> list[int]:
    """The continuation's tokens as they stand behind the prompt.

    Some tokenizers put a space before the first word of a text that stands alone. Where the whole is not cut
    at the end of the prompt, the model would not have gone on so, and the continuation is cut by itself.
    """
    whole = tokenizer(prompt.text + continuation, add_special_tokens=False, verbose=False)["input_ids"]
    if tuple(whole[: len(prompt.ids)]) == prompt.ids:
        return list(whole[len(prompt.ids) :])
    return list(tokenizer(continuation, add_special_tokens=False, verbose=False)["input_ids"])

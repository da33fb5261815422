"""From messages to the exact prompt: the model's chat template, token ids, and tokens per message.

Marks of the template that stand in somebody's text (`<|im_end|>` in a pasted log or a hostile document) are
broken up by a zero-width space, so that no text can pretend to be another message.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import BaseMessage, ChatMessage

ROLES = {"human": "user", "ai": "assistant", "AIMessageChunk": "assistant", "HumanMessageChunk": "user"}


@dataclass(frozen=True)
class Rendered:
    """`text` after the template, its token `ids`, and how many of them belong to each message: template marks
    included, the opening of the answer with the last message. They add up to `len(ids)`."""

    text: str
    ids: tuple[int, ...]
    by_message: tuple[int, ...]


def render(tokenizer: Any, messages: Sequence[BaseMessage]) -> Rendered:
    """The prompt for `messages`; `tokenizer` is a fast transformers tokenizer with a chat template."""
    marks = _marks(tokenizer)
    plain = [_plain(message, marks) for message in messages]
    text = tokenizer.apply_chat_template(plain, tokenize=False, add_generation_prompt=True)
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
    starts = [start for start, _ in encoded["offset_mapping"]]
    return Rendered(text, tuple(encoded["input_ids"]), _by_message(tokenizer, plain, text, starts))


def _marks(tokenizer: Any) -> list[str]:
    """Every text that the tokenizer reads as one control token, the longest first. Many models name only a
    few of them (beginning, end, padding); the marks of their messages are among the added tokens alone."""
    added = (token.content for token in tokenizer.added_tokens_decoder.values() if token.special)
    return sorted({*tokenizer.all_special_tokens, *added} - {""}, key=lambda mark: (-len(mark), mark))


def _plain(message: BaseMessage, marks: Sequence[str]) -> dict[str, str]:
    role = message.role if isinstance(message, ChatMessage) else ROLES.get(message.type, message.type)
    return {"role": role, "content": _disarmed(str(message.text), marks)}


def _disarmed(text: str, marks: Sequence[str]) -> str:
    for mark in marks:
        text = text.replace(mark, f"{mark[:1]}\u200b{mark[1:]}")
    return text


def _by_message(
    tokenizer: Any, messages: Sequence[Mapping[str, str]], text: str, starts: Sequence[int]
) -> tuple[int, ...]:
    """Tokens per message: a token belongs to the message in whose share of the text it begins."""
    ends = [_share_end(tokenizer, messages[:count], text) for count in range(1, len(messages))]
    counts, at = [], 0
    for end in [*ends, len(text) + 1]:
        reached = max(at, sum(start < end for start in starts))
        counts.append(reached - at)
        at = reached
    return tuple(counts)


def _share_end(tokenizer: Any, messages: Sequence[Mapping[str, str]], text: str) -> int:
    """Where in `text` the share of the first messages ends, in characters."""
    from jinja2 import TemplateError

    try:
        begun = tokenizer.apply_chat_template(list(messages), tokenize=False)
    except TemplateError:  # some templates insist on whole turns; then the message's own words must do
        content = messages[-1]["content"]
        return text.find(content) + len(content) if content in text else 0
    return next((at for at, (a, b) in enumerate(zip(begun, text, strict=False)) if a != b), len(begun))

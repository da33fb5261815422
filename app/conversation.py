"""A conversation as the browser keeps it and the server reads it: our own JSON, checked at every entry.

    {"maru": 1, "id": …, "name": …, "created": …,
     "turns": [{"text": …, "answer": {…} or null, "problem": {"en": …, "ko": …} or null}, …]}

Nothing here is LangChain's serialisation: `{"lc": 1, …}` in a message is a message like any other.
Pure functions; the server keeps no conversation.
"""

import json
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass

from adapters.spec import Text
from app.errors import BadConversation
from app.marked import clean
from app.stored_answer import NOT_STORED, cleaned, shrink, size_bytes
from chains.question import Answer, Message

FORMAT = 1
LARGEST_BYTES = 5_000_000
MOST_TURNS = 500
_HEADER = {"maru", "id", "name", "created", "turns"}


@dataclass(frozen=True)
class Turn:
    """What was asked, the answer as far as it came (None: not begun), and why it came no further, where it
    failed."""

    text: str
    answer: Answer | None = None
    problem: Text | None = None


@checked_dataclass(frozen=True, config=ConfigDict(extra="ignore"))
class Conversation:
    """Turns in order. `id` is the browser's; `created` is its ISO time; `name` is empty until it is named."""

    id: str = Field(default="", pattern=r"^[A-Za-z0-9-]{0,64}$")
    name: str = Field(default="", max_length=200)
    created: str = Field(default="", max_length=40)
    turns: tuple[Turn, ...] = Field(default=(), max_length=MOST_TURNS)


_CONVERSATION = TypeAdapter(Conversation)
_NOT_STORED: Any = {**NOT_STORED, "passages": True}
"""Its citations hold the passages that count."""


def to_json(conversation: Conversation) -> dict[str, Any]:
    """The stored form. Prompts of older turns are left out, oldest first, where they would take much room."""
    stored: dict[str, Any] = _CONVERSATION.dump_python(
        conversation, mode="json", exclude={"turns": {"__all__": {"answer": _NOT_STORED}}}
    )
    shrink(turn["answer"] for turn in reversed(stored["turns"]))
    return {"maru": FORMAT, **stored}


def from_json(data: object) -> Conversation:
    """A conversation that came from a browser or a file. Raises BadConversation with the reason."""
    if data is None or data == {}:
        return Conversation()
    if not isinstance(data, dict) or "maru" not in data:
        raise BadConversation("not_ours")
    if data["maru"] != FORMAT:
        raise BadConversation("version", version=str(data["maru"])[:20], known=FORMAT)
    if _too_large(data):
        raise BadConversation("too_large", megabytes=LARGEST_BYTES // 1_000_000)
    if isinstance(data.get("turns"), list) and len(data["turns"]) > MOST_TURNS:
        raise BadConversation("too_many_turns", most=MOST_TURNS)
    try:
        return _CONVERSATION.validate_python(cleaned({key: data[key] for key in _HEADER & data.keys()}))
    except ValidationError as error:
        where = ".".join(str(step) for step in error.errors()[0]["loc"])
        raise BadConversation("damaged", where=where[:100]) from None
    except RecursionError:
        raise BadConversation("not_ours") from None


def read_export(text: str) -> Conversation:
    """An exported file's content. Raises BadConversation when it is too large, no JSON, or not ours."""
    if len(text.encode("utf-8", "replace")) > LARGEST_BYTES:
        raise BadConversation("too_large", megabytes=LARGEST_BYTES // 1_000_000)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise BadConversation("not_json") from None
    return from_json(data or "")


def history(conversation: Conversation) -> tuple[Message, ...]:
    """The earlier turns as messages; a turn without an answer is left out, roles must alternate."""
    messages: list[Message] = []
    for turn in conversation.turns:
        if turn.answer is not None and turn.answer.text.strip():
            messages += [Message("user", turn.text), Message("assistant", turn.answer.text)]
    return tuple(messages)


def before(conversation: Conversation, turn: int | None) -> Conversation:
    """The conversation up to the turn that is asked again (None: all of it)."""
    if turn is None:
        return conversation
    return replace(conversation, turns=conversation.turns[: max(0, turn)])


def asked(
    conversation: Conversation, text: str, answer: Answer | None = None, problem: Text | None = None
) -> Conversation:
    """The conversation with one more turn."""
    return replace(conversation, turns=(*conversation.turns, Turn(clean(text), answer, problem)))


def _too_large(data: object) -> bool:
    try:
        return size_bytes(data) > LARGEST_BYTES
    except RecursionError:
        raise BadConversation("not_ours") from None

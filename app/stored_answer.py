"""Answers as the browser keeps them: what is stored of one, in how much room, and made safe when it is back.

Pure functions over JSON that pydantic made, or that somebody sent.
"""

import json
from collections.abc import Iterable
from typing import Any

from app.marked import clean

PROMPTS_KEPT_BYTES = 200_000
NOT_STORED: Any = {
    "question": {"history", "examples", "passages", "template"},
    "steps": {"__all__": {"passages", "prompt_text"}},
    "waiting": True,
}
"""Of an Answer, as pydantic's `exclude`: what is not shown of it, or stands in it twice."""


def shrink(answers: Iterable[dict[str, Any] | None], room: int = PROMPTS_KEPT_BYTES) -> None:
    """Leaves prompts and steps out where they would take more than `room` bytes in all; the first answers
    have them first."""
    for answer in answers:
        if answer is not None:
            answer["steps"] = [
                step for step in answer["steps"] if not step["final"]
            ]  # it is the answer itself
            room -= _without_prompt(answer, room)


def size_bytes(data: object) -> int:
    """Whoever sends it decides what is in it: all of it counts, known or not. Raises RecursionError."""
    return len(json.dumps(data, ensure_ascii=False).encode("utf-8", "replace"))


def cleaned(value: Any) -> Any:
    """Every text inside without characters that cannot travel on. Raises RecursionError."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [cleaned(item) for item in value]
    if isinstance(value, dict):
        return {key: cleaned(item) for key, item in value.items()}
    return value


def _without_prompt(answer: dict[str, Any], room: int) -> int:
    """Empties the prompt, and all steps, where they are larger than `room`; what they take otherwise."""
    size = len(json.dumps([answer["prompt"], answer["steps"]]))
    size += len(answer["prompt_text"]) + len(answer["raw"])
    if size <= room:
        return size
    answer.update(prompt={"messages": [], "stop": []}, steps=[], prompt_text="", raw="")
    return 0

"""Questions from a JSON-lines file: {"id", "question"} a line; other keys are not looked at."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.terminal.errors import BadBatch, FileUnreadable

SHOWN_PROBLEMS = 20


@dataclass(frozen=True)
class BatchLine:
    """One question; `id` (text or number, unlike all others) comes back with its answer."""

    id: str | int
    question: str


def read_batch(path: Path) -> list[BatchLine]:
    """All questions of the file; empty lines are passed over.

    Raises FileUnreadable, and BadBatch, which names every line that is not a question or repeats an id: an
    answer must be found again by its id.
    """
    lines: list[BatchLine] = []
    problems: list[str] = []
    first_seen: dict[str | int, int] = {}
    for number, text in _numbered(path):
        try:
            line = _parsed(text)
            if line.id in first_seen:
                raise ValueError(f"id {json.dumps(line.id, ensure_ascii=False)} = {first_seen[line.id]}")
        except ValueError as error:
            problems.append(f"  {number}: {error}")
            continue
        first_seen[line.id] = number
        lines.append(line)
    if problems:
        more = len(problems) - SHOWN_PROBLEMS
        shown = problems[:SHOWN_PROBLEMS] + ([f"  … +{more}"] if more > 0 else [])
        raise BadBatch(path=path, problems="\n".join(shown))
    return lines


def _numbered(path: Path) -> Iterator[tuple[int, str]]:
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        cause = error.strerror if isinstance(error, OSError) else error
        raise FileUnreadable(path=path, cause=cause) from error
    for number, line in enumerate(content.split("\n"), start=1):
        if line.strip():
            yield number, line


def _parsed(text: str) -> BatchLine:
    """Raises ValueError with what is wrong, in words that read alike in both languages."""
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("JSON: [[[[…") from None
    if not isinstance(value, dict):
        raise ValueError("JSON object: {…}?")
    id, question = value.get("id"), value.get("question")
    if not isinstance(id, str | int) or isinstance(id, bool):
        raise ValueError('"id"?')
    if not isinstance(question, str) or not question.strip():
        raise ValueError('"question"?')
    return BatchLine(id, question)

"""Questions from a JSON-lines file: {"id", "question"} a line; other keys are not looked at."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.spec import Text
from app.terminal.errors import BadBatch, FileUnreadable

SHOWN_PROBLEMS = 20
NOT_JSON: Text = {"en": "This is not JSON ({cause}).", "ko": "JSON이 아니에요({cause})."}
NO_OBJECT: Text = {"en": "This is no JSON object.", "ko": "JSON 객체가 아니에요."}
NO_ID: Text = {
    "en": 'The "id" is missing, or is neither a text nor a whole number.',
    "ko": '"id"가 없거나, 글이나 정수가 아니에요.',
}
NO_QUESTION: Text = {
    "en": 'The "question" is missing, or is no text.',
    "ko": '"question"이 없거나 글이 아니에요.',
}
EMPTY: Text = {"en": 'The "question" is empty.', "ko": '"question"이 비어 있어요.'}
REPEATED: Text = {
    "en": "The id {id} stands in line {line} already.",
    "ko": "{id} id는 {line}번째 줄에 이미 있어요.",
}


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
    problems: list[tuple[int, Text]] = []
    first_seen: dict[str | int, int] = {}
    for number, text in _numbered(path):
        try:
            line = _parsed(text)
            if line.id in first_seen:
                raise _Unusable(REPEATED, id=_written(line.id), line=first_seen[line.id])
        except _Unusable as error:
            problems.append((number, error.why))
            continue
        first_seen[line.id] = number
        lines.append(line)
    if problems:
        raise BadBatch(
            path=path, problems={language: _listed(problems, language) for language in ("en", "ko")}
        )
    return lines


class _Unusable(Exception):
    """Why a line is no question."""

    def __init__(self, why: Text, **values: object) -> None:
        super().__init__(why)
        self.why = {language: words.format(**values) for language, words in why.items()}


def _listed(problems: Sequence[tuple[int, Text]], language: str) -> str:
    """A line each, not too many."""
    said = [f"  {number}: {why[language]}" for number, why in problems[:SHOWN_PROBLEMS]]
    more = len(problems) - SHOWN_PROBLEMS
    return "\n".join([*said, f"  … +{more}"] if more > 0 else said)


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


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
    """Raises _Unusable with what is wrong."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _Unusable(NOT_JSON, cause=str(error)) from None
    if not isinstance(value, dict):
        raise _Unusable(NO_OBJECT)
    id, question = value.get("id"), value.get("question")
    if not isinstance(id, str | int) or isinstance(id, bool):
        raise _Unusable(NO_ID)
    if not isinstance(question, str):
        raise _Unusable(NO_QUESTION)
    if not question.strip():
        raise _Unusable(EMPTY)
    return BatchLine(id, question)

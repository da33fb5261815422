"""The text and the questions of a quality card: ours in English and Korean, or a person's own files.

Ours were written for this purpose, so that no model has read them. Standard library only.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from adapters.errors import BadCardText
from adapters.spec import Text

DATA = Path(__file__).parent / "card_data"
LARGEST_TEXT, MOST_QUESTIONS = 2_000_000, 500


@dataclass(frozen=True)
class Question:
    """A question of the card; `answer` is a word that a right answer contains, where there is one."""

    question: str
    answer: str | None = None


def read_text(language: str, file: Path | None = None) -> str:
    """The text to judge: the person's, or ours in that language. Raises BadCardText."""
    path = file or DATA / f"text.{language}.txt"
    text = _read(path).strip()
    if len(text.split()) < 10:
        raise BadCardText(file=path.name, reason=TOO_SHORT)
    return text


def read_questions(language: str, file: Path | None = None) -> tuple[Question, ...]:
    """The questions, {"question", "answer"?} a line: the person's, or ours. Raises BadCardText."""
    path = file or DATA / f"questions.{language}.jsonl"
    lines = [line for line in _read(path).splitlines() if line.strip()]
    if not 0 < len(lines) <= MOST_QUESTIONS:
        raise BadCardText(file=path.name, reason=TOO_MANY)
    return tuple(_question(path.name, number, line) for number, line in enumerate(lines, start=1))


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_TEXT:
            raise BadCardText(file=path.name, reason=TOO_LARGE)
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadCardText(file=path.name, reason=NOT_UTF8) from error
    except OSError as error:
        reason = {"en": f"it cannot be read ({error.strerror}).", "ko": f"읽을 수 없어요({error.strerror})."}
        raise BadCardText(file=path.name, reason=reason) from error


def _question(file: str, number: int, line: str) -> Question:
    try:
        row = json.loads(line)
        question, answer = row["question"], row.get("answer")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        question = answer = None
    if not isinstance(question, str) or not question.strip() or not isinstance(answer, str | None):
        reason = {
            "en": f'line {number} must be {{"question": "…", "answer": "…"}} (the answer may be left out).',
            "ko": f'{number}번째 줄을 {{"question": "…", "answer": "…"}} 꼴로 적어 주세요.',
        }
        raise BadCardText(file=file, reason=reason)
    return Question(question, answer)


TOO_SHORT: Text = {
    "en": "it has fewer than 10 words; a few hundred give a figure that means something.",
    "ko": "열 낱말이 안 돼요. 수백 낱말은 되어야 쓸모 있는 값이 나와요.",
}
TOO_LARGE: Text = {
    "en": "it is larger than 2 MB; a few pages are enough.",
    "ko": "2MB보다 커요. 몇 쪽이면 충분해요.",
}
TOO_MANY: Text = {
    "en": f"it must hold 1 to {MOST_QUESTIONS} questions, one a line.",
    "ko": f"한 줄에 하나씩 질문을 1개에서 {MOST_QUESTIONS}개까지 적어 주세요.",
}
NOT_UTF8: Text = {"en": "it is not UTF-8 text.", "ko": "UTF-8 글이 아니에요."}

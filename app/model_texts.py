"""What a card is measured with: ours, or what the person pasted."""

from adapters.card_text import MOST_QUESTIONS, Question, read_questions, read_text
from app.errors import TooLong, TooManyQuestions, TooShort

LONGEST_TEXT = 200_000
FEWEST_WORDS = 10


def text_of(own: object, language: str) -> str:
    """The text to predict. Raises TooLong, TooShort."""
    text = str(own or "").strip()
    if not text:
        return read_text(language)
    if len(text) > LONGEST_TEXT:
        raise TooLong(most=LONGEST_TEXT)
    if len(text.split()) < FEWEST_WORDS:
        raise TooShort(fewest=FEWEST_WORDS)
    return text


def questions_of(own: object, language: str) -> tuple[Question, ...]:
    """A question a line; ours where there is none. Raises TooManyQuestions."""
    lines = [line.strip() for line in str(own or "").splitlines() if line.strip()]
    if len(lines) > MOST_QUESTIONS:
        raise TooManyQuestions(most=MOST_QUESTIONS)
    return tuple(Question(line) for line in lines) or read_questions(language)

import pytest

from chains.language import language_of, reader_language
from chains.question import Question


@pytest.mark.parametrize(
    ("text", "chosen", "asked_in"),
    [
        ("What is a maru?", "ko", "en"),
        ("What is a maru?", "en", "en"),
        ("마루가 뭐예요?", "en", "ko"),
        ("LLM이 뭐예요?", "en", "ko"),
        ("2 + 2 = ?", "ko", "ko"),
        ("2 + 2 = ?", "en", "en"),
    ],
)
def test_the_prompt_speaks_the_language_of_the_question(text: str, chosen: str, asked_in: str) -> None:
    assert language_of(Question(text, language=chosen)) == asked_in


def test_maru_speaks_to_the_person_in_their_language() -> None:
    assert reader_language(Question("What is a maru?", language="ko")) == "ko"
    assert reader_language(Question("마루가 뭐예요?", language="en")) == "ko"
    assert reader_language(Question("What is a maru?")) == "en"

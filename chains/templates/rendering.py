"""A template and a question become a prompt: every variable is replaced literally, and only once.

What a template does not place itself stands where it usually does: passages before its text, choices behind
it. So no column of a comparison silently goes without its passages.
"""

from chains.examples import default_examples
from chains.filling import UnknownGap, filled, gaps
from chains.language import language_of, said
from chains.prompting import asked_text, choices_text, conversation, numbered_passages, system_text
from chains.question import Prompt, Question, Template
from chains.templates.errors import BadTemplate
from vectorstore.passage import Passage

VARIABLES = ("question", "passages", "choices", "examples", "language")

_UNKNOWN = {
    "en": "there is no variable {{{gap}}}. Known ones: {known}. To write a brace, double it: {{{{",
    "ko": "{{{gap}}} 변수는 없어요. 쓸 수 있는 변수: {known}. 중괄호 글자는 {{{{ 처럼 두 번 적어 주세요.",
}
_OPEN = {
    "en": "a brace is never closed. To write a brace, double it: {{",
    "ko": "닫히지 않은 중괄호가 있어요. 중괄호 글자는 {{ 처럼 두 번 적어 주세요.",
}
_NO_QUESTION = {
    "en": "its text for the person lacks {question}, so the model would never see what is asked.",
    "ko": "사용자 글에 {question} 변수가 없어서 질문이 모델에 전달되지 않아요.",
}
_LANGUAGES = {"en": "English", "ko": "한국어"}
_EXAMPLE = {"en": ("Question: ", "Answer: "), "ko": ("질문: ", "정답: ")}


def render(template: Template, question: Question, passages: tuple[Passage, ...]) -> Prompt:
    """The prompt of one question, earlier turns between the two texts. An empty text stands for the usual
    one. `question.system`, where the person wrote one, replaces the template's. Raises BadTemplate."""
    check(template)
    values = _values(question, passages)
    system = filled(template.system, values) if template.system.strip() else system_text(question, passages)
    if not template.user.strip():
        return conversation(question, system, asked_text(question, passages))
    placed = {*gaps(template.system), *gaps(template.user)}
    before = [numbered_passages(question, passages)] if passages and "passages" not in placed else []
    after = [values["choices"]] if question.choices and "choices" not in placed else []
    asked = filled(template.user, values).strip("\n")  # an empty variable leaves empty lines
    return conversation(question, system, "\n\n".join([*before, asked, *after]))


def check(template: Template) -> None:
    """Raises BadTemplate: a variable that is not known, a brace that is not closed, no {question}."""
    for text in (template.system, template.user):
        try:
            filled(text, dict.fromkeys(VARIABLES, ""))
        except UnknownGap as error:
            raise BadTemplate(name=template.name, reason=_reason(error.gap)) from None
    if template.user.strip() and "question" not in gaps(template.user):
        raise BadTemplate(name=template.name, reason=_NO_QUESTION)


def _values(question: Question, passages: tuple[Passage, ...]) -> dict[str, str]:
    return {
        "question": question.text,
        "passages": numbered_passages(question, passages),
        "choices": choices_text(question),
        "examples": _examples(question, bool(passages)),
        "language": said(_LANGUAGES, language_of(question)),
    }


def _examples(question: Question, grounded: bool) -> str:
    language = language_of(question)
    asked, answered = _EXAMPLE[language]
    examples = question.examples
    if examples is None:
        examples = default_examples(language, grounded)
    return "\n\n".join(f"{asked}{one.question}\n{answered}{one.answer}" for one in examples)


def _reason(gap: str | None) -> dict[str, str]:
    if gap is None:
        return _OPEN
    known = ", ".join(f"{{{name}}}" for name in VARIABLES)
    return {language: text.format(gap=gap[:40], known=known) for language, text in _UNKNOWN.items()}

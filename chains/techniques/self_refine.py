"""Write a draft, criticise it, write it anew, until the critic has nothing left to say."""

import re

from chains.asking import asking, plainly
from chains.filling import quoted
from chains.language import language_of, said
from chains.question import Question
from chains.steps import Call, Outcome, Run
from chains.techniques import Paper
from vectorstore.passage import Passage

order = 90
label = {"en": "Self-refine", "ko": "스스로 다듬기"}
help = {
    "en": "The model criticises its own answer and improves it, at most twice.",
    "ko": "모델이 자기 답을 스스로 평가하고 고쳐요. 많아도 두 번까지 고쳐요.",
}
paper = Paper("Self-Refine: Iterative Refinement with Self-Feedback", "https://arxiv.org/abs/2303.17651")

MOST_ROUNDS = 2

_DRAFT = {"en": "Draft", "ko": "초안"}
_FEEDBACK = {"en": "Feedback {}", "ko": "평가 {}"}
_REFINED = {"en": "Improved {}", "ko": "고친 답 {}"}
_FEEDBACK_ASK = {
    "en": (
        "Draft answer:\n{draft}\n\nIs the draft right, complete and clear? Say in one or two sentences what "
        'should be improved. If nothing should, write only "FINE".'
    ),
    "ko": (
        "초안:\n{draft}\n\n이 초안이 맞고 빠진 것 없이 분명한가요? 고칠 점을 한두 문장으로 쓰세요. "
        '고칠 점이 없으면 "좋음"이라고만 쓰세요.'
    ),
}
_REFINE_ASK = {
    "en": "Draft answer:\n{draft}\n\nFeedback:\n{feedback}\n\nWrite the improved answer, and nothing else.",
    "ko": "초안:\n{draft}\n\n평가:\n{feedback}\n\n고친 답만 쓰세요.",
}
_FINE = re.compile(
    r"\A\W*(?:fine|좋음|좋아요|좋습니다)(?![A-Za-z가-힣])(?!\W*(?:but|however|하지만))"
    r"|\b(?:nothing|no changes?|no improvements?)\b.{0,20}\b(?:improved?|change|needed|necessary|required)\b"
    r"|고칠 (?:점|것|곳|데)[이은]? ?없",
    re.IGNORECASE,
)


def run(question: Question, passages: tuple[Passage, ...]) -> Run:
    """A draft, then rounds of feedback and improvement. An improvement without a word is not taken."""
    (first,) = yield [Call(_DRAFT, plainly)]
    draft, told = first.text, [_line(question, _DRAFT, "", first.text)]
    for n in range(1, MOST_ROUNDS + 1):
        (feedback,) = yield [Call(_numbered(_FEEDBACK, n), asking(_FEEDBACK_ASK, step=True, draft=draft))]
        told.append(_line(question, _FEEDBACK, n, feedback.text))
        if is_fine(feedback.text):
            break
        build = asking(_REFINE_ASK, draft=draft, feedback=feedback.text)
        (refined,) = yield [Call(_numbered(_REFINED, n), build, final=n == MOST_ROUNDS)]
        told.append(_line(question, _REFINED, n, refined.text))
        draft = refined.text or draft
    return Outcome(draft, "\n\n".join(told))


def is_fine(feedback: str) -> bool:
    """Whether the critic has nothing (left) to say."""
    return not feedback.strip() or bool(_FINE.search(feedback))


def _numbered(name: dict[str, str], n: int | str) -> dict[str, str]:
    return {language: text.format(n) for language, text in name.items()}


def _line(question: Question, name: dict[str, str], n: int | str, text: str) -> str:
    return f"{said(_numbered(name, n), language_of(question))}: {quoted(text)}"

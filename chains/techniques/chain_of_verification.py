"""Write a draft, ask questions that check its facts, answer them without looking at it, then correct it."""

from chains.asking import asking, instead, listed, pairs, plainly
from chains.language import language_of
from chains.question import Question
from chains.steps import ANSWER, Call, Outcome, Run
from chains.techniques import Paper
from vectorstore.passage import Passage

order = 100
label = {"en": "Chain of verification", "ko": "검증 질문"}
help = {
    "en": "Checks the facts of a draft by questions that are answered on their own, then corrects it.",
    "ko": "초안의 사실을 확인하는 질문을 만들어 따로 답해 보고, 그 결과로 초안을 고쳐요.",
}
paper = Paper(
    "Chain-of-Verification Reduces Hallucination in Large Language Models",
    "https://arxiv.org/abs/2309.11495",
)

MOST_CHECKS = 3

_DRAFT = {"en": "Draft", "ko": "초안"}
_PLAN = {"en": "Plan the checks", "ko": "확인할 것 정하기"}
_PLAN_ASK = {
    "en": (
        f"Draft answer:\n{{draft}}\n\nWrite at most {MOST_CHECKS} short questions that check the facts of "
        "this draft. Write one question on each line, numbered."
    ),
    "ko": (
        f"초안:\n{{draft}}\n\n이 초안의 사실을 확인하는 짧은 질문을 {MOST_CHECKS}개까지 쓰세요. "
        "한 줄에 하나씩 번호를 붙여 쓰세요."
    ),
}
_FINAL_ASK = {
    "en": (
        "Draft answer:\n{draft}\n\nChecks:\n{checks}\n\nWrite the final answer to the question. Correct the "
        "draft where the checks contradict it. Write only the answer."
    ),
    "ko": (
        "초안:\n{draft}\n\n확인 결과:\n{checks}\n\n질문의 최종 답을 쓰세요. 확인 결과와 다른 부분은 "
        "고치고, 답만 쓰세요."
    ),
}


def run(question: Question, passages: tuple[Passage, ...]) -> Run:
    """The checks are answered side by side, each without the draft. A draft without checks is the answer."""
    (draft,) = yield [Call(_DRAFT, plainly)]
    (plan,) = yield [Call(_PLAN, asking(_PLAN_ASK, step=True, draft=draft.text))]
    checks = listed(plan.text, MOST_CHECKS)
    if not checks:
        return Outcome(draft.text)
    replies = yield [Call(_numbered(n), instead(check)) for n, check in enumerate(checks, start=1)]
    checked = pairs(checks, [reply.text for reply in replies], language_of(question))
    build = asking(_FINAL_ASK, draft=draft.text, checks=checked)
    (answer,) = yield [Call(ANSWER, build, final=True)]
    return Outcome(answer.text or draft.text, f"{draft.text}\n\n{checked}")


def _numbered(n: int) -> dict[str, str]:
    return {"en": f"Check {n}", "ko": f"확인 {n}"}

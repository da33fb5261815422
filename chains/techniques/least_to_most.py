"""Break the question into smaller ones, answer them from the easiest on, each with the answers before it."""

from chains.asking import asking, behind, listed, pairs
from chains.language import language_of
from chains.question import Question
from chains.steps import ANSWER, Call, Outcome, Run
from chains.techniques import Paper
from vectorstore.passage import Passage

order = 50
label = {"en": "Least-to-most", "ko": "쉬운 것부터"}
help = {
    "en": "Breaks the question into smaller ones and answers them one after another, the easiest first.",
    "ko": "질문을 작은 질문으로 나누고 쉬운 것부터 차례로 풀어요.",
}
paper = Paper(
    "Least-to-Most Prompting Enables Complex Reasoning in Large Language Models",
    "https://arxiv.org/abs/2205.10625",
)

MOST_PARTS = 3

_BREAK_UP = {"en": "Break up the question", "ko": "질문 나누기"}
_BREAK_UP_ASK = {
    "en": (
        f"Do not answer yet. Break this question into at most {MOST_PARTS} smaller questions that lead to "
        "its answer, the easiest first. Write one question on each line, numbered."
    ),
    "ko": (
        f"아직 답하지 마세요. 이 질문을 푸는 데 필요한 더 작은 질문을 쉬운 것부터 {MOST_PARTS}개까지 "
        "쓰세요. 한 줄에 하나씩 번호를 붙여 쓰세요."
    ),
}
_PART_ASK = {
    "en": "First answer only this smaller question, in one sentence: {part}",
    "ko": "먼저 이 작은 질문에만 한 문장으로 답하세요: {part}",
}
_FINAL_ASK = {
    "en": "Now answer the question itself.",
    "ko": "이제 원래 질문에 답하세요.",
}
_FOUND = {"en": "Found so far:\n{found}", "ko": "지금까지 알아낸 것:\n{found}"}


def run(question: Question, passages: tuple[Passage, ...]) -> Run:
    """One call breaks up, one a part, one answers. A model that names no part just answers."""
    (broken_up,) = yield [Call(_BREAK_UP, asking(_BREAK_UP_ASK, step=True))]
    parts, answers, found = listed(broken_up.text, MOST_PARTS), list[str](), ""
    for n, part in enumerate(parts, start=1):
        name = {"en": f"Part {n}", "ko": f"작은 질문 {n}"}
        request = behind(_FOUND, _PART_ASK) if found else _PART_ASK
        (reply,) = yield [Call(name, asking(request, found=found, part=part))]
        answers.append(reply.text)
        found = pairs(parts, answers, language_of(question))
    request = behind(_FOUND, _FINAL_ASK) if found else _FINAL_ASK
    (final,) = yield [Call(ANSWER, asking(request, found=found), final=True)]
    return Outcome(final.text, found or None)

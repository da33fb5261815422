"""Step back to a more general question, and answer with its principle or its passages at hand."""

from chains.asking import asking, first_line, instead, plainly
from chains.question import Question
from chains.steps import ANSWER, Call, Outcome, Run, Search
from chains.techniques import Paper
from vectorstore.passage import Passage

order = 60
label = {"en": "Step back", "ko": "한 걸음 물러서기"}
help = {
    "en": "First asks a more general question, and answers with what it brings. Searches for that one too.",
    "ko": "더 일반적인 질문을 먼저 던지고 거기서 얻은 내용으로 답해요. 그 질문으로도 찾아봐요.",
}
paper = Paper(
    "Take a Step Back: Evoking Reasoning via Abstraction in Large Language Models",
    "https://arxiv.org/abs/2310.06117",
)

_STEP_BACK = {"en": "More general question", "ko": "더 일반적인 질문"}
_STEP_BACK_ASK = {
    "en": (
        "Do not answer this. Write one more general question, about the concept or the principle behind it, "
        "whose answer would help. Write only that question."
    ),
    "ko": (
        "이 질문에 답하지 마세요. 답에 도움이 될, 그 바탕이 되는 개념이나 원리를 묻는 더 일반적인 질문을 "
        "하나만 쓰세요."
    ),
}
_PRINCIPLE = {"en": "Its answer", "ko": "일반적인 질문의 답"}
_SEARCH = {"en": "Search for it", "ko": "일반적인 질문으로 찾기"}
_FINAL_ASK = {
    "en": "Background:\n{general}\n{principle}\n\nUse this background to answer the question.",
    "ko": "배경:\n{general}\n{principle}\n\n이 배경을 이용해 질문에 답하세요.",
}


def run(question: Question, passages: tuple[Passage, ...]) -> Run:
    """With passages, those of the general question come behind the question's own; without, the general
    question is answered first."""
    (reply,) = yield [Call(_STEP_BACK, asking(_STEP_BACK_ASK, step=True))]
    general = first_line(reply.text)
    if not general:
        (answer,) = yield [Call(ANSWER, plainly, final=True)]
        return Outcome(answer.text)
    if passages:
        (found,) = yield [Search(_SEARCH, general)]
        known = {passage.text for passage in passages}
        more = tuple(passage for passage in found.passages if passage.text not in known)
        (answer,) = yield [Call(ANSWER, plainly, final=True, passages=(*passages, *more))]
        return Outcome(answer.text, general)
    (principle,) = yield [Call(_PRINCIPLE, instead(general))]
    build = asking(_FINAL_ASK, general=general, principle=principle.text)
    (answer,) = yield [Call(ANSWER, build, final=True)]
    return Outcome(answer.text, f"{general}\n{principle.text}".strip())

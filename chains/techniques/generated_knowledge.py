"""Have the model write down what it knows about the matter first, and answer with that before it."""

from chains.asking import asking
from chains.question import Question
from chains.steps import ANSWER, Call, Outcome, Run
from chains.techniques import Paper
from vectorstore.passage import Passage

order = 70
label = {"en": "Generated knowledge", "ko": "지식 먼저 쓰기"}
help = {
    "en": "The model first writes down facts about the question, then answers with them.",
    "ko": "질문과 관련된 사실을 모델이 먼저 써 보고, 그걸 바탕으로 답하게 해요.",
}
paper = Paper("Generated Knowledge Prompting for Commonsense Reasoning", "https://arxiv.org/abs/2110.08387")
retrieval = "unused"
retrieval_note = {
    "en": "What the model writes down itself stands in for passages, so nothing is searched.",
    "ko": "모델이 직접 쓴 지식이 문단을 대신하므로 검색하지 않아요.",
}

_KNOWLEDGE = {"en": "What it knows", "ko": "지식"}
_KNOWLEDGE_ASK = {
    "en": "Do not answer this. Write 3 short facts that help to answer it, one on each line.",
    "ko": "이 질문에 답하지 마세요. 답에 도움이 되는 짧은 사실 3개를 한 줄에 하나씩 쓰세요.",
}
_FINAL_ASK = {
    "en": "Facts:\n{knowledge}\n\nUse these facts to answer the question.",
    "ko": "사실:\n{knowledge}\n\n이 사실을 이용해 질문에 답하세요.",
}


def run(question: Question, passages: tuple[Passage, ...]) -> Run:
    """Two calls, both without passages."""
    (knowledge,) = yield [Call(_KNOWLEDGE, asking(_KNOWLEDGE_ASK, step=True), passages=())]
    build = asking(_FINAL_ASK, knowledge=knowledge.text)
    (answer,) = yield [Call(ANSWER, build, final=True, passages=())]
    return Outcome(answer.text, knowledge.text or None)

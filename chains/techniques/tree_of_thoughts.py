"""Think of several ways, judge each, follow the best: the tree of thoughts with one level."""

import re
from dataclasses import replace

from chains.asking import asking, sampled
from chains.filling import quoted
from chains.question import Question
from chains.steps import ANSWER, Call, Outcome, Run
from chains.techniques import Paper
from vectorstore.passage import Passage

order = 120
label = {"en": "Tree of thoughts", "ko": "생각의 나무"}
help = {
    "en": "Thinks of 3 ways to the answer, scores each, and follows the best.",
    "ko": "답에 이르는 방법을 세 가지 떠올려 점수를 매기고, 가장 나은 방법으로 답해요.",
}
paper = Paper(
    "Tree of Thoughts: Deliberate Problem Solving with Large Language Models",
    "https://arxiv.org/abs/2305.10601",
)

THOUGHTS = 3
HIGHEST = 10

_THINK_ASK = {
    "en": "Do not answer yet. Describe in one or two sentences one way to find the answer.",
    "ko": "아직 답하지 마세요. 답을 찾는 방법을 하나 골라 한두 문장으로 설명하세요.",
}
_SCORE_ASK = {
    "en": (
        "A way to find the answer:\n{thought}\n\nHow good is this way? Write only one number from 1 (leads "
        f"nowhere) to {HIGHEST} (surely leads to the right answer)."
    ),
    "ko": (
        "답을 찾는 방법:\n{thought}\n\n이 방법은 얼마나 좋은가요? 1(소용없음)부터 "
        f"{HIGHEST}(틀림없이 정답에 이름)까지의 수 하나만 쓰세요."
    ),
}
_FINAL_ASK = {
    "en": "A way to find the answer:\n{thought}\n\nFollow it and answer the question.",
    "ko": "답을 찾는 방법:\n{thought}\n\n이 방법대로 질문에 답하세요.",
}
_NUMBER = re.compile(r"(?<![\d.])\d+(?:\.\d+)?")


def run(question: Question, passages: tuple[Passage, ...]) -> Run:
    """Thoughts side by side, then their scores side by side, then the answer. Of equal scores the first."""
    thoughts = yield [
        Call(
            {"en": f"Thought {n}", "ko": f"생각 {n}"},
            asking(_THINK_ASK, step=True),
            options=sampled(question.options, "tree_of_thoughts", n),
        )
        for n in range(1, THOUGHTS + 1)
    ]
    ways = [thought.text for thought in thoughts]
    judging = replace(question.options, temperature=0.0)
    replies = yield [
        Call(
            {"en": f"Score of thought {n}", "ko": f"생각 {n}의 점수"},
            asking(_SCORE_ASK, step=True, thought=way),
            options=judging,
        )
        for n, way in enumerate(ways, start=1)
    ]
    scores = [score(reply.text) if way else -1.0 for reply, way in zip(replies, ways, strict=True)]
    best = ways[scores.index(max(scores))]
    (answer,) = yield [Call(ANSWER, asking(_FINAL_ASK, thought=best), final=True)]
    judged = (f"({max(one, 0):g}/{HIGHEST}) {quoted(way)}" for one, way in zip(scores, ways, strict=True))
    return Outcome(answer.text, "\n".join(judged))


def score(text: str) -> float:
    """The first number that was written, at most HIGHEST; 0 where none was."""
    found = _NUMBER.search(text)
    return min(float(found[0]), float(HIGHEST)) if found else 0.0

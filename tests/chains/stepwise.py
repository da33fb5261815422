"""Techniques of several steps, as the driver's tests need them: short ones, given as objects."""

from collections import Counter
from dataclasses import replace

from chains.question import Message, Prompt, Question
from chains.seeds import derived
from chains.steps import Build, Call, Outcome, Run, Search
from chains.techniques import Paper, Retrieval, Technique
from vectorstore.passage import Passage

PLAN = {"en": "Plan", "ko": "계획"}
SAMPLE = {"en": "Sample", "ko": "샘플"}
LOOK = {"en": "Look it up", "ko": "찾아보기"}
ANSWER = {"en": "Answer", "ko": "답변"}


def asking(what: str) -> Build:
    """Asks "what: question", behind the passages, a line each."""

    def build(question: Question, passages: tuple[Passage, ...]) -> Prompt:
        lines = [one.text for one in passages] + [f"{what}: {question.text}"]
        earlier = question.history
        return Prompt((Message("system", "Be brief."), *earlier, Message("user", "\n".join(lines))))

    return build


def as_technique(run: object, retrieval: Retrieval = "optional") -> Technique:
    text = {"en": "Mine", "ko": "내 기법"}
    return Technique("mine", text, text, Paper("Mine", "https://example.org"), run, retrieval=retrieval)


def plan(question: Question, passages: tuple[Passage, ...]) -> Run:
    """One call after another; the plan is the reasoning."""
    (planned,) = yield [Call(PLAN, asking("Plan"))]
    (answer,) = yield [Call(ANSWER, asking(f"With {planned.text}"), final=True)]
    return Outcome(answer.text, reasoning=planned.text)


def sample(question: Question, passages: tuple[Passage, ...]) -> Run:
    """Five calls together, each with a seed of its own; what most say is the answer."""
    options = [replace(question.options, seed=derived(question.options.seed, n)) for n in range(5)]
    replies = yield [Call(SAMPLE, asking("Sample"), options=one) for one in options]
    (text, votes), *_ = Counter(reply.text for reply in replies).most_common()
    return Outcome(text, agreement=votes / len(replies))


def look_up(question: Question, passages: tuple[Passage, ...]) -> Run:
    """Two searches together, then an answer from what they found."""
    finds = yield [Search(LOOK, question.text), Search(LOOK, f"more {question.text}")]
    found = tuple(dict.fromkeys(passage for reply in finds for passage in reply.passages))
    (answer,) = yield [Call(ANSWER, asking("From these"), passages=found, final=True)]
    return Outcome(answer.text, passages=found)


TECHNIQUES = {
    "plan": as_technique(plan),
    "sample": as_technique(sample, "unused"),
    "look_up": as_technique(look_up, "needed"),
}
find = TECHNIQUES.__getitem__

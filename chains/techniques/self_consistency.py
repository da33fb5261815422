"""Reason several times, answer with the majority: unlike mistakes differ, right answers agree."""

from collections import Counter
from collections.abc import Sequence

from chains.asking import sampled
from chains.filling import quoted
from chains.question import Question
from chains.reading_answers.sameness import meanings
from chains.steps import Call, Outcome, Reply, Run
from chains.techniques import Paper, chain_of_thought
from vectorstore.passage import Passage

order = 40
label = {"en": "Self-consistency", "ko": "자기 일관성"}
help = {
    "en": "Reasons 5 times with chance at work, and answers what most of them say.",
    "ko": "다섯 번 다르게 추론하게 하고, 가장 많이 나온 답을 골라요.",
}
paper = Paper(
    "Self-Consistency Improves Chain of Thought Reasoning in Language Models",
    "https://arxiv.org/abs/2203.11171",
)

SAMPLES = 5


def run(question: Question, passages: tuple[Passage, ...]) -> Run:
    """All samples side by side, each with a seed of its own; the majority's first wording is the answer."""
    samples = yield [
        Call(
            {"en": f"Sample {n}", "ko": f"샘플 {n}"},
            chain_of_thought.build,
            chain_of_thought.read,
            sampled(question.options, "self_consistency", n),
        )
        for n in range(1, SAMPLES + 1)
    ]
    answers = [sample.text for sample in samples]
    chosen, agreement = majority(answers, question)
    return Outcome(chosen, _shown(samples), agreement)


def majority(answers: Sequence[str], question: Question) -> tuple[str, float]:
    """The answer that most say, in its first wording, and the share that says it. Of several equally frequent
    ones the one that was said first; empty answers say nothing."""
    keys = meanings(answers, question)
    counted = Counter(key for key in keys if key).most_common(1)
    if not counted:
        return "", 0.0
    key, count = counted[0]
    return answers[keys.index(key)], count / len(answers)


def _shown(samples: Sequence[Reply]) -> str:
    told = (f"{n}. {quoted(sample.raw)}" for n, sample in enumerate(samples, start=1))
    return "\n\n".join(told)

"""Few-shot with the examples that are most like the question, the likest last, next to it."""

from dataclasses import replace

from chains.examples import built_in_set, default_examples
from chains.language import language_of
from chains.prompting import unasked
from chains.question import Example, Prompt, Question
from chains.steps import ANSWER, Call, Outcome, Run
from chains.techniques import Paper, few_shot
from vectorstore.nearest import nearest
from vectorstore.passage import Passage

order = 22
label = {"en": "Few-shot, similar examples", "ko": "비슷한 예시 퓨샷"}
help = {
    "en": "Shows the 4 examples that are most like the question, found by their embeddings.",
    "ko": "질문과 가장 비슷한 예시 4개를 임베딩으로 찾아서 보여 줘요.",
}
paper = Paper("What Makes Good In-Context Examples for GPT-3?", "https://arxiv.org/abs/2101.06804")

SHOWN = 4


def run(question: Question, passages: tuple[Passage, ...]) -> Run:
    """The examples are chosen once, then it is few-shot."""
    shown = chosen(question, grounded=bool(passages))

    def build(asked: Question, fitting: tuple[Passage, ...]) -> Prompt:
        return few_shot.build(replace(asked, examples=shown), fitting)

    (answer,) = yield [Call(ANSWER, build, final=True)]
    return Outcome(answer.text)


def chosen(question: Question, grounded: bool) -> tuple[Example, ...]:
    """From the person's examples, or else from a built-in set of many kinds (with passages: of those that
    answer from some), without the question itself."""
    pool = question.examples
    if pool is None:
        language = language_of(question)
        many = built_in_set("many_kinds", language).examples
        pool = default_examples(language, grounded) if grounded else many
    pool = unasked(pool, question)
    found = nearest([example.question for example in pool], question.text, SHOWN)
    return tuple(pool[number] for number in reversed(found))

"""Chain of thought by example: a few questions with their reasoning written out, then the real one."""

from chains.examples import built_in_set
from chains.language import language_of
from chains.prompting import asked_text, conversation, system_text, unasked
from chains.question import Prompt, Question
from chains.techniques import Paper, chain_of_thought
from vectorstore.passage import Passage

order = 32
label = {"en": "Chain of thought, with examples", "ko": "예시가 있는 단계별 추론"}
help = {
    "en": "Shows a few questions with worked reasoning, so that the model reasons in the same way.",
    "ko": "풀이 과정이 있는 예시를 먼저 보여 줘서 같은 방식으로 추론하게 해요.",
}
paper = Paper(
    "Chain-of-Thought Prompting Elicits Reasoning in Large Language Models",
    "https://arxiv.org/abs/2201.11903",
)

read = chain_of_thought.read


def build(question: Question, passages: tuple[Passage, ...]) -> Prompt:
    """As few-shot, with examples whose answers end with "Answer:"; nothing else asks for the reasoning."""
    examples = question.examples
    if examples is None:
        examples = built_in_set("worked_reasoning", language_of(question)).examples
    system = system_text(question, passages)
    return conversation(question, system, asked_text(question, passages), unasked(examples, question))

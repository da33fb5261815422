"""Show a few answered questions first: the model imitates their form."""

from chains.examples import default_examples
from chains.language import language_of
from chains.prompting import asked_text, conversation, system_text, unasked
from chains.question import Prompt, Question
from chains.techniques import Paper
from vectorstore.passage import Passage

order = 20
label = {"en": "Few-shot", "ko": "퓨샷"}
help = {
    "en": "Shows the model a few answered questions first, so that it answers in the same way.",
    "ko": "답이 달린 예시를 먼저 보여 줘서 같은 방식으로 답하게 해요.",
}
paper = Paper("Language Models are Few-Shot Learners", "https://arxiv.org/abs/2005.14165")


def build(question: Question, passages: tuple[Passage, ...]) -> Prompt:
    """Instruction, the examples as turns of a conversation, the real conversation, question. An example that
    asks this very question is left out."""
    examples = question.examples
    if examples is None:
        examples = default_examples(language_of(question), grounded=bool(passages))
    system = system_text(question, passages)
    return conversation(question, system, asked_text(question, passages), unasked(examples, question))

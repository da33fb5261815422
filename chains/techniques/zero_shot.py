"""Just ask: an instruction and the question, no example."""

from chains.prompting import asked_text, conversation, system_text
from chains.question import Prompt, Question
from chains.techniques import Paper
from vectorstore.passage import Passage

order = 10
label = {"en": "Zero-shot", "ko": "제로샷"}
help = {
    "en": "Asks the question as it is, without examples.",
    "ko": "예시 없이 질문을 그대로 물어봐요.",
}
paper = Paper("Finetuned Language Models Are Zero-Shot Learners", "https://arxiv.org/abs/2109.01652")


def build(question: Question, passages: tuple[Passage, ...]) -> Prompt:
    """Instruction, conversation so far, question."""
    return conversation(question, system_text(question, passages), asked_text(question, passages))

"""Ask with a template of the person's own."""

from chains.question import Prompt, Question
from chains.techniques import Paper
from chains.templates import TemplateNeeded, render
from vectorstore.passage import Passage

order = 140
label = {"en": "My template", "ko": "내 템플릿"}
help = {
    "en": "Asks with a template that you wrote, with variables such as {question} and {passages}.",
    "ko": "{question}, {passages} 같은 변수를 넣어 직접 쓴 템플릿으로 물어봐요.",
}
paper = Paper(
    "A Prompt Pattern Catalog to Enhance Prompt Engineering with ChatGPT", "https://arxiv.org/abs/2302.11382"
)


def build(question: Question, passages: tuple[Passage, ...]) -> Prompt:
    """The template's two texts, filled. Raises TemplateNeeded and BadTemplate."""
    if question.template is None:
        raise TemplateNeeded
    return render(question.template, question, passages)

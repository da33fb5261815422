"""Give the model a role: somebody who would know, and who answers in that manner."""

from chains.language import language_of
from chains.question import Prompt, Question
from chains.techniques import Paper
from chains.templates import render
from chains.templates.built_in import default_role
from vectorstore.passage import Passage

order = 130
label = {"en": "Role", "ko": "역할 맡기기"}
help = {
    "en": "Gives the model a role, such as teacher or fact checker, and asks it in that role.",
    "ko": "선생님이나 사실 확인 편집자 같은 역할을 맡기고 물어봐요.",
}
paper = Paper("Better Zero-Shot Reasoning with Role-Play Prompting", "https://arxiv.org/abs/2308.07702")


def build(question: Question, passages: tuple[Passage, ...]) -> Prompt:
    """The role comes with the question's template; where there is none, a teacher answers."""
    role = question.template or default_role(language_of(question))
    return render(role, question, passages)

"""Accuracy on multiple choice by likelihood: the choice whose letter the model finds likeliest."""

from chains.compare.cell import Cell
from chains.compare.choices import has_right_choice, likeliest, right_choices
from chains.compare.metrics import Need, Source
from chains.compare.question_set import AnswerType, Item
from chains.compare.tools import Tools

order = 22
label = {"en": "Choice by likelihood", "ko": "가능도로 고른 보기"}
help = {
    "en": "Whether the model finds the letter of the right choice likelier than the other letters, right "
    "behind the prompt: without the reasoning a technique may write first. Needs a model that runs here.",
    "ko": "프롬프트 바로 뒤에서 모델이 맞는 보기의 글자를 다른 글자보다 더 그럴듯하게 보는지 봐요. 기법이 "
    "먼저 쓰는 풀이는 빼고 재요. 이 컴퓨터에서 돌아가는 모델이 필요해요.",
}
source = Source("Measuring Massive Multitask Language Understanding", "https://arxiv.org/abs/2009.03300")
suits: tuple[AnswerType, ...] = ("choice",)
applies = has_right_choice
needs: tuple[Need, ...] = ("likelihood",)


def score(item: Item, cell: Cell, tools: Tools) -> float | None:
    """1 or 0; None without choices, or from a model that tells no likelihoods. 0 where no passage was found:
    the model was asked nothing, and so prefers no choice."""
    right = right_choices(item)
    if not right:
        return None
    if cell.log_likelihoods is None:
        return 0.0 if cell.finish_reason == "nothing_found" else None
    return float(likeliest(cell.log_likelihoods) in right)

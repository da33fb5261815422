"""Accuracy on multiple choice by the likelihood of the choices' texts, each for its length."""

from chains.compare.cell import Cell
from chains.compare.choices import has_right_choice, likeliest, right_choices
from chains.compare.metrics import Need, Source
from chains.compare.question_set import AnswerType, Item
from chains.compare.tools import Tools

order = 23
label = {"en": "Choice by likelihood of its text", "ko": "내용의 가능도로 고른 보기"}
help = {
    "en": "Whether the model finds the text of the right choice likelier than the other texts, right behind "
    "the prompt, each divided by its length in bytes (acc_norm of the Language Model Evaluation Harness). "
    "Needs a model that runs here.",
    "ko": "프롬프트 바로 뒤에서 모델이 맞는 보기의 내용을 다른 보기보다 더 그럴듯하게 보는지 봐요. 긴 보기가 "
    "손해 보지 않게 바이트 길이로 나눠요(Language Model Evaluation Harness의 acc_norm). 이 컴퓨터에서 "
    "돌아가는 모델이 필요해요.",
}
source = Source("Language Model Evaluation Harness", "https://github.com/EleutherAI/lm-evaluation-harness")
suits: tuple[AnswerType, ...] = ("choice",)
applies = has_right_choice
needs: tuple[Need, ...] = ("likelihood",)


def score(item: Item, cell: Cell, tools: Tools) -> float | None:
    """1 or 0; None without choices, or from a model that tells no likelihoods. 0 where no passage was found:
    the model was asked nothing, and so prefers no choice."""
    right = right_choices(item)
    if not right:
        return None
    if cell.text_log_likelihoods is None:
        return 0.0 if cell.finish_reason == "nothing_found" else None
    lengths = [len(one.encode("utf-8", "replace")) for one in item.choices]
    return float(likeliest(cell.text_log_likelihoods, lengths) in right)

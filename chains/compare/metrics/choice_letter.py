"""Accuracy on multiple choice, read from what the model wrote."""

from chains.compare.cell import Cell
from chains.compare.choices import has_right_choice, right_choices
from chains.compare.metrics import Source
from chains.compare.question_set import AnswerType, Item
from chains.compare.tools import Tools
from chains.reading_answers.choices import read_choice

order = 21
label = {"en": "Choice accuracy", "ko": "보기 정확도"}
help = {
    "en": 'Whether the answer chooses the right choice, by its letter ("B", "(B)", "Answer: B", "②") or by '
    "its text. An answer that names several choices or none, or one by its letter and another by its text, "
    "is wrong.",
    "ko": "답변이 맞는 보기를 골랐는지 봐요. 글자('B', '(B)', '정답은 ②')로 골라도 보기의 내용으로 골라도 "
    "돼요. 여러 보기를 적거나, 하나도 고르지 않거나, 글자와 내용이 서로 다른 보기면 틀린 것으로 봐요.",
}
source = Source("Measuring Massive Multitask Language Understanding", "https://arxiv.org/abs/2009.03300")
suits: tuple[AnswerType, ...] = ("choice",)
applies = has_right_choice


def score(item: Item, cell: Cell, tools: Tools) -> float | None:
    """1 or 0; None without choices, or where none of them is right."""
    right = right_choices(item)
    return float(read_choice(cell.text, item.choices) in right) if right else None

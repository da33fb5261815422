"""What a judge model thinks of the answer, by a rubric from 1 to 5."""

from adapters.spec import Text
from chains.compare.cell import Cell
from chains.compare.experiment import Column
from chains.compare.metrics import Need, Source
from chains.compare.question_set import ANSWER_TYPES, Item
from chains.compare.tools import Tools, place

order = 70
label = {"en": "Judge model", "ko": "심사 모델"}
help = {
    "en": "A model reads question, right answers and answer, and gives 1 to 5 points by a rubric: 1 point is "
    "0, 5 points are 1. A small judge errs often: look at its agreement with exact match, and at the "
    "verdicts that could not be read.",
    "ko": "모델이 질문·정답·답변을 읽고 기준표에 따라 1~5점을 줘요. 1점은 0, 5점은 1이에요. 작은 모델은 자주 "
    "틀리니 정확히 일치와 얼마나 같은지, 읽지 못한 판정이 몇 개인지 함께 보세요.",
}
source = Source("Judging LLM-as-a-Judge with MT-Bench and Chatbot Arena", "https://arxiv.org/abs/2306.05685")
suits = ANSWER_TYPES
needs: tuple[Need, ...] = ("judge",)

_NO_JUDGE = {
    "en": "No judge has read the answers. Choose a judge model, and run the comparison again.",
    "ko": "아직 답변을 심사하지 않았어요. 심사 모델을 고르고 비교를 다시 실행해 주세요.",
}


def applies(item: Item, column: Column) -> bool:
    """Every answer can be judged."""
    return True


def missing(item: Item, tools: Tools) -> Text | None:
    """No verdicts at all."""
    return None if tools.verdicts else tools.unjudged or _NO_JUDGE


def score(item: Item, cell: Cell, tools: Tools) -> float | None:
    """0..1; None where there is no verdict, or none that could be read."""
    verdict = tools.verdicts.get(place(cell))
    return verdict.score if verdict else None

"""Whether a right answer stands somewhere in the answer."""

from chains.compare.cell import Cell
from chains.compare.item_language import language_of_item
from chains.compare.metrics import Source
from chains.compare.question_set import AnswerType, Item
from chains.compare.tools import Tools
from chains.reading_answers.normalise import language_of_texts, normalised

order = 12
label = {"en": "Contains", "ko": "정답 포함"}
help = {
    "en": "1 when a right answer stands in the answer, as whole words (in Korean also with a particle behind "
    "it, and whatever the spacing). A long answer that names everything scores well too: read it beside "
    "the length.",
    "ko": "답변 안에 정답이 들어 있으면 1이에요. 한국어는 조사가 붙거나 띄어쓰기가 달라도 돼요. 이것저것 다 "
    "적은 긴 답변도 점수가 높으니 길이와 함께 보세요.",
}
source = Source(
    "Lost in the Middle: How Language Models Use Long Contexts (2.3)", "https://arxiv.org/abs/2307.03172"
)
suits: tuple[AnswerType, ...] = ("span", "exact", "text")


def score(item: Item, cell: Cell, tools: Tools) -> float | None:
    """1 or 0; None without a right answer."""
    language = language_of_item(item)
    return max((holds(cell.text, one, language) for one in item.answers), default=None)


def holds(answer: str, reference: str, language: str | None = None) -> float:
    """The plain form: 1.0 when the reference stands in the answer, else 0.0."""
    spoken = language or language_of_texts([reference])
    said, right = normalised(answer, spoken), normalised(reference, spoken)
    if not right:
        return 0.0
    if spoken == "ko":
        return float(_within(said.replace(" ", ""), right.replace(" ", "")))
    return float(f" {right} " in f" {said} ")


def _within(said: str, right: str) -> bool:
    """A Korean word may have something behind it, but 19 does not stand in 1989."""
    at = said.find(right)
    while at >= 0:
        end = at + len(right)
        before, after = said[at - 1 : at] if at else "", said[end : end + 1]
        cut = (before.isdigit() and right[0].isdigit()) or (after.isdigit() and right[-1].isdigit())
        if not cut:
            return True
        at = said.find(right, at + 1)
    return False

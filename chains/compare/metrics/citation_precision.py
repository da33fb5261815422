"""How many of the cited passages are the one that holds the answer."""

from chains.compare.cell import Cell
from chains.compare.metrics import Source, has_passage_to_cite
from chains.compare.overlap import comes_from
from chains.compare.question_set import AnswerType, Item
from chains.compare.tools import Tools

order = 51
label = {"en": "Citation precision", "ko": "인용 정밀도"}
help = {
    "en": "Of the passages that the answer cites, the share that comes from the question's own passage: at "
    "least half of the shorter of both texts is in the other. No value where nothing is cited.",
    "ko": "답변이 인용한 문단 중 질문의 정답 문단에서 온 문단의 비율이에요. 두 글 중 짧은 쪽의 절반 이상이 "
    "다른 쪽에 있으면 같은 문단으로 봐요. 인용이 없으면 값이 없어요.",
}
source = Source(
    "Enabling Large Language Models to Generate Text with Citations", "https://arxiv.org/abs/2305.14627"
)
suits: tuple[AnswerType, ...] = ("span", "text")
applies = has_passage_to_cite


def score(item: Item, cell: Cell, tools: Tools) -> float | None:
    """0..1; None without citations, or where the question has no passage or no answer."""
    if not item.passage or not item.answerable or not cell.citations:
        return None
    return sum(comes_from(one.text, item.passage) for one in cell.citations) / len(cell.citations)

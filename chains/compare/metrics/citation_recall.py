"""Whether the passage that holds the answer is cited."""

from chains.compare.cell import Cell
from chains.compare.metrics import Source, has_passage_to_cite
from chains.compare.overlap import comes_from
from chains.compare.question_set import AnswerType, Item
from chains.compare.tools import Tools

order = 52
label = {"en": "Citation recall", "ko": "인용 재현율"}
help = {
    "en": "1 when at least one cited passage comes from the question's own passage (at least half of the "
    "shorter of both texts is in the other), else 0: also where the search did not find it, or the "
    "answer cites nothing. Only for columns with passages.",
    "ko": "인용한 문단 중 하나라도 질문의 정답 문단에서 왔으면 1이에요(짧은 쪽의 절반 이상이 다른 쪽에 "
    "있으면 같은 문단으로 봐요). 검색에서 못 찾았거나 인용이 없으면 0이에요. 문단을 쓰는 열에서만 계산해요.",
}
source = Source(
    "Enabling Large Language Models to Generate Text with Citations", "https://arxiv.org/abs/2305.14627"
)
suits: tuple[AnswerType, ...] = ("span", "text")
applies = has_passage_to_cite


def score(item: Item, cell: Cell, tools: Tools) -> float | None:
    """1 or 0; None where the answer was not grounded, or the question has no passage or no answer."""
    if not item.passage or not item.answerable:
        return None
    if not cell.passages and cell.finish_reason != "nothing_found":
        return None
    return float(any(comes_from(one.text, item.passage) for one in cell.citations))

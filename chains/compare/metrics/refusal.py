"""Whether the answer says that it does not know exactly where the question cannot be answered."""

from chains.compare.cell import Cell
from chains.compare.experiment import Column
from chains.compare.metrics import Source
from chains.compare.question_set import AnswerType, Item
from chains.compare.refusals import refuses
from chains.compare.tools import Tools

order = 60
label = {"en": "Refusal", "ko": "모름 판단"}
help = {
    "en": "1 when the answer says that it does not know and the question cannot be answered, or when it "
    "answers, rightly or not, a question that can. Read from its wording, in English and Korean.",
    "ko": "답할 수 없는 질문에 모른다고 하거나, 답할 수 있는 질문에 (맞든 틀리든) 답하면 1이에요. 답변의 "
    "표현을 보고 판단해요.",
}
source = Source(
    "Know What You Don't Know: Unanswerable Questions for SQuAD", "https://arxiv.org/abs/1806.03822"
)
suits: tuple[AnswerType, ...] = ("span", "text")


def applies(item: Item, column: Column) -> bool:
    """Every question can be refused."""
    return True


def score(item: Item, cell: Cell, tools: Tools) -> float | None:
    """1 or 0. Saying nothing is no refusal, and no answer either."""
    if not cell.text.strip():
        return 0.0
    refused = cell.finish_reason == "nothing_found" or refuses(cell.text)
    return float(refused != item.answerable)

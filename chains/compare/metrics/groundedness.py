"""How much of the answer is supported by the passages that the model was given."""

from chains.compare.cell import Cell
from chains.compare.experiment import Column
from chains.compare.metrics import Source
from chains.compare.question_set import AnswerType, Item
from chains.compare.tools import Tools

order = 50
label = {"en": "Groundedness", "ko": "근거 비율"}
help = {
    "en": "The share of the answer's sentences whose wording the given passages support; greetings, "
    'questions and "I don\'t know" do not count. Judged by words, so a free paraphrase may be missed. Only '
    "for columns with passages.",
    "ko": "답변 문장 중 주어진 문단이 뒷받침하는 문장의 비율이에요. 인사·질문·모른다는 말은 세지 않아요. "
    "낱말을 보고 판단해서 많이 바꿔 쓴 문장은 놓칠 수 있어요. 문단을 쓰는 열에서만 계산해요.",
}
source = Source(
    "Enabling Large Language Models to Generate Text with Citations", "https://arxiv.org/abs/2305.14627"
)
suits: tuple[AnswerType, ...] = ("span", "text", "exact")


def applies(item: Item, column: Column) -> bool:
    """The column puts passages before the model."""
    return bool(column.collection or (column.passage and item.passage))


def score(item: Item, cell: Cell, tools: Tools) -> float | None:
    """0..1; None without passages, or where nothing was claimed."""
    judged = [one.supported for one in cell.sentences if one.supported is not None]
    return sum(judged) / len(judged) if judged else None

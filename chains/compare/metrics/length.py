"""How long the answer is."""

from chains.compare.cell import Cell
from chains.compare.metrics import Better, Source
from chains.compare.question_set import ANSWER_TYPES, Item
from chains.compare.tools import Tools

order = 90
label = {"en": "Length", "ko": "길이"}
help = {
    "en": "The number of words in the answer (in Korean: eojeol, what stands between spaces). Neither long "
    "nor short is better.",
    "ko": "답변의 어절 수예요(띄어쓰기로 나눈 단위). 길다고도 짧다고도 더 좋은 건 아니에요.",
}
unit = {"en": "words", "ko": "어절"}
source = Source(
    "Length-Controlled AlpacaEval: A Simple Way to Debias Automatic Evaluators",
    "https://arxiv.org/abs/2404.04475",
)
suits = ANSWER_TYPES
better: Better = None


def applies(item: Item, column: object) -> bool:
    """Every answer has a length."""
    return True


def score(item: Item, cell: Cell, tools: Tools) -> float | None:
    """Words."""
    return float(words(cell.text))


def words(text: str) -> int:
    """The plain form."""
    return len(text.split())

"""Character n-grams that the answer and the best reference have in common, as sacreBLEU counts them."""

from functools import cache
from typing import TYPE_CHECKING

from chains.compare.cell import Cell
from chains.compare.metrics import Source
from chains.compare.question_set import AnswerType, Item
from chains.compare.tools import Tools

if TYPE_CHECKING:
    from sacrebleu.metrics.chrf import CHRF

order = 31
label = {"en": "chrF", "ko": "chrF"}
help = {
    "en": "How many pieces of one to six characters the answer shares with the best right answer; what is "
    "missing weighs more than what is too much (chrF2 of sacreBLEU). Needs no words, so it suits Korean.",
    "ko": "정답과 겹치는 1~6글자 조각의 비율이에요(sacreBLEU의 chrF2). 남는 말보다 빠진 말을 더 크게 봐요. "
    "단어로 나누지 않아서 한국어에 잘 맞아요.",
}
source = Source(
    "chrF: character n-gram F-score for automatic MT evaluation", "https://aclanthology.org/W15-3049/"
)
suits: tuple[AnswerType, ...] = ("text", "span")


def score(item: Item, cell: Cell, tools: Tools) -> float | None:
    """0..1; None without a right answer."""
    return chrf(cell.text, item.answers) if item.answers else None


def chrf(answer: str, references: tuple[str, ...]) -> float:
    """The plain form: the best F over the references."""
    percent: float = _chrf().sentence_score(answer, list(references)).score
    return min(1.0, percent / 100)


@cache
def _chrf() -> "CHRF":
    from sacrebleu.metrics.chrf import CHRF  # reads its whole package, which only who uses it should pay for

    return CHRF()

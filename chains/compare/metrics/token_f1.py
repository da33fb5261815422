"""How much the answer and the best right one have in common: F1 over words, in Korean over characters."""

from collections import Counter

from chains.compare.cell import Cell
from chains.compare.item_language import language_of_item
from chains.compare.metrics import Source
from chains.compare.question_set import AnswerType, Item
from chains.compare.tools import Tools
from chains.reading_answers.normalise import f1_tokens, language_of_texts

order = 11
label = {"en": "Token F1", "ko": "토큰 F1"}
help = {
    "en": "The overlap with the best right answer: the harmonic mean of how much of the answer is right and "
    "how much of the right answer is there. Counts words (SQuAD), in Korean characters (KorQuAD), so "
    "that a particle costs little.",
    "ko": "가장 비슷한 정답과 겹치는 정도예요. 답변에서 맞는 비율과 정답에서 찾아낸 비율의 조화평균이에요. "
    "한국어는 KorQuAD처럼 글자로 세서 조사 때문에 크게 깎이지 않고, 영어는 SQuAD처럼 단어로 세요.",
}
source = Source("KorQuAD1.0: Korean QA Dataset", "https://arxiv.org/abs/1909.07005")
suits: tuple[AnswerType, ...] = ("span", "exact", "text")


def score(item: Item, cell: Cell, tools: Tools) -> float | None:
    """0..1; None without a right answer."""
    language = language_of_item(item)
    return max((f1(cell.text, one, language) for one in item.answers), default=None)


def f1(answer: str, reference: str, language: str | None = None) -> float:
    """The plain form: F1 of two texts, as `f1_score` of the official scripts."""
    spoken = language or language_of_texts([reference])
    said, right = f1_tokens(answer, spoken), f1_tokens(reference, spoken)
    common = (Counter(said) & Counter(right)).total()
    return 2 * common / (len(said) + len(right)) if common else 0.0

"""Whether the answer is one of the right ones, word for word after normalisation."""

from chains.compare.cell import Cell
from chains.compare.item_language import language_of_item
from chains.compare.metrics import Source
from chains.compare.question_set import AnswerType, Item
from chains.compare.tools import Tools
from chains.reading_answers.normalise import language_of_texts, normalised

order = 10
label = {"en": "Exact match", "ko": "정확히 일치"}
help = {
    "en": "1 when the answer is one of the right ones, apart from case, punctuation, spaces and, in "
    "English, articles (SQuAD's rules; KorQuAD's for Korean).",
    "ko": "대소문자·문장부호·공백을 빼고 정답 중 하나와 똑같으면 1이에요. 한국어는 KorQuAD, 영어는 SQuAD "
    "규칙을 써요(영어는 관사도 빼요).",
}
source = Source("SQuAD: 100,000+ Questions for Machine Comprehension", "https://arxiv.org/abs/1606.05250")
suits: tuple[AnswerType, ...] = ("exact", "span", "choice")


def score(item: Item, cell: Cell, tools: Tools) -> float | None:
    """1 or 0; None without a right answer."""
    language = language_of_item(item)
    return max((matches(cell.text, one, language) for one in item.answers), default=None)


def matches(answer: str, reference: str, language: str | None = None) -> float:
    """The plain form: 1.0 when both are the same text after normalisation, else 0.0."""
    spoken = language or language_of_texts([reference])
    said = normalised(answer, spoken)
    return float(bool(said) and said == normalised(reference, spoken))

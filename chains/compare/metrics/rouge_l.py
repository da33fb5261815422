"""The longest common subsequence of the answer's and the best reference's words."""

import re
from functools import lru_cache

from rapidfuzz.distance import LCSseq

from chains.compare.cell import Cell
from chains.compare.metrics import Source
from chains.compare.question_set import AnswerType, Item
from chains.compare.tools import Tools
from chains.reading_answers.normalise import encodable

order = 30
label = {"en": "ROUGE-L", "ko": "ROUGE-L"}
help = {
    "en": "How many words appear in the same order in the answer and in the best right answer (F1 of the "
    "longest common subsequence, without stemming). In Korean every syllable counts as a word, so that "
    "particles and spacing cost little.",
    "ko": "답변과 정답에 같은 순서로 나오는 단어의 비율이에요(최장 공통 부분열의 F1, 어간 추출 없음). "
    "한국어는 음절 하나를 한 단어로 세서 조사나 띄어쓰기로 크게 깎이지 않아요.",
}
source = Source(
    "ROUGE: A Package for Automatic Evaluation of Summaries", "https://aclanthology.org/W04-1013/"
)
suits: tuple[AnswerType, ...] = ("text", "span")

# Words as the rouge-score package has them (runs of a-z and 0-9), and every other letter by itself.
_WORDS = re.compile(r"[a-z0-9]+|[^\W_]")
_REMEMBERED = 4096


def score(item: Item, cell: Cell, tools: Tools) -> float | None:
    """0..1; None without a right answer."""
    return max((rouge_l(cell.text, one) for one in item.answers), default=None)


def rouge_l(answer: str, reference: str) -> float:
    """The plain form: F1 of the longest common subsequence."""
    said, right = _words(answer), _words(reference)
    common = LCSseq.similarity(said, right)
    return 2 * common / (len(said) + len(right)) if common else 0.0


@lru_cache(maxsize=_REMEMBERED)
def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORDS.findall(encodable(text).lower()))

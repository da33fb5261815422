"""How near the answer's meaning is to the best reference's, by an embedder."""

import re
from collections.abc import Sequence

from adapters.spec import Text
from chains.compare.cell import Cell
from chains.compare.metrics import Need, Source
from chains.compare.question_set import AnswerType, Item
from chains.compare.tools import Tools
from chains.reading_answers.normalise import encodable

order = 40
label = {"en": "Semantic similarity", "ko": "의미 유사도"}
help = {
    "en": "The cosine between the embeddings of the answer and of the best right answer; what points apart "
    "counts as 0. Says little about numbers, names and negation. Only where the embedder reads the "
    "language of the right answer.",
    "ko": "답변과 정답을 임베딩한 벡터의 코사인이에요. 음수는 0으로 봐요. 숫자·이름·부정은 잘 가리지 못해요. "
    "임베딩 모델이 정답의 언어를 읽을 때만 계산해요.",
}
source = Source(
    "Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks", "https://arxiv.org/abs/1908.10084"
)
suits: tuple[AnswerType, ...] = ("text", "span")
needs: tuple[Need, ...] = ("embedder",)

_LETTER = re.compile(r"[^\W\d_]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u0370-\u03ff\u1e00-\u1eff]")  # with the Greek letters of formulas
_NO_EMBEDDER = {
    "en": "No embedding model was given. Install the embedded one, or choose another metric.",
    "ko": "임베딩 모델이 없어요. 내장 모델을 설치하거나 다른 지표를 골라 주세요.",
}
_CANNOT_READ = {
    "en": "The embedding model does not read the language of the right answers. Choose a multilingual one, "
    "or another metric.",
    "ko": "임베딩 모델이 정답의 언어를 읽지 못해요. 다국어 모델이나 다른 지표를 골라 주세요.",
}


def missing(item: Item, tools: Tools) -> Text | None:
    """No embedder, or none that reads the right answers."""
    if not item.answers:
        return None
    if tools.embed is None:
        return _NO_EMBEDDER
    return None if all(_readable(one, tools) for one in item.answers) else _CANNOT_READ


def texts(item: Item, cell: Cell) -> Sequence[str]:
    """The answer and the right ones; nothing for an empty answer, which scores 0."""
    return [encodable(one) for one in (cell.text, *item.answers)] if cell.text.strip() else []


def score(item: Item, cell: Cell, tools: Tools) -> float | None:
    """0..1; None without a right answer, or an embedder that reads it. An answer in a writing that it cannot
    read scores 0: its vector would be noise."""
    if not item.answers or tools.embed is None or missing(item, tools) is not None:
        return None
    if not cell.text.strip() or not _readable(cell.text, tools):
        return 0.0
    said, *right = tools.embed(texts(item, cell))
    return min(1.0, max(0.0, *(float(said @ one) for one in right)))


def _readable(text: str, tools: Tools) -> bool:
    """Whether the embedder reads half of the text's letters; one without letters it reads too."""
    letters = len(_LETTER.findall(text))
    return tools.script == "all" or not letters or len(_LATIN.findall(text)) >= letters / 2

"""Whether the last number of the answer is the right one."""

from chains.compare.cell import Cell
from chains.compare.metrics import Source
from chains.compare.question_set import AnswerType, Item
from chains.compare.tools import Tools
from chains.reading_answers.numbers import last_number, same_number

order = 20
label = {"en": "Last number", "ko": "마지막 숫자"}
help = {
    "en": "1 when the last number in the answer equals the right one. 1,234 = 1234.0, 3/4 = 0.75, 25% is 25 "
    "or 0.25, 3만 5천 = 35000; units do not matter.",
    "ko": "답변의 마지막 숫자가 정답과 같으면 1이에요. 1,234와 1234.0, 3/4과 0.75, 3만 5천과 35000은 같은 "
    "수로 보고, 25%는 25로도 0.25로도 읽어요. 단위는 보지 않아요.",
}
source = Source("Training Verifiers to Solve Math Word Problems", "https://arxiv.org/abs/2110.14168")
suits: tuple[AnswerType, ...] = ("number",)


def score(item: Item, cell: Cell, tools: Tools) -> float | None:
    """1 or 0; None where no right answer holds a number."""
    right = [number for one in item.answers if (number := last_number(one)) is not None]
    if not right:
        return None
    said = last_number(cell.text)
    return float(said is not None and any(same_number(said, one) for one in right))

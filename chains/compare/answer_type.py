"""Which type the answers of a set are of, and which language its questions speak, where nobody said."""

import re
from collections.abc import Sequence

from chains.compare.question_set import AnswerType, Item
from chains.language import HANGUL

LONGEST_EXACT = 80
"""Characters; a longer answer has no single wording."""

_ONLY_NUMBER = re.compile(r"[-+]?[$€£¥₩]?\s?[-+]?\d[\d,]*(?:\.\d+)?\s?%?")


def answer_type_of(items: Sequence[Item]) -> AnswerType:
    """choice where any question has choices; number where all answers are; span where each stands in its
    passage; exact where they are short; else text. Questions without answers have no say."""
    if any(item.choices for item in items):
        return "choice"
    answered = [item for item in items if item.answers]
    if answered and all(_ONLY_NUMBER.fullmatch(one.strip()) for item in answered for one in item.answers):
        return "number"
    if all(_in_passage(item) for item in answered or items):
        return "span"
    shortest = sorted(min(map(len, item.answers)) for item in answered)
    return "exact" if not shortest or shortest[len(shortest) * 9 // 10] <= LONGEST_EXACT else "text"


def language_of_items(items: Sequence[Item]) -> str:
    """ "ko" where most questions have Hangul in them, else "en"."""
    return "ko" if sum(bool(HANGUL.search(item.question)) for item in items) * 2 > len(items) else "en"


def _in_passage(item: Item) -> bool:
    passage = (item.passage or "").casefold()
    return bool(passage) and all(answer.strip().casefold() in passage for answer in item.answers)

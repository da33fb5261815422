"""What answers are counted by: two that say the same have the same key, however they are worded."""

import re
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from chains.language import language_of
from chains.question import Question
from chains.reading_answers.choices import read_choice
from chains.reading_answers.normalise import normalised
from chains.reading_answers.numbers import last_number, numbers
from chains.reading_answers.quantity import Quantity, quantity

Units = Counter[tuple[Fraction, str]]
_ASKS_FOR_A_NUMBER = re.compile(r"\bhow (?:many|much)\b|(?<![가-힣])몇|얼마", re.IGNORECASE)


def meanings(answers: Sequence[str], question: Question) -> list[str]:
    """A key for each answer, "" for an empty one: the letter of the choice; the value, where a number is what
    is asked for or all that is said; else the normalised words. "5" counts with the most frequent of
    "5 km" and "5 miles", which differ."""
    quantities = [quantity(answer) for answer in answers]
    units = Counter((one.number.value, one.unit) for one in quantities if one is not None and one.unit)
    return [
        _meaning(answer, said, units, question) if answer.strip() else ""
        for answer, said in zip(answers, quantities, strict=True)
    ]


def _meaning(answer: str, said: Quantity | None, units: Units, question: Question) -> str:
    if question.choices:
        chosen = read_choice(answer, question.choices)
        if chosen is not None:
            return f"choice {chosen}"
    value = _asked_number(answer, question)
    if value is not None:
        return value
    if said is not None:
        same = {unit: count for (number, unit), count in units.items() if number == said.number.value}
        unit = said.unit or max(same, key=same.__getitem__, default="")
        return f"quantity {said.number.value} {unit}"
    return f"text {normalised(answer, language_of(question))}"


def _asked_number(answer: str, question: Question) -> str | None:
    """The value that answers a question for a number, whatever else is said; None where none is asked for, or
    where none is known to be the answer."""
    if question.numeric:
        last = last_number(answer)
        return None if last is None else f"number {last.value}"
    if not _ASKS_FOR_A_NUMBER.search(question.text):
        return None
    values = {number.value for number in numbers(answer)}
    return f"number {values.pop()}" if len(values) == 1 else None

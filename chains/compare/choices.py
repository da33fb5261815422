"""Choices of a multiple choice question: their letters, which are right, which a model holds likeliest."""

import math
from collections.abc import Sequence
from functools import lru_cache

from chains.compare.experiment import Column
from chains.compare.question_set import Item
from chains.reading_answers.choices import LETTERS
from chains.reading_answers.normalise import language_of_texts, normalised


def letters(choices: Sequence[str]) -> tuple[str, ...]:
    """The letter of each choice, as the prompt shows them: A, B, C, …"""
    return tuple(LETTERS[at] for at in range(min(len(choices), len(LETTERS))))


def has_right_choice(item: Item, column: Column) -> bool:
    """The `applies` of these metrics: the question has choices, and the right one is among them."""
    return bool(right_choices(item))


def right_choices(item: Item) -> frozenset[int]:
    """The places (from 0) of the choices that are right."""
    return _right(item.choices, item.answers)


@lru_cache(maxsize=4096)
def _right(choices: tuple[str, ...], answers: tuple[str, ...]) -> frozenset[int]:
    language = language_of_texts(choices)
    right = {normalised(one, language) for one in answers}
    return frozenset(at for at, one in enumerate(choices) if normalised(one, language) in right)


def likeliest(log_likelihoods: Sequence[float], lengths: Sequence[int] = ()) -> int | None:
    """The place of the likeliest choice, each value divided by its length where those are given; the first of
    several alike, None where a value is no number."""
    counts = lengths or [1] * len(log_likelihoods)
    values = [value / max(1, count) for value, count in zip(log_likelihoods, counts, strict=True)]
    if not values or any(math.isnan(value) for value in values):
        return None
    return max(range(len(values)), key=values.__getitem__)

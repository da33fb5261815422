"""Letters, right choices and the likeliest one."""

import math

from chains.compare.choices import letters, likeliest, right_choices
from chains.compare.question_set import Item

CITIES = ("Paris", "London", "Rome", "Madrid")


def test_letters_follow_the_order_of_the_choices() -> None:
    assert letters(CITIES) == ("A", "B", "C", "D")


def test_right_choices_are_found_by_their_text() -> None:
    assert right_choices(Item("1", "Where?", ("paris",), choices=CITIES)) == {0}
    assert right_choices(Item("1", "Where?", ("Oslo",), choices=CITIES)) == frozenset()


def test_likeliest() -> None:
    assert likeliest((-3.0, -1.0, -2.0)) == 1
    assert likeliest((-3.0, -2.0), (6, 1)) == 0  # -0.5 and -2 for each byte
    assert likeliest((-1.0, -1.0)) == 0
    assert likeliest((math.nan, -1.0)) is None
    assert likeliest(()) is None

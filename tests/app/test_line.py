"""Whose turn it is."""

from contextlib import ExitStack

import pytest

from adapters.errors import EngineFull
from app.line import MOST_WAITING, Line


def test_the_first_is_served_and_then_whoever_is_next() -> None:
    line = Line()
    with line.joined() as first:
        with line.joined() as second:
            assert (first(), second()) == (0, 1)
        assert first() == 0
    with line.joined() as alone:
        assert alone() == 0


def test_who_leaves_early_does_not_hold_up_the_others() -> None:
    line = Line()
    leaving, staying = line.joined(), line.joined()
    leaving.__enter__()
    place = staying.__enter__()
    assert place() == 1
    leaving.__exit__(None, None, None)
    assert place() == 0
    staying.__exit__(None, None, None)


def test_as_many_are_served_as_the_model_answers_at_once() -> None:
    capacity = 2
    with ExitStack() as stack:
        line = Line(lambda: capacity)
        places = [stack.enter_context(line.joined()) for _ in range(5)]
        assert [place() for place in places] == [0, 0, 1, 2, 3]
        capacity = 4  # another model took over
        assert [place() for place in places] == [0, 0, 0, 0, 1]


def test_a_line_that_is_too_long_takes_nobody_more() -> None:
    line = Line(lambda: 2)
    with ExitStack() as stack:
        for _ in range(2 + MOST_WAITING):
            stack.enter_context(line.joined())
        with pytest.raises(EngineFull, match=f"{MOST_WAITING} requests"), line.joined():
            pass
    with line.joined() as place:
        assert place() == 0

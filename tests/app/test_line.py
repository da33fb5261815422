"""Whose turn it is."""

from app.line import Line


def test_the_first_is_served_and_then_whoever_is_next() -> None:
    line = Line()
    with line.joined() as first:
        with line.joined() as second:
            assert first()
            assert not second()
        assert first()
    with line.joined() as alone:
        assert alone()


def test_who_leaves_early_does_not_hold_up_the_others() -> None:
    line = Line()
    leaving, staying = line.joined(), line.joined()
    leaving.__enter__()
    turn = staying.__enter__()
    assert not turn()
    leaving.__exit__(None, None, None)
    assert turn()
    staying.__exit__(None, None, None)

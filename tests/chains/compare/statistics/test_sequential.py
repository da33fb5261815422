"""Looked at after every vote, equal ways stay equal, and a clear preference is still found: exact chances."""

from math import comb

import pytest

from chains.compare.statistics.holm import LEVEL
from chains.compare.statistics.sequential import fair_coin


def ever_below(p_value, votes: int, rate: float) -> float:
    """The chance that the p value reaches the level at one of so many votes, each won at this rate."""
    still, crossed = {0: 1.0}, 0.0
    for count in range(1, votes + 1):
        after: dict[int, float] = {}
        for wins, chance in still.items():
            after[wins + 1] = after.get(wins + 1, 0.0) + chance * rate
            after[wins] = after.get(wins, 0.0) + chance * (1 - rate)
        still = {wins: chance for wins, chance in after.items() if p_value(wins, count - wins) > LEVEL}
        crossed += sum(after.values()) - sum(still.values())
    return crossed


def sign_test(wins: int, losses: int) -> float:
    votes = wins + losses
    return min(1.0, 2 * sum(comb(votes, one) for one in range(min(wins, losses) + 1)) / 2**votes)


def test_equal_ways_are_seldom_told_apart_however_often_one_looks():
    assert ever_below(sign_test, 100, 0.5) > 0.2, "what an ordinary test does"
    assert ever_below(fair_coin, 100, 0.5) < 0.03
    assert ever_below(fair_coin, 600, 0.5) < LEVEL


def test_a_clear_preference_is_found():
    assert ever_below(fair_coin, 60, 0.75) > 0.8
    assert ever_below(fair_coin, 200, 0.65) > 0.8


@pytest.mark.parametrize(("wins", "losses", "p"), [(0, 0, 1.0), (1, 0, 1.0), (8, 0, 9 / 256), (5, 5, 1.0)])
def test_values(wins, losses, p):
    assert fair_coin(wins, losses) == fair_coin(losses, wins) == pytest.approx(p)


def test_a_great_many_votes_are_counted():
    assert fair_coin(6000, 4000) < 1e-50
    assert fair_coin(5000, 5000) == 1.0

"""A test that may be looked at after every single vote.

An ordinary p value holds for one look at a number of votes that was fixed before; looked at after each of 100
votes, it calls two equal ways different in one case of five. Here one bets against equal ways (a fair coin),
the coin's bias drawn from all that are possible (uniformly): the odds after w wins and l losses,
2^n · w! l! / (n + 1)!, grow beyond 1/α, at any time, with a chance of at most α (J. Ville, 1939; R. Johari,
L. Pekelis and D. Walsh, Always Valid Inference, 2015, https://arxiv.org/abs/1512.04922). The p value is the
odds' reciprocal as it stands, not its smallest so far: what later votes take back is no longer said.
"""

from math import comb


def fair_coin(wins: int, losses: int) -> float:
    """The p value of so many wins and losses, valid whenever and however often it is looked at."""
    votes = wins + losses
    return min(1.0, (votes + 1) * comb(votes, wins) / (1 << votes))

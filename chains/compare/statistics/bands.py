"""Bands of columns that cannot be told apart: the compact letter display.

H.-P. Piepho, An Algorithm for a Letter-Based Representation of All-Pairwise Comparisons, Journal of
Computational and Graphical Statistics, 2004 (insert and absorb).
"""

from collections.abc import Iterable, Sequence


def bands(names: Sequence[str], different: Iterable[tuple[str, str]]) -> list[list[str]]:
    """The largest groups in which no pair is `different`, for names in the order of their means.

    Groups may overlap; each keeps the order of `names`, and they are ordered by their members. Every name is
    in at least one.
    """
    groups = [frozenset(names)]
    for a, b in different:
        parted: list[frozenset[str]] = []
        for group in groups:
            parted += [group - {a}, group - {b}] if a in group and b in group else [group]
        groups = _absorbed(parted)
    place = {name: index for index, name in enumerate(names)}
    ordered = [sorted(group, key=place.__getitem__) for group in groups if group]
    return sorted(ordered, key=lambda group: [place[name] for name in group])


def _absorbed(groups: list[frozenset[str]]) -> list[frozenset[str]]:
    """Without groups that lie in another."""
    unique = list(dict.fromkeys(groups))
    return [one for one in unique if not any(one < other for other in unique)]

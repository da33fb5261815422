"""Which columns are worth their cost: the Pareto front."""

from collections.abc import Sequence


def pareto_front(points: Sequence[tuple[str, float, float]]) -> list[str]:
    """The names of the points (name, cost, score) that no other beats: none costs less and scores as much,
    or scores more and costs as much. Cheapest first; equal points are all on it."""
    front = [
        (name, cost, score)
        for name, cost, score in points
        if not any(
            (other_cost < cost and other_score >= score) or (other_cost <= cost and other_score > score)
            for _, other_cost, other_score in points
        )
    ]
    return [name for name, _, _ in sorted(front, key=lambda point: (point[1], point[2]))]

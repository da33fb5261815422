"""What Compare's statistics get right where the truth is known: false winners, power, coverage of intervals.

`python -m benchmarks.statistics [--times N]`: simulated experiments, a table in Markdown. The seed is fixed.
"""

import argparse
import time
from collections.abc import Callable, Iterator

import numpy as np

from benchmarks import _simulated as simulated
from chains.compare.statistics.bootstrap import intervals

Row = tuple[str, str, str]


def rows(random: np.random.Generator, times: int) -> Iterator[Row]:
    """(what was simulated, what came out, what is to be reached)"""
    many = (
        10 * times
    )  # the permutation test uses its whole level: 1,000 times could not tell 4.9 % from 5.5 %
    for binary, scores in ((True, "right or wrong"), (False, "graded 0..1")):
        share = simulated.false_winners(random, many, 200, binary)
        chance = 2 * (share * (1 - share) / many) ** 0.5
        what = f"two columns of the same truth, 200 questions, {scores}, {many:,} times: false winners"
        yield what, f"{share:.2%} ± {chance:.2%}", "≤ 5 %"
    share = simulated.false_winners_in_grid(random, times, 100)
    yield "8 equal columns × 2 metrics (56 pairs), 100 questions: any false winner", f"{share:.1%}", "≤ 5 %"
    for luck in (0.0, 0.6, 0.8):
        rates = [0.45, 0.55]
        both = simulated.correlation(random, rates, luck)
        share = simulated.found(random, times, 400, 0.1, luck)
        reach = "≥ 80 %" if both > 0.2 else "(≥ 80 % from a correlation of .2)"
        yield f"45 % against 55 %, 400 questions, correlation {both:.2f}: found", f"{share:.1%}", reach
    yield from coverage(random, times)
    share = simulated.ever_preferred(random, many, 200, 0.5)
    yield "two equal ways, looked at after each of 200 votes: ever a preference", f"{share:.2%}", "≤ 5 %"
    share = simulated.ever_preferred(random, many, 100, 0.7)
    yield "70 % against 30 %, looked at after each of 100 votes: found", f"{share:.1%}", "≥ 80 %"


def coverage(random: np.random.Generator, times: int) -> Iterator[Row]:
    """The 95 % intervals of means and of paired differences; beside them the plain percentile bootstrap's."""
    for questions in (20, 50, 200):
        for name, samples, truth, lowest in drawn(random, times, questions):
            ours = simulated.covered(samples, truth, lowest)
            plain = simulated.covered_by_percentiles(samples, truth)
            kind = f"95 % interval of {name}, {questions} questions: holds the truth"
            yield kind, f"{ours:.1%} (plain percentiles {plain:.1%})", "about 95 %"


def drawn(
    random: np.random.Generator, times: int, questions: int
) -> Iterator[tuple[str, simulated.Array, float, float]]:
    """(name, samples as questions × times, the true mean, the lowest possible value)"""
    shape = (questions, times)
    yield "an accuracy of .3", (random.random(shape) < 0.3).astype(float), 0.3, 0.0
    graded = np.where(random.random(shape) < 0.4, 0.0, random.beta(1.5, 2, shape))
    yield "a token F1 of .26", graded, 0.6 * 1.5 / 3.5, 0.0
    luck = random.random(shape)
    difference = np.where(luck < 0.2, 1.0, np.where(luck < 0.3, -1.0, 0.0))
    yield "a difference of 10 points", difference, 0.1, -1.0


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=1000, help="how many experiments each")
    times = parser.parse_args().times
    random = np.random.default_rng(2026)
    print(f"| simulated, {times:,} times | came out | reach |\n|---|---|---|", flush=True)
    for row in rows(random, times):
        print("| " + " | ".join(row) + " |", flush=True)
    large = (random.random((10_000, 36)) < 0.5).astype(float)
    seconds = timed(lambda: intervals(large, np.zeros(36)))
    print(f"| 10,000 questions × 8 columns: 36 intervals, 10,000 resamples | {seconds:.1f} s | – |")


if __name__ == "__main__":
    main()

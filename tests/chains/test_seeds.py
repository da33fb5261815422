"""Seeds that follow from a seed."""

import subprocess
import sys

from chains.seeds import LARGEST, derived


def test_every_part_counts_and_every_seed_is_in_range() -> None:
    seeds = [derived(seed, *parts) for seed in range(40) for parts in ((), (0,), (1,), ("0",), ("a", 1))]
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed <= LARGEST for seed in seeds)
    assert derived(3, "a", "b") != derived(3, "ab")


def test_no_seed_stays_none() -> None:
    assert derived(None, "sample", 1) is None


def test_it_is_the_same_in_another_process() -> None:
    told = 'from chains.seeds import derived; print(derived(7, "sample", 2))'
    asked = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert int(asked.stdout) == derived(7, "sample", 2)

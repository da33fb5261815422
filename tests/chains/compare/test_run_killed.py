"""kill -9 at any moment: the same scores as a run that was left alone, and at most one batch asked twice."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chains.compare.plan import CHUNK
from tests.chains.compare.run_in_a_process import ITEMS, main

ROOT = Path(__file__).parents[3]
CALLS = len(ITEMS) * 2 * (1 + 1 + 2)
"""Of the model: two repeats; plan-and-solve asks twice, or thrice where it reads its own answer out."""


def start(folder: Path, pause_s: float) -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.chains.compare.run_in_a_process", str(folder), str(pause_s)]
    return subprocess.Popen(command, cwd=ROOT)


def calls(folder: Path) -> int:
    return sum(map(int, (folder / "calls").read_text().split()))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    main(folder, 0.0)
    return (folder / "scores.json").read_text(), calls(folder)


def killed(folder: Path, moment: random.Random) -> int:
    """Kills the run once it has begun to answer, after a while; returns how many calls it had made."""
    process = start(folder, 0.02)
    limit = time.monotonic() + 120
    before = (folder / "calls").stat().st_size if (folder / "calls").exists() else 0
    while process.poll() is None and time.monotonic() < limit:
        if (folder / "calls").exists() and (folder / "calls").stat().st_size > before:
            break
        time.sleep(0.002)
    time.sleep(moment.uniform(0, 0.4))
    process.kill()
    process.wait()
    return calls(folder)


def check(folder: Path, times: int, seed: int, undisturbed: tuple[str, int]) -> None:
    moment = random.Random(seed)
    for _ in range(times):
        killed(folder, moment)
    finish = start(folder, 0.0)
    assert finish.wait(120) == 0
    scores, without = undisturbed
    assert (folder / "scores.json").read_text() == scores
    most_in_a_chunk = CHUNK * CALLS // (len(ITEMS) * 2)
    assert calls(folder) - without <= times * most_in_a_chunk


def test_a_run_that_is_killed_goes_on(tmp_path, undisturbed):
    check(tmp_path, 2, 1, undisturbed)


@pytest.mark.slow
def test_killed_twenty_times(tmp_path, undisturbed):
    for number in range(4):
        folder = tmp_path / str(number)
        folder.mkdir()
        check(folder, 5, 10 + number, undisturbed)


def test_the_stand_in_would_show_a_batch_that_is_not_the_same(tmp_path, undisturbed):
    """Or the tests above could not fail: a memory from before, or another company, changes the scores."""
    from langchain_core.messages import HumanMessage

    from adapters.spec import ModelSpec
    from tests.chains.compare.run_in_a_process import Bench

    model = Bench(tmp_path / "calls", 0.0).load(ModelSpec(), None, None)
    prompts, options = [[HumanMessage(item.question)] for item in ITEMS], [{}] * len(ITEMS)

    def texts(prompts):
        return [one.text for one in model.batch_each(prompts, options[: len(prompts)])]

    alone = texts(prompts)
    assert texts(prompts) != alone
    model.forget()
    assert texts(prompts) == alone
    model.forget()
    assert texts(prompts[:50]) != alone[:50]

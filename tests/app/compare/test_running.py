"""Runs in real processes: killed they say so and go on from what is kept; the second waits for the first."""

import time
from pathlib import Path

import pytest

from adapters.spec import GenerationOptions
from app.services import Services
from app.settings import Settings
from chains.compare.example_sets import example_questions
from chains.compare.experiment import Column, Experiment

OPTIONS = GenerationOptions(max_tokens=4, temperature=0.0, seed=0)
TWO = (Column("zero", options=OPTIONS), Column("own", passage=True, options=OPTIONS))
pytestmark = pytest.mark.model


def until(condition, most_s: float = 120.0) -> None:
    deadline = time.monotonic() + most_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_run_that_is_killed_says_so_and_goes_on_and_the_next_one_waits(
    tmp_path: Path, models_folder: Path
) -> None:
    (tmp_path / "models").symlink_to(models_folder)
    services = Services(Settings(tmp_path))
    runs = services.runs
    experiment = Experiment(example_questions()["reading_en"].questions, TWO, ("token_f1",), "zero")
    first, second = runs.make(experiment, "first"), runs.make(experiment, "second")
    try:
        runs.start(first.id, "en")
        runs.start(second.id, "en")
        runs.start(second.id, "en")
        until(lambda: runs.get(first.id).state == "running" and runs.progress(first.id))
        assert runs.get(second.id).state == "waiting"
        runs.stop(second.id)
        assert runs.get(second.id).state == "stopped"
        runs._child.kill()
        until(lambda: not runs.active())
        killed = runs.get(first.id)
        assert killed.state == "failed" and "memory" in killed.reason["en"]
        runs.start(first.id, "ko")
        until(lambda: not runs.active())
        done = runs.get(first.id)
        assert (done.state, done.reason, done.remarks) == ("finished", None, ())
        runs.start(second.id, "en")  # the same columns over the same questions: all is kept
        until(lambda: not runs.active())
        told = runs.progress(second.id)["columns"]
        assert {name: one["kept"] for name, one in told.items()} == {"zero": 20, "own": 20}
    finally:
        services.close()

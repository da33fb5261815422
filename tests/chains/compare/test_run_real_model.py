"""Comparisons with the embedded model on its usual engine: kept, asked anew, stopped, killed."""

import json
import os
import random
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.fingerprint import FILE, fingerprint
from adapters.spec import ModelSpec
from app.comparing.machine import LocalMachine
from app.comparing.names import LocalNames
from app.settings import Settings
from chains.compare.estimate import estimate
from chains.compare.kept import Kept
from chains.compare.plan import CHUNK
from chains.compare.rates import note_rates, read_rates
from chains.compare.run import run
from chains.compare.specification import read_specification

pytestmark = pytest.mark.model

ROOT = Path(__file__).parents[3]
SPEC = """\
questions: sums.jsonl
answer_type: exact
metrics: [contains, exact_match]
columns:
  - {name: plain, technique: zero_shot}
  - {name: own, technique: few_shot, passage: true}
  - {name: voted, technique: self_consistency, options: {max_tokens: 6}}
baseline: plain
options: {max_tokens: 8, temperature: 0, seed: 0}
"""


def write(folder: Path, questions: int, spec: str = SPEC) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        {
            "id": str(n),
            "question": f"Which lamp stands in room {n}?",
            "answers": [("red", "green", "blue")[n % 3]],
            "passage": f"The lamp in room {n} is {('red', 'green', 'blue')[n % 3]}.",
        }
        for n in range(questions)
    ]
    (folder / "sums.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    (folder / "SPEC.yaml").write_text(spec, encoding="utf-8")
    return folder / "SPEC.yaml"


@pytest.fixture
def home(models_folder, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "models").symlink_to(models_folder, target_is_directory=True)
    return tmp_path / "home"


@pytest.fixture
def machine(home):
    machine = LocalMachine(Settings(home))
    yield machine
    machine.close()


def plain(cells):
    """Without what a clock and a gauge say."""
    return [replace(cell, seconds=0.0, beside_s=0.0, peak_memory_bytes=None) for cell in cells]


@pytest.mark.slow
def test_kept_stopped_and_asked_anew_the_answers_are_the_same(machine, home, tmp_path):
    experiment = read_specification(write(tmp_path, 5), LocalNames(Settings(home), machine))
    stop = threading.Event()
    with Kept(machine.folder) as kept:
        for progress in run(experiment, machine, kept, stop):
            if progress.done.get("plain") == 5:
                stop.set()
        assert len(progress.cells) == 5
        *_, resumed = run(experiment, machine, kept)
        *_, again = run(experiment, machine, kept)
        *_, fresh = run(experiment, machine, kept, fresh=True)
    assert resumed.kept == {"plain": 5}
    assert again.kept == {"plain": 5, "own": 5, "voted": 5}
    assert list(again.cells) == list(resumed.cells)
    assert plain(fresh.cells) == plain(resumed.cells)
    assert all(cell.error is None and cell.completion_tokens for cell in fresh.cells)
    assert all(cell.peak_memory_bytes > 100e6 and cell.seconds > 0 for cell in fresh.cells)
    assert all(len(cell.generations) > 1 for cell in fresh.cells if cell.column == "voted")
    with Kept(machine.folder) as kept:
        note_rates(machine.folder, experiment, fresh.cells)
        wider = replace(
            experiment, columns=(*experiment.columns, replace(experiment.columns[0], name="b", k=3))
        )
        other = replace(wider, columns=(*wider.columns[:3], replace(wider.columns[3], system="Be brief.")))
        *known, new = estimate(other, machine, kept, read_rates(machine.folder)).columns
    assert [(one.kept, one.calls) for one in known] == [(5, 0)] * 3
    assert (new.kept, new.calls, new.measured, new.problem) == (0, 5, True, None)
    assert 0 < new.completion_tokens <= new.most_completion_tokens == 40 < new.prompt_tokens
    assert new.seconds > 0


def test_the_fingerprint_names_weights_precision_and_engine(home):
    models = home / "models"
    line = fingerprint(ModelSpec(precision="float32"), models)
    assert "precision=float32" in line and "transformers 5" in line and "adapter=-" in line
    assert line != fingerprint(ModelSpec(precision="bfloat16"), models)
    assert str(home) not in line
    assert not (models.parent / FILE).exists()  # the embedded weights have a known hash


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_the_command_killed_at_random_ends_with_the_same_scores(home, tmp_path):
    two = SPEC.replace("  - {name: voted, technique: self_consistency, options: {max_tokens: 6}}\n", "")
    spec, moment = write(tmp_path, CHUNK + 6, two), random.Random(5)
    environment = os.environ | {"MARU_HOME": str(home)}

    def begin(out: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "app", "compare", str(spec), "--out", str(tmp_path / out)]
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )

    began = time.monotonic()
    assert begin("alone").wait(600) == 0
    took = time.monotonic() - began
    (home / "compare" / "cells.sqlite").unlink()
    for _ in range(4):
        process = begin("killed")
        time.sleep(moment.uniform(0.2, 0.8) * took)
        process.kill()
        process.wait()
    assert begin("killed").wait(600) == 0

    def scores(out: str) -> object:
        read = json.loads((tmp_path / out / "results.json").read_text(encoding="utf-8"))
        return [[one["scores"] for one in read["columns"]], read["per_question"], read["pairs"]]

    assert scores("killed") == scores("alone")

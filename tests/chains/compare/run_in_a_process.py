"""Runs a small experiment in a process that somebody kills; writes its scores when it gets to the end.

Its model has no weights, but the trait that makes resuming hard: each answer depends on all prompts of its
batch and on everything the model has read since it was told to forget, as rounding does on a real engine.
"""

import hashlib
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage
from pydantic import Field

from adapters.spec import GenerationOptions, ModelSpec
from chains.compare.experiment import Column, Experiment
from chains.compare.kept import Kept
from chains.compare.plan import CHUNK
from chains.compare.question_set import Item, QuestionSet
from chains.compare.run import run
from chains.compare.scores import score_all
from tests.fakes import PretendModel

ITEMS = tuple(Item(str(n), f"Odd or even: {n}?", ("odd", "even")[n % 2 :][:1]) for n in range(2 * CHUNK + 9))
WARM = GenerationOptions(8, 0.7, seed=3)


class Sensitive(PretendModel):
    """Answers differ with the company and with what is remembered. `log` counts the calls."""

    log: Path
    pause_s: float = 0.0
    remembered: list[str] = Field(default_factory=list)

    def forget(self) -> None:
        self.remembered.clear()

    def serving(self, adapter: str | None, owner: str = "") -> "Sensitive":
        return self

    def batch_each(
        self, prompts: Any, arguments: Any, stop: Any = None, ended: Any = None
    ) -> list[AIMessage]:
        time.sleep(self.pause_s)
        texts = [str(messages[-1].content) for messages in prompts]
        company = repr((texts, self.remembered))
        self.remembered += texts
        with self.log.open("a") as log:
            log.write(f"{len(texts)}\n")
        return [
            self._told_in(company, text, str(options)) for text, options in zip(texts, arguments, strict=True)
        ]

    def _told_in(self, company: str, text: str, options: str) -> AIMessage:
        drawn = hashlib.sha256(f"{company}{text}{options}".encode()).digest()[0]
        usage = {"input_tokens": 9, "output_tokens": 1, "total_tokens": 10}
        told = {"finish_reason": "stop"}
        return AIMessage("odd" if drawn % 2 else "even", response_metadata=told, usage_metadata=usage)


class Bench:
    """A machine that loads such a model."""

    def __init__(self, log: Path, pause_s: float) -> None:
        self._log, self._pause_s = log, pause_s

    def fingerprint(self, spec: ModelSpec) -> str:
        return f"{spec.id} {spec.precision}"

    def load(self, spec: ModelSpec, report: Any, cancelled: Any) -> Sensitive:
        return Sensitive(spec=replace(spec, precision="auto"), log=self._log, pause_s=self._pause_s)

    def retriever(self, collection: str, key: str, k: int) -> Any:
        raise NotImplementedError

    def collection_state(self, collection: str) -> str:
        raise NotImplementedError

    def embedders_state(self) -> str:
        raise NotImplementedError

    def begin_memory(self) -> None:
        """Nothing to measure."""

    def peak_memory(self) -> None:
        """Not known."""


def experiment() -> Experiment:
    """Three techniques, one of them in several steps, twice each."""
    names = ("zero_shot", "few_shot", "plan_and_solve")
    columns = tuple(Column(name, name, options=WARM) for name in names)
    return Experiment(QuestionSet("n", "exact", ITEMS), columns, ("exact_match",), "zero_shot", repeats=2)


def main(folder: Path, pause_s: float) -> None:
    """Goes on where an earlier process was killed."""
    grid = experiment()
    with Kept(folder) as kept:
        for progress in run(grid, Bench(folder / "calls", pause_s), kept):
            done = sum(progress.done.values())
            (folder / "done").write_text(str(done))
    scores = score_all(grid, progress.cells)
    values = {name: array.tolist() for name, array in scores.values["exact_match"].items()}
    (folder / "scores.json").write_text(json.dumps(values))


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))

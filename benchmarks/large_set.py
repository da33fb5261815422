"""Memory of a comparison of many questions in eight columns, and the time of one page of its questions.

The questions are made up and a pretended model answers at once, through the code of the command `compare` and
of its tab: what is measured is Maru, not a model. Each size runs in a process of its own, after a small run
that imports what a run needs. Memory is the most that the process held, above what it held when the
questions were there and none had been asked.

    python -m benchmarks.large_set [--sizes 1000 10000]
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path
from statistics import median
from typing import Any, Self

from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.ai import UsageMetadata

from adapters.peak import begin, peak
from adapters.spec import ModelSpec
from app.compare.run_results import results_of, seen
from app.compare.show_results import questions
from app.comparing.machine import LocalMachine
from app.settings import Settings
from app.terminal.comparing import Comparison
from app.terminal.console import Console
from chains.compare.experiment import Column, Experiment
from chains.compare.question_set import Item, QuestionSet

SIZES = (1_000, 10_000)
WARM_UP = 40
TECHNIQUES = ("zero_shot", "few_shot", "role", "chain_of_thought")
PLACES = ("harbour", "mill", "archive", "bridge", "garden", "tower", "market", "observatory")
RESPONSES = ["Keeper {n}", "I think it was keeper {n}, long ago.", "Nobody knows."]
PAGES = 20


class InstantModel(FakeListChatModel):
    """Answers every prompt at once: the right name or another one, whichever the prompt's hash says."""

    spec: ModelSpec = ModelSpec()

    def serving(self, adapter: str | None, owner: str = "") -> Self:
        """Itself: it knows no adapters."""
        return self

    def forget(self) -> None:
        """It remembers nothing."""

    def close(self) -> None:
        """It holds nothing."""

    def batch_each(
        self,
        inputs: Sequence[list[BaseMessage]],
        options: Sequence[Mapping[str, Any]],
        stop: threading.Event | None = None,
        ended: Callable[[], None] | None = None,
    ) -> list[AIMessage]:
        """One of the responses to each."""
        return [self._answer("\n".join(str(message.content) for message in one)) for one in inputs]

    def _answer(self, prompt: str) -> AIMessage:
        drawn = hashlib.blake2b(prompt.encode(), digest_size=1).digest()[0]
        number = prompt.rpartition("number ")[2].partition("?")[0]
        text = self.responses[drawn % len(self.responses)].format(n=number)
        read, wrote = len(prompt.split()), len(text.split())
        usage = UsageMetadata(input_tokens=read, output_tokens=wrote, total_tokens=read + wrote)
        return AIMessage(text, usage_metadata=usage, response_metadata={"finish_reason": "stop"})


class InstantMachine(LocalMachine):
    """This machine, with that model. The peak of memory is the benchmark's to begin."""

    def fingerprint(self, spec: ModelSpec) -> str:
        """One for all."""
        return "instant"

    def load(self, spec: ModelSpec, report: Any, cancelled: threading.Event) -> Any:
        """At once."""
        return InstantModel(responses=RESPONSES)

    def begin_memory(self) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Measured:
    """Bytes above the start, seconds of the run, and milliseconds of the tab's first and usual page."""

    questions: int
    memory: int
    seconds: float
    first_page_ms: float
    page_ms: float


def experiment(count: int) -> Experiment:
    """Four techniques, each with the question's own passage and without."""
    items = tuple(_item(n) for n in range(count))
    columns = tuple(
        Column(f"{key}{' with passage' if passage else ''}", key, passage=passage)
        for key in TECHNIQUES
        for passage in (False, True)
    )
    metrics = ("token_f1", "exact_match", "contains", "length")
    return Experiment(QuestionSet("made up", "span", items), columns, metrics, columns[0].name)


def _item(n: int) -> Item:
    place = PLACES[n % len(PLACES)]
    told = f"The {place} number {n} was built in {1500 + n % 400} by keeper {n}. "
    rest = f"It stood empty for {n % 90} years, until the people of the {place} street repaired its roof. "
    return Item(f"q{n}", f"Who built the {place} number {n}?", (f"Keeper {n}",), told + 5 * rest, (place,))


def run(of: Experiment, folder: Path) -> None:
    """The command `compare`, from the first question to the report."""
    console = Console(StringIO(), StringIO(), "en")
    machine = InstantMachine(Settings(folder / "home"))
    status = Comparison(of, machine, console, threading.Event()).run(folder / "out", b"", as_json=False)
    if status:
        raise RuntimeError(console.err.getvalue())  # type: ignore[attr-defined]


def page(folder: Path, start: int) -> float:
    """Milliseconds of a page of questions of the tab, its first one opened."""
    began = time.perf_counter()
    results = results_of(folder)
    now = seen(folder, results, "", start)
    questions(results, now, "", now.asked[0].item.id, "en")
    return 1000 * (time.perf_counter() - began)


def measure(count: int) -> Measured:
    """One size, in this process."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(experiment(WARM_UP), folder / "small")
        of = experiment(count)
        begin()
        before, began = peak(), time.perf_counter()
        run(of, folder / "large")
        took, memory = time.perf_counter() - began, peak() - before
        first = page(folder / "large" / "out", 0)
        others = [page(folder / "large" / "out", count * at // PAGES) for at in range(PAGES)]
        return Measured(count, memory, took, first, median(others))


def measured_apart(count: int) -> Measured:
    """One size, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.large_set", "--alone", str(count)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Prints a row for each size, and how much more memory the largest takes than the smallest."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.large_set",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N")
    parser.add_argument("--alone", type=int, metavar="N", help="one size, in this process, as JSON")
    args = parser.parse_args()
    if args.alone:
        print(json.dumps(asdict(measure(args.alone))))
        return
    print("| questions × 8 | memory above the start, MB | run, s | first page, ms | another page, ms |")
    print("| --- | --- | --- | --- | --- |")
    found = [measured_apart(count) for count in args.sizes]
    for one in found:
        figures = (one.memory / 1e6, one.seconds, one.first_page_ms, one.page_ms)
        print(f"| {one.questions:,} | " + " | ".join(f"{figure:,.0f}" for figure in figures) + " |")
    print(f"\nMemory, the largest over the smallest: {found[-1].memory / found[0].memory:.2f}")


if __name__ == "__main__":
    main()

"""What an experiment will cost, before it starts: calls, tokens, minutes on this machine.

A few questions of each column are really asked, which tells how often its technique calls the model, how long
its prompts are and how long its answers. Minutes come from the rates of earlier runs on this machine, which
had full batches; where there is none, from the few calls, which is an upper bound.
"""

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from langchain_core.language_models import BaseChatModel

from adapters.spec import ModelSpec
from chains.answer import answers_or_errors
from chains.compare.answered import said_by
from chains.compare.cell import Cell
from chains.compare.experiment import Column, Experiment
from chains.compare.kept import Kept
from chains.compare.plan import Chunk, blocks, questions_of
from chains.compare.run import Loaded, Machine, already_kept
from chains.kept_files import write_whole
from chains.question import Answer

SAMPLE = 4
FILE = "rates.json"
WRITING = 3.0
"""Writing a token in a full batch takes about as long as reading three (OpenVINO in 8 bits on two cores:
3,300 read and 1,110 written a second); only the sum's rate is measured."""

Rates = Mapping[str, float]
"""Work per second by `rate_key`: tokens read, and WRITING times the tokens written."""


@dataclass(frozen=True)
class Estimate:
    """One column. `kept` of its `cells` need not run; all else is about the rest: `calls`, `prompt_tokens`,
    `completion_tokens` as the sample has them, `most_completion_tokens` if every call wrote all it may, and
    `seconds` (from `measured`: an earlier run, else from the sample). `problem`: why it cannot run at all."""

    column: str
    cells: int
    kept: int
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    most_completion_tokens: int = 0
    seconds: float = 0.0
    measured: bool = False
    problem: Mapping[str, str] | None = None


def estimate(
    experiment: Experiment,
    machine: Machine,
    kept: Kept,
    rates: Rates,
    stop: threading.Event | None = None,
    asking: Callable[[str], None] = lambda column: None,
) -> list[Estimate]:
    """One for each column, in their order. Loads each model whose answers are not all kept; `asking` hears
    which column is tried. Ends early when `stop` is set."""
    stop = stop or threading.Event()
    known = already_kept(experiment, machine, kept)
    each = len(experiment.questions.items) * experiment.repeats
    found: dict[str, Estimate] = {}
    for block in blocks(experiment):
        model: Loaded | None = None
        try:
            for column in block.columns:
                if stop.is_set():
                    return []
                found[column.name] = plain = Estimate(column.name, each, known[column.name])
                if plain.kept < each:
                    asking(column.name)
                    model = model or machine.load(block.spec, lambda *_: None, stop)
                    found[column.name] = _tried(plain, experiment, column, model, machine, rates)
        except Exception as error:
            for column in block.columns:
                bare = Estimate(column.name, each, known[column.name], problem=said_by(error))
                found.setdefault(column.name, bare)
                if found[column.name].calls == 0 and found[column.name].kept < each:
                    found[column.name] = bare
        finally:
            if model is not None:
                model.close()
    return [found[column.name] for column in experiment.columns]


def _tried(
    plain: Estimate, experiment: Experiment, column: Column, model: Loaded, machine: Machine, rates: Rates
) -> Estimate:
    """The column's estimate, from a few of its questions, spread over the set."""
    items = experiment.questions.items
    chunk = Chunk(column, 0, items[:: max(1, len(items) // SAMPLE)][:SAMPLE])
    questions = questions_of(chunk, experiment.questions, [None] * len(chunk.items))
    retriever = (
        machine.retriever(column.collection, column.retriever, column.k) if column.collection else None
    )
    began = time.perf_counter()
    served = cast(BaseChatModel, model.serving(column.adapter))
    results = list(answers_or_errors(questions, served, retriever))
    spent = time.perf_counter() - began
    answers = [one for one in results if isinstance(one, Answer)]
    if not answers:
        problem = next(one for one in results if isinstance(one, Exception))
        return Estimate(plain.column, plain.cells, plain.kept, problem=said_by(problem))
    calls = sum(1 for one in answers for step in one.steps if step.query is None)
    prompt = sum(one.tokens.prompt for one in answers)
    completion = sum(one.tokens.completion for one in answers)
    share = (plain.cells - plain.kept) / len(answers)
    rate = rates.get(rate_key(column.spec))
    seconds = (prompt + WRITING * completion) / rate if rate else spent
    return Estimate(
        column=plain.column,
        cells=plain.cells,
        kept=plain.kept,
        calls=round(calls * share),
        prompt_tokens=round(prompt * share),
        completion_tokens=round(completion * share),
        most_completion_tokens=round(calls * share) * column.options.max_tokens,
        seconds=seconds * share,
        measured=rate is not None,
    )


def rate_key(spec: ModelSpec) -> str:
    """Under which name a model's rate is noted."""
    return f"{spec.id} {spec.precision}"


def read_rates(folder: Path) -> dict[str, float]:
    """What earlier runs measured here; nothing where the file is missing or damaged."""
    try:
        read = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return {str(key): float(rate) for key, rate in read.items() if float(rate) > 0}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def note_rates(folder: Path, experiment: Experiment, cells: Iterable[Cell]) -> None:
    """Notes how fast the answers of a run came; too few tell nothing and are left out."""
    specs = {column.name: column.spec for column in experiment.columns}
    rates = read_rates(folder)
    timed: dict[str, tuple[int, float, float]] = {}
    for cell in cells:
        if cell.seconds > 0 and cell.column in specs:
            key = rate_key(specs[cell.column])
            count, work, seconds = timed.get(key, (0, 0.0, 0.0))
            work += cell.prompt_tokens + WRITING * cell.completion_tokens
            timed[key] = count + 1, work, seconds + cell.seconds - cell.beside_s
    for key, (count, work, seconds) in timed.items():
        if count > SAMPLE and seconds > 0:
            rates[key] = work / seconds
    write_whole(folder / FILE, json.dumps(rates))

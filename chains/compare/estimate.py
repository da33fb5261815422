"""What an experiment will cost, before it starts: calls, tokens, minutes on this machine.

A few questions of each column are really asked, and their answers judged, where a judge is wanted. That tells
how often its technique calls the model, how long its prompts are and how long its answers. Minutes come from
the rates of earlier runs on this machine, which had full batches; where there is none, from the few calls,
which is an upper bound.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage

from adapters.spec import ModelSpec, Text
from chains.answer import answers_or_errors
from chains.compare.answered import cells_of, said_by
from chains.compare.cell import AnsweredBy, Cell
from chains.compare.experiment import Column, Experiment, Judge
from chains.compare.judge_phase import unjudged
from chains.compare.judging import OPTIONS, judge_replies
from chains.compare.kept import Kept
from chains.compare.likelihood import with_likelihoods
from chains.compare.metrics import metric
from chains.compare.plan import Block, Chunk, blocks
from chains.compare.rates import Rates, rate_key, work
from chains.compare.run import Loaded, Machine, already_kept, found_for
from chains.question import Answer

SAMPLE = 4


@dataclass(frozen=True)
class Estimate:
    """One column, or the judge. `kept` of its `cells` need not run; all else is about the rest: `calls`,
    `prompt_tokens`, `completion_tokens` as the sample has them, `most_completion_tokens` if every call wrote
    all it may, and `seconds` (the model's own from `measured`: an earlier run, else from the sample; with
    those of searching and of weighing the choices). `problem`: why it cannot run at all."""

    column: str
    cells: int
    kept: int
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    most_completion_tokens: int = 0
    seconds: float = 0.0
    measured: bool = False
    problem: Text | None = None


@dataclass(frozen=True)
class Estimates:
    """One for each column, in their order, and the judge's (column ""), where a metric wants one."""

    columns: tuple[Estimate, ...] = ()
    judge: Estimate | None = None

    @property
    def all(self) -> tuple[Estimate, ...]:
        """The columns, then the judge."""
        return (*self.columns, self.judge) if self.judge is not None else self.columns

    @property
    def seconds(self) -> float:
        """Of all together."""
        return sum(one.seconds for one in self.all)


@dataclass(frozen=True)
class _On:
    """Where it is estimated, what is known of it, what ends it early, and who hears which column is tried."""

    machine: Machine
    rates: Rates
    stop: threading.Event
    asking: Callable[[str], None]


def estimate(
    experiment: Experiment,
    machine: Machine,
    kept: Kept,
    rates: Rates,
    stop: threading.Event | None = None,
    asking: Callable[[str], None] = lambda column: None,
) -> Estimates:
    """Loads each model whose answers are not all kept; `asking` hears which column is tried. Ends early, with
    nothing, when `stop` is set."""
    stop = stop or threading.Event()
    known = already_kept(experiment, machine, kept)
    counts = Counter(cell.column for cell in known)
    each = len(experiment.questions.items) * experiment.repeats
    found = {one.name: Estimate(one.name, each, counts[one.name]) for one in experiment.columns}
    on = _On(machine, rates, stop, asking)
    sample: list[Cell] = []
    for block in blocks(experiment):
        for tried, cells in _block(block, found, experiment, on):
            found[tried.column] = tried
            sample += cells
    columns = tuple(found[column.name] for column in experiment.columns)
    judge = None
    if any("judge" in metric(key).needs for key in experiment.metrics) and not stop.is_set():
        left = unjudged(experiment, known, machine, kept)
        to_come = sum(one.cells - one.kept for one in columns if one.problem is None)
        judge = _judge(experiment, left, sample, to_come, on)
    return Estimates() if stop.is_set() else Estimates(columns, judge)


def _block(
    block: Block, plain: Mapping[str, Estimate], experiment: Experiment, on: _On
) -> Iterator[tuple[Estimate, list[Cell]]]:
    """The estimates of the columns that share a model and are not all kept, each with the answers to its
    sample. A model that cannot be loaded is not tried again."""
    wanted = [one for one in block.columns if plain[one.name].kept < plain[one.name].cells]
    if not wanted or on.stop.is_set():
        return
    try:
        on.asking(wanted[0].name)
        model = on.machine.load(block.spec, lambda *_: None, on.stop)
    except Exception as error:
        for column in wanted:
            yield replace(plain[column.name], problem=said_by(error)), []
        return
    try:
        for column in wanted:
            if on.stop.is_set():
                return
            on.asking(column.name)
            try:
                yield _tried(plain[column.name], experiment, column, model, on)
            except Exception as error:
                yield replace(plain[column.name], problem=said_by(error)), []
    finally:
        model.close()


def _tried(
    plain: Estimate, experiment: Experiment, column: Column, model: Loaded, on: _On
) -> tuple[Estimate, list[Cell]]:
    """The column's estimate, from a few of its questions, spread over the set, and their answers."""
    items = experiment.questions.items
    chunk = Chunk(column, 0, items[:: max(1, len(items) // SAMPLE)][:SAMPLE])
    retriever = (
        on.machine.retriever(column.collection, column.retriever, column.k) if column.collection else None
    )
    questions, beside_s = found_for(chunk, experiment.questions, retriever)
    began = time.perf_counter()
    served = cast(BaseChatModel, model.serving(column.adapter))
    results = list(answers_or_errors(questions, served, retriever))
    spent = time.perf_counter() - began
    answers = [one for one in results if isinstance(one, Answer)]
    if not answers:
        problem = next(one for one in results if isinstance(one, Exception))
        return replace(plain, problem=said_by(problem)), []
    by = AnsweredBy(model.spec.id, model.spec.precision, model.engine_key, "")
    cells = cells_of(chunk, [""] * len(results), results, None, by)
    began = time.perf_counter()
    for item, cell in zip(chunk.items, cells, strict=True):
        with_likelihoods(cell, item, served, experiment.metrics)
    beside_s += time.perf_counter() - began
    sample = _Sample(
        answers=len(answers),
        calls=sum(1 for one in answers for step in one.steps if step.query is None),
        prompt_tokens=sum(one.tokens.prompt for one in answers),
        completion_tokens=sum(one.tokens.completion for one in answers),
        seconds=spent,
        beside_s=beside_s,
    )
    rate = on.rates.get(rate_key(column.spec))
    return sample.scaled(plain, column.options.max_tokens, rate), [one for one in cells if not one.error]


def _judge(
    experiment: Experiment, left: Iterable[Cell], sample: Sequence[Cell], to_come: int, on: _On
) -> Estimate:
    """What judging takes: `left` are kept answers without a verdict, `to_come` is how many are still to be
    written, of which `sample` are some."""
    waiting, some = 0, list(sample[:SAMPLE])
    for cell in left:
        waiting += 1
        if len(some) < SAMPLE:
            some.append(cell)
    total = len(experiment.columns) * len(experiment.questions.items) * experiment.repeats
    plain = Estimate("", total, total - waiting - to_come)
    if not some:
        return plain
    wanted = experiment.judge or Judge()
    spec = ModelSpec(wanted.model, wanted.precision)
    items = {item.id: item for item in experiment.questions.items}
    try:
        model = on.machine.load(spec, lambda *_: None, on.stop)
    except Exception as error:
        return replace(plain, problem=said_by(error))
    try:
        began = time.perf_counter()
        asked = [(cell, items[cell.item]) for cell in some]
        replies = judge_replies(asked, cast(BaseChatModel, model), wanted.rubric, on.stop)
        spent = time.perf_counter() - began
    finally:
        model.close()
    messages = [one for one in replies if isinstance(one, AIMessage)]
    if not messages:
        broken = next((one for one in replies if isinstance(one, Exception)), None)
        return replace(plain, problem=said_by(broken) if broken else None)
    used = [one.usage_metadata for one in messages if one.usage_metadata]
    of_some = _Sample(
        answers=len(messages),
        calls=len(messages),
        prompt_tokens=sum(one["input_tokens"] for one in used),
        completion_tokens=sum(one["output_tokens"] for one in used),
        seconds=spent,
    )
    return of_some.scaled(plain, OPTIONS["max_tokens"], on.rates.get(rate_key(spec)))


@dataclass(frozen=True)
class _Sample:
    """What a few answers took; `beside_s` are seconds in which no model wrote."""

    answers: int
    calls: int
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    beside_s: float = 0.0

    def scaled(self, plain: Estimate, most_tokens: int, rate: float | None) -> Estimate:
        """What all the rest takes; `rate` is the model's, where an earlier run measured it."""
        share = (plain.cells - plain.kept) / self.answers
        seconds = work(self.prompt_tokens, self.completion_tokens) / rate if rate else self.seconds
        return replace(
            plain,
            calls=round(self.calls * share),
            prompt_tokens=round(self.prompt_tokens * share),
            completion_tokens=round(self.completion_tokens * share),
            most_completion_tokens=round(self.calls * share) * most_tokens,
            seconds=(seconds + self.beside_s) * share,
            measured=rate is not None,
        )

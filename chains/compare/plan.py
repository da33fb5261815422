"""The order of an experiment: each model and precision is loaded once, each adapter attached once, and chunks
of one column follow each other, so that what their prompts share is read once.

A chunk is fixed by the experiment alone (CHUNK questions in the order of the set): it is what is answered
together, and what is kept. A run that is resumed therefore has the batches of one that never ended.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from adapters.spec import ModelSpec
from chains.answer import GROUP
from chains.compare.experiment import Column, Experiment
from chains.compare.question_set import Item, QuestionSet
from chains.question import Question
from chains.seeds import derived
from chains.techniques import techniques
from vectorstore.passage import Passage

CHUNK = GROUP


@dataclass(frozen=True)
class Chunk:
    """Questions of one column that are answered together, for the `repeat`-th time (from 0)."""

    column: Column
    repeat: int
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Block:
    """What one loaded model is needed for, in order."""

    spec: ModelSpec
    columns: tuple[Column, ...]


def blocks(experiment: Experiment) -> list[Block]:
    """The columns by model and precision, in the order in which these first appear; within, by adapter and
    technique."""
    order = list(techniques())
    specs = dict.fromkeys(column.spec for column in experiment.columns)
    found = []
    for spec in specs:
        columns = [column for column in experiment.columns if column.spec == spec]
        columns.sort(key=lambda one: (one.adapter or "", order.index(one.technique)))
        found.append(Block(spec, tuple(columns)))
    return found


def chunks(experiment: Experiment, column: Column) -> Iterator[Chunk]:
    """The chunks of a column, all questions for one repeat before the next."""
    items = experiment.questions.items
    for repeat in range(experiment.repeats):
        for at in range(0, len(items), CHUNK):
            yield Chunk(column, repeat, items[at : at + CHUNK])


def questions_of(
    chunk: Chunk, questions: QuestionSet, found: Sequence[tuple[Passage, ...] | None]
) -> list[Question]:
    """What is asked; `found` are the passages that were searched for, None where nothing was."""
    return [
        _question(chunk, item, questions, passages) for item, passages in zip(chunk.items, found, strict=True)
    ]


def _question(
    chunk: Chunk, item: Item, questions: QuestionSet, passages: tuple[Passage, ...] | None
) -> Question:
    column = chunk.column
    if column.passage and item.passage:
        passages = (own_passage(item.id, item.passage),)
    return Question(
        text=item.question,
        technique=column.technique,
        collection=column.collection,
        system=column.system,
        examples=column.examples,
        language=questions.language,
        passages=passages,
        options=replace(column.options, seed=derived(column.options.seed, item.id, chunk.repeat)),
        template=column.template,
        choices=item.choices,
        numeric=questions.answer_type == "number",
    )


def own_passage(id: str, text: str) -> Passage:
    """The question's own passage; it has no source that a prompt could name."""
    return Passage(id, id, "", text, 0, len(text))

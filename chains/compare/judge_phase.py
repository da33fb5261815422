"""The judge comes last, when everything is answered: its model is loaded once, and its verdicts are kept."""

import hashlib
import json
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import cast

from langchain_core.language_models import BaseChatModel

from adapters.spec import ModelSpec, Text
from chains.compare.answered import said_by
from chains.compare.cell import Cell
from chains.compare.experiment import Experiment, Judge
from chains.compare.judging import GROUP, OPTIONS, judge_prompt, judged, read_verdict
from chains.compare.kept import Kept
from chains.compare.question_set import Item
from chains.compare.run import Loaded, Machine
from chains.compare.stored import Stored, stored_verdicts
from chains.compare.tools import Place, Verdict, place


@dataclass
class Judged:
    """How far the judge is; `verdicts` holds what there is. `problem`: why it cannot judge at all."""

    total: int
    verdicts: Stored[Verdict]
    done: int = 0
    problem: Text | None = None


def judge(
    experiment: Experiment,
    cells: Collection[Cell],
    machine: Machine,
    kept: Kept,
    stop: threading.Event | None = None,
    fresh: bool = False,
) -> Iterator[Judged]:
    """Judges every answer, a group at a time; a group is kept and found as a whole, like a chunk of answers.

    Setting `stop` ends it at once: the group that runs is asked again next time. Where the
    judge's model cannot be loaded, the last state has the problem and no verdicts.
    """
    ended = stop or threading.Event()
    total = sum(cell.error is None for cell in cells)
    state, model = Judged(total, stored_verdicts(experiment, kept.path.parent)), None
    items = {item.id: item for item in experiment.questions.items}
    wanted = experiment.judge or Judge()
    spec = ModelSpec(wanted.model, wanted.precision)
    try:
        for group in _groups(cells):
            key = _key(wanted, items, group, machine.fingerprint(spec))
            found = None if fresh else _read(kept.get([key]).get(key), group)
            if found is None:
                try:
                    model = model or machine.load(spec, lambda *_: None, ended)
                except Exception as error:
                    if not ended.is_set():
                        verdicts = stored_verdicts(experiment, kept.path.parent)
                        yield Judged(total, verdicts, problem=said_by(error))
                    return
                if ended.is_set():
                    return
                key = _key(wanted, items, group, machine.fingerprint(model.spec))
                found = _ask(experiment, group, model, ended)
                if len(found) < len(group):
                    return
                if all(one.error is None for one in found.values()):
                    kept.put({key: _written(found, group)})
            for at, verdict in found.items():
                state.verdicts.put(at, verdict)
            state.done += len(group)
            yield state
            if ended.is_set():
                return
    finally:
        if model is not None:
            model.close()


def unjudged(experiment: Experiment, cells: Collection[Cell], machine: Machine, kept: Kept) -> Iterator[Cell]:
    """The answers among `cells` whose verdicts are not kept; loads no model."""
    items = {item.id: item for item in experiment.questions.items}
    wanted = experiment.judge or Judge()
    fingerprint = machine.fingerprint(ModelSpec(wanted.model, wanted.precision))
    for group in _groups(cells):
        if not kept.get([_key(wanted, items, group, fingerprint)]):
            yield from group


def _groups(cells: Collection[Cell]) -> Iterator[list[Cell]]:
    """Answers of one column and repeat: what is added beside them has none of them judged again."""
    answered = (cell for cell in cells if cell.error is None)
    for _, own in groupby(answered, key=attrgetter("column")):
        by_repeat: dict[int, list[Cell]] = {}
        for cell in own:
            group = by_repeat.setdefault(cell.repeat, [])
            group.append(cell)
            if len(group) == GROUP:
                yield by_repeat.pop(cell.repeat)
        yield from by_repeat.values()


def _ask(
    experiment: Experiment, group: Sequence[Cell], model: Loaded, stop: threading.Event
) -> dict[Place, Verdict]:
    model.forget()
    return dict(judged(experiment, group, cast(BaseChatModel, model), stop=stop))


def _key(judge: Judge, items: Mapping[str, Item], group: Sequence[Cell], fingerprint: str) -> str:
    prompts = [judge_prompt(items[cell.item], cell.text, judge.rubric).messages for cell in group]
    told = repr((fingerprint, sorted(OPTIONS.items()), prompts))
    return "judge-" + hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()


def _written(found: dict[Place, Verdict], group: Sequence[Cell]) -> str:
    """The judge's words; the points are read out of them each time, by the code of that day."""
    verdicts = [found[place(cell)] for cell in group]
    return json.dumps([one.raw for one in verdicts], ensure_ascii=False)


def _read(text: str | None, group: Sequence[Cell]) -> dict[Place, Verdict] | None:
    if text is None:
        return None
    told = json.loads(text)
    raws = [one if isinstance(one, str) else one[1] for one in told]  # earlier versions kept [score, words]
    verdicts = [Verdict(read_verdict(raw), raw) for raw in raws]
    return dict(zip(map(place, group), verdicts, strict=True))

"""The judge comes last, when everything is answered: its model is loaded once, and its verdicts are kept."""

import hashlib
import json
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import cast

from langchain_core.language_models import BaseChatModel

from adapters.spec import ModelSpec
from chains.compare.cell import Cell
from chains.compare.experiment import Experiment, Judge
from chains.compare.judging import GROUP, OPTIONS, judge_prompt, judged
from chains.compare.kept import Kept
from chains.compare.question_set import Item
from chains.compare.run import Loaded, Machine
from chains.compare.stored import Stored, stored_verdicts
from chains.compare.tools import Place, Verdict, place


@dataclass
class Judged:
    """How far the judge is; `verdicts` holds what there is."""

    total: int
    verdicts: Stored[Verdict]
    done: int = 0


def judge(
    experiment: Experiment,
    cells: Collection[Cell],
    machine: Machine,
    kept: Kept,
    stop: threading.Event | None = None,
    fresh: bool = False,
) -> Iterator[Judged]:
    """Judges every answer, a group at a time; a group is kept and found as a whole, like a chunk of answers.

    Setting `stop` ends it at once: the group that runs is asked again next time. Raises what loading the
    judge's model raises.
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
                model = model or _loaded(machine, spec, ended)
                if model is None or ended.is_set():
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


def _groups(cells: Collection[Cell]) -> Iterator[list[Cell]]:
    waiting = (cell for cell in cells if cell.error is None)
    while group := list(islice(waiting, GROUP)):
        yield group


def _loaded(machine: Machine, spec: ModelSpec, stop: threading.Event) -> Loaded | None:
    """None when it was stopped meanwhile."""
    try:
        return machine.load(spec, lambda *_: None, stop)
    except Exception:
        if stop.is_set():
            return None
        raise


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
    verdicts = [found[place(cell)] for cell in group]
    return json.dumps([[one.score, one.raw] for one in verdicts], ensure_ascii=False)


def _read(text: str | None, group: Sequence[Cell]) -> dict[Place, Verdict] | None:
    if text is None:
        return None
    verdicts = [Verdict(score, raw) for score, raw in json.loads(text)]
    return dict(zip(map(place, group), verdicts, strict=True))

"""The judge comes last, when everything is answered: its model is loaded once, and its verdicts are kept."""

import hashlib
import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

from langchain_core.language_models import BaseChatModel

from adapters.spec import ModelSpec
from chains.compare.cell import Cell
from chains.compare.experiment import Experiment, Judge
from chains.compare.judging import GROUP, OPTIONS, judge_prompt, judged
from chains.compare.kept import Kept
from chains.compare.run import Loaded, Machine
from chains.compare.tools import Place, Verdict, place


@dataclass
class Judged:
    """How far the judge is; `verdicts` holds what there is."""

    total: int
    done: int = 0
    verdicts: dict[Place, Verdict] = field(default_factory=dict)


def judge(
    experiment: Experiment,
    cells: Sequence[Cell],
    machine: Machine,
    kept: Kept,
    stop: threading.Event | None = None,
    fresh: bool = False,
) -> Iterator[Judged]:
    """Judges every answer, a group at a time; a group is kept and found as a whole, like a chunk of answers.

    Setting `stop` ends it between two groups. Raises what loading the judge's model raises.
    """
    asked = [cell for cell in cells if cell.error is None]
    state, model = Judged(len(asked)), None
    wanted = experiment.judge or Judge()
    spec = ModelSpec(wanted.model, wanted.precision)
    try:
        for at in range(0, len(asked), GROUP):
            if stop is not None and stop.is_set():
                return
            group = asked[at : at + GROUP]
            key = _key(experiment, group, machine.fingerprint(spec))
            found = None if fresh else _read(kept.get([key]).get(key), group)
            if found is None:
                model = model or machine.load(spec, lambda *_: None, stop or threading.Event())
                key = _key(experiment, group, machine.fingerprint(model.spec))
                found = _ask(experiment, group, model)
                if all(one.error is None for one in found.values()):
                    kept.put({key: _written(found, group)})
            state.verdicts |= found
            state.done += len(group)
            yield state
    finally:
        if model is not None:
            model.close()


def _ask(experiment: Experiment, group: Sequence[Cell], model: Loaded) -> dict[Place, Verdict]:
    model.forget()
    return dict(judged(experiment, group, cast(BaseChatModel, model)))


def _key(experiment: Experiment, group: Sequence[Cell], fingerprint: str) -> str:
    items = {item.id: item for item in experiment.questions.items}
    rubric = experiment.judge.rubric if experiment.judge else None
    prompts = [judge_prompt(items[cell.item], cell.text, rubric).messages for cell in group]
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

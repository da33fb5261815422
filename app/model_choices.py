"""What could answer instead: the precisions of a model, each with what it would need of the memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from adapters import memory
from adapters.precision import AUTO, automatic, precisions, unfit
from adapters.spec import Text
from app.known_checkpoint import known_checkpoint, known_place
from app.locales import languages, pick, say

if TYPE_CHECKING:
    from adapters.checkpoint import Checkpoint
    from adapters.models import ModelEntry
    from adapters.precision import Precision


@dataclass(frozen=True)
class Need(memory.Estimate):
    """Bytes of memory. `whole` is False where only the weights are known, from the number of parameters."""

    cache: int = 0
    overhead: int = 0
    whole: bool = True

    def fits(self, room: int) -> bool:
        """Whether the loader would take it where `room` bytes are free."""
        return memory.fits(self.total, room)

    def kept_at_most(self, room: int) -> int:
        """What prompts that were read earlier may take beside it there."""
        return self.cache_at_most(room) - self.cache


@dataclass(frozen=True)
class Choice:
    """A precision of one model. `need` is None where nothing is known of the model's size."""

    key: str
    label: Text
    help: Text
    engine: str
    trains_lora: bool
    problem: Text | None
    need: Need | None


def precision_choices(entry: "ModelEntry", folder: Path, context: int) -> list[Choice]:
    """ "auto" and every precision; none for a model of a server, which decides itself."""
    if entry.kind == "server":
        return []
    checkpoint = known_checkpoint(entry, folder)
    named = list(_named(entry, checkpoint, known_place(entry, folder), context))
    return [*_auto(named, entry), *sorted(named, key=lambda one: one.problem is not None)]


def _named(
    entry: "ModelEntry", checkpoint: "Checkpoint | None", place: Path | None, context: int
) -> Iterator[Choice]:
    for key, one in precisions().items():
        problem = one.available()
        if problem is None and checkpoint is not None and place is not None and place.is_dir():
            problem = unfit(one, place, context)
        facts = (one.label, one.help, one.engine, one.trains_lora, problem)
        yield Choice(key, *facts, _need(key, one, entry, checkpoint, context))


def _need(
    key: str, precision: "Precision", entry: "ModelEntry", checkpoint: "Checkpoint | None", context: int
) -> Need | None:
    if checkpoint is not None:
        known = memory.estimate(checkpoint, key, context)
        return Need(known.weights, known.cache, known.overhead, known.kept)
    weights = round(entry.parameters * precision.bytes_per_weight)
    return Need(weights, whole=False) if weights else None


def _auto(named: list[Choice], entry: "ModelEntry") -> Iterator[Choice]:
    """What "auto" comes to here, with its figures."""
    by_key = {one.key: one for one in named}
    keys = list(automatic())
    meant = by_key[next((key for key in keys if by_key[key].problem is None), keys[0])]
    told = {
        language: say("models.auto_help", language, name=pick(meant.label, language))
        for language in languages()
    }
    label = {language: say("models.auto", language) for language in languages()}
    yield Choice(AUTO, label, told, meant.engine, meant.trains_lora, meant.problem, meant.need)

"""What the model slot deals with: a model it holds, and a load that is under way."""

import logging
import threading
from typing import TYPE_CHECKING

from adapters.errors import LoadCancelled
from adapters.precision import AUTO
from adapters.spec import ModelSpec
from app.model_state import Answering

if TYPE_CHECKING:
    from adapters.served import ServedModel

Failed = tuple[ModelSpec, Exception]
log = logging.getLogger(__name__)


class Held:
    """A loaded model, the spec somebody asked for, and how many answers it is writing."""

    def __init__(self, model: "ServedModel", asked: ModelSpec) -> None:
        self.model, self.asked = model, asked
        self.users = 0
        self.retired = False


class Job:
    """One load, from the choice to its end. It may stand in for one that failed."""

    def __init__(self, spec: ModelSpec, instead_of: "Failed | None" = None, chosen: bool = False) -> None:
        self.spec, self.chosen = spec, chosen
        self.failed: ModelSpec | None = instead_of[0] if instead_of else None
        self.error: Exception | None = instead_of[1] if instead_of else None
        self.cancelled = threading.Event()


def facts(held: Held) -> Answering:
    """What is said of a model that answers."""
    model = held.model
    figures = (model.memory_bytes, model.context_length, model.capacity)
    return Answering(
        model.spec,
        model.engine_key,
        *figures,
        notes=model.notes,
        asked=held.asked,
        address=model.address,
    )


def same(spec: ModelSpec, held: Held) -> bool:
    """Whether that asks for what is there: by the names it was asked by or turned out to have."""
    asked, real = held.asked, held.model.spec
    return (
        spec.id in (asked.id, real.id)
        and spec.precision in (asked.precision, real.precision)
        and spec.adapter in (asked.adapter, real.adapter)
        and spec.context in (asked.context, held.model.context_length)
    )


def worth_loading(spec: ModelSpec, held: Held) -> bool:
    """Whether loading that could bring another model than the one that is there: also where "auto" had to
    fall back, as what stood in its way may be gone."""
    return not same(spec, held) or (spec.precision == AUTO and held.model.fell_back)


def check(job: Job) -> None:
    """Raises LoadCancelled where somebody gave up before it began."""
    if job.cancelled.is_set():
        raise LoadCancelled(id=job.spec.id)


def close(model: "ServedModel") -> None:
    """Its memory comes back; what goes wrong with that is no reason to lose the next model."""
    try:
        model.close()
    except Exception:
        log.exception("a model could not be closed")

"""The form that chooses a model: what its parts show, and the choice that comes back, checked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters import memory
from adapters.errors import AdapterError, ModelNotFound
from adapters.models import ModelEntry, find_model, known_models
from adapters.own_files import CONVERTED, OwnFiles, own_files
from adapters.precision import AUTO
from adapters.spec import DEFAULT_MODEL, ModelSpec
from app.errors import BadOption
from app.known_checkpoint import known_checkpoint
from app.model_choices import precision_choices
from app.services import Services
from app.settings import DEFAULT_CONTEXT
from app.show_models import models, precisions

CONTEXTS = (1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072)
Shown = dict[str, str]


def model_list(services: Services, value: Any, spoken: str) -> Shown:
    """Every model; chosen is what was, or what answers, or the default one."""
    folder = services.settings.models
    entries = known_models(folder)
    usable = [entry.id for entry in entries if entry.problem is None]
    answering = services.model.state.answering
    wanted = [_chosen(value), answering.spec.id if answering else "", *usable]
    chosen = next((id for id in wanted if id in usable), "")
    own = not services.settings.public
    made = {one.id: converted_files(one, folder) for one in entries if own and one.removable}
    return {"chosen": chosen, "html": models(entries, chosen, own, spoken, made)}


def converted_files(entry: ModelEntry, folder: Path) -> str:
    """What Maru converted for a model and nothing else uses, by name and size; "" where nothing."""
    return files_named(one for one in own_files(entry, folder) if one.kind in CONVERTED)


def files_named(files: Iterable[OwnFiles]) -> str:
    """Folders by their names and sizes."""
    return ", ".join(f"{one.path.name} ({memory.shown(one.bytes)})" for one in files)


def precision_list(services: Services, model: str, value: Any, context: Any, spoken: str) -> Shown:
    """Every precision of that model with its need of memory; chosen is what was, where it still can be."""
    folder = services.settings.models
    try:
        entry = find_model(model or DEFAULT_MODEL, folder)
    except ModelNotFound:
        return {"chosen": "", "html": ""}
    answering = services.model.state.answering
    given_back = (answering.memory if answering else None) or 0
    choices = precision_choices(entry, folder, context_of(context))
    free = memory.free()
    room = free + given_back
    possible = [
        one.key for one in choices if one.problem is None and (one.need is None or one.need.fits(room))
    ]
    wanted = _chosen(value) or _present(services, entry.id).precision
    chosen = wanted if wanted in possible else next(iter(possible), "")
    return {"chosen": chosen, "html": precisions(choices, chosen, free, given_back, spoken)}


@dataclass(frozen=True)
class Contexts:
    """The contexts that are offered, in tokens; the one that is chosen, and whether it had to be `cut`."""

    sizes: tuple[int, ...]
    chosen: int
    cut: bool = False


def present_context(services: Services) -> Contexts:
    """The context that what answers, or is on its way, was asked for with; the default where none of ours."""
    present = _present(services)
    asked = present.context or DEFAULT_CONTEXT
    return _contexts(services, present.id, asked if 0 < asked <= CONTEXTS[-1] else DEFAULT_CONTEXT)


def fitting_contexts(services: Services, model: str, context: Any) -> Contexts:
    """As `context`, cut to what that model reads. Raises BadOption."""
    return _contexts(services, model, context_of(context))


def _contexts(services: Services, model: str, context: int) -> Contexts:
    longest = _longest(services, model) or CONTEXTS[-1]
    chosen = min(context, longest)
    offered = {size for size in CONTEXTS if size <= longest} | {chosen, min(longest, CONTEXTS[-1])}
    return Contexts(tuple(sorted(offered)), chosen, chosen < context)


def _longest(services: Services, model: str) -> int:
    """How many tokens that model reads; 0 where nobody knows."""
    folder = services.settings.models
    try:
        entry = find_model(model or DEFAULT_MODEL, folder)
    except AdapterError:
        return 0
    if entry.context_length:
        return entry.context_length
    checkpoint = known_checkpoint(entry, folder)
    return checkpoint.context_length if checkpoint else 0


def spec_of(model: Any, precision: Any, context: Any) -> ModelSpec:
    """What the form asks for. Whether there is such a model and precision is for the loader to say."""
    return ModelSpec(_chosen(model) or DEFAULT_MODEL, _chosen(precision) or AUTO, context=context_of(context))


def context_of(value: Any) -> int:
    """Tokens. Raises BadOption where no context of that size is ever offered."""
    size = int(value) if isinstance(value, str | int) and str(value).isdecimal() else 0
    if not 0 < size <= CONTEXTS[-1]:
        raise BadOption(label={"en": "Context", "ko": "컨텍스트"}, low=1, high=CONTEXTS[-1])
    return size


def _present(services: Services, model: str = "") -> ModelSpec:
    """What was asked for last: what is on its way, or what answers; of that `model`, where one is named."""
    state = services.model.state
    asked = state.loading.spec if state.loading else state.answering and state.answering.asked
    named = {one.spec.id for one in (state.loading, state.answering) if one}
    return asked if asked and (not model or model in named) else ModelSpec(precision=AUTO)


def _chosen(value: Any) -> str:
    chosen = value.get("chosen") if isinstance(value, Mapping) else None
    return chosen if isinstance(chosen, str) else ""

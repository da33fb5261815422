"""The form that chooses a model: what its parts show, and the choice that comes back, checked."""

from collections.abc import Mapping
from typing import Any

from adapters import memory
from adapters.errors import ModelNotFound
from adapters.models import find_model, known_models
from adapters.precision import AUTO
from adapters.spec import DEFAULT_MODEL, ModelSpec
from app.errors import BadOption
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
    return {"chosen": chosen, "html": models(entries, chosen, not services.settings.public, spoken)}


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


def present_context(services: Services) -> str:
    """The context that what answers, or is on its way, was asked for with; the default where none of ours."""
    context = _present(services).context or DEFAULT_CONTEXT
    return str(context if context in CONTEXTS else DEFAULT_CONTEXT)


def spec_of(model: Any, precision: Any, context: Any) -> ModelSpec:
    """What the form asks for. Whether there is such a model and precision is for the loader to say."""
    return ModelSpec(_chosen(model) or DEFAULT_MODEL, _chosen(precision) or AUTO, context=context_of(context))


def context_of(value: Any) -> int:
    """Tokens. Raises BadOption where it is none of those that are offered."""
    size = int(value) if isinstance(value, str | int) and str(value).isdecimal() else 0
    if size not in CONTEXTS:
        raise BadOption(label={"en": "Context", "ko": "컨텍스트"}, low=CONTEXTS[0], high=CONTEXTS[-1])
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

"""What each axis of a grid of columns offers now: (name on the screen, value)."""

from typing import Any

from adapters.models import known_models
from adapters.precision import AUTO, precisions
from app.collection_names import collection_names
from app.compare.ways import OWN
from app.forms import retriever_choices as retrievers_of
from app.forms import technique_choices
from app.locales import pick, say
from app.services import Services

TEMPERATURES = (0.0, 0.2, 0.5, 0.7, 1.0)

Choices = list[tuple[str, Any]]


def offered(services: Services, spoken: str, own_passage: bool) -> dict[str, Choices]:
    """By the axis's name. `own_passage`: whether questions may have a passage of their own."""
    return {
        "technique": list(technique_choices(spoken)),
        "passages": _passages(services, spoken, own_passage),
        "model": models_offered(services, spoken),
        "precision": precisions_offered(spoken),
        "adapter": [(say("panel.no_adapter", spoken), ""), *((one, one) for one in _adapters(services))],
        "temperature": [(_temperature(one, spoken), one) for one in TEMPERATURES],
        "examples": [
            (say("examples.automatic", spoken), ""),
            *((name, name) for name in services.examples.names(spoken)),
        ],
        "template": [(one.name, one.name) for one in services.templates.list(spoken)],
    }


def models_offered(services: Services, spoken: str) -> Choices:
    """The model that answers now, as "", and all others."""
    present = services.model.state.answering
    here = say("grid.answers_now", spoken, id=present.spec.id) if present else say("grid.this_model", spoken)
    others = [
        one for one in known_models(services.settings.models) if not present or one.id != present.spec.id
    ]
    return [(here, ""), *((one.label, one.id) for one in others)]


def precisions_offered(spoken: str) -> Choices:
    """All of them, those that cannot work here last, and saying so."""
    every = sorted(precisions().items(), key=lambda one: one[1].available() is not None)
    named = [(pick(one.label, spoken), key) for key, one in every if one.available() is None]
    missing = [
        (say("grid.not_here", spoken, name=pick(one.label, spoken)), key)
        for key, one in every
        if one.available() is not None
    ]
    usual = [(say("grid.usual_precision", spoken), ""), (say("models.auto", spoken), AUTO)]
    return [*usual, *named, *missing]


def _passages(services: Services, spoken: str, own: bool) -> Choices:
    names = collection_names(services, spoken)
    ways = [(f"{name} · {by}", f"{key}:{name}") for name in names for by, key in retrievers_of(spoken)]
    none: Choices = [(say("grid.no_passages", spoken), "")]
    return none + ([(say("grid.own_passage", spoken), OWN)] if own else []) + ways


def _adapters(services: Services) -> list[str]:
    """Every adapter: for another model another one may fit. A server's own where a server answers."""
    from adapters.lora import known_adapters

    fitting = services.fitting_adapters() or []
    return sorted({*known_adapters(services.adapters_folder), *fitting})


def _temperature(value: float, spoken: str) -> str:
    return say("grid.greedy", spoken) if value == 0 else f"{value:g}"

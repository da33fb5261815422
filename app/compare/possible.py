"""What of the ways to answer works on this machine, why the others do not, and ways as columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from adapters.models import known_models
from adapters.precision import AUTO, precisions
from adapters.spec import DEFAULT_MODEL, GenerationOptions, Text
from app.compare.ways import Way, names_of, read_ways
from app.errors import BadColumns, message_of
from app.known_checkpoint import known_checkpoint
from app.locales import languages, pick, say
from app.services import Services
from chains.compare.experiment import Column
from chains.techniques import techniques

if TYPE_CHECKING:
    from adapters.models import ModelEntry

TEMPLATE = "template"


@dataclass(frozen=True)
class Common:
    """What all columns share: how many passages, and how answers are sampled (but for the temperature)."""

    k: int
    options: GenerationOptions


class Possible:
    """Asked about many ways at one moment; looks each model and its adapters up once."""

    def __init__(self, services: Services, language: str) -> None:
        self._services, self._language = services, language
        self._fitting: dict[str, list[str]] = {}

    def problem(self, way: Way) -> str | None:
        """Why that way cannot answer here, in words; None where it can."""
        checks = (self._passages, self._template, self._model, self._precision, self._adapter)
        return next((why for check in checks if (why := check(way)) is not None), None)

    def model_of(self, way: Way) -> str:
        """The id of its model: the one that answers, where none is named."""
        present = self._services.model.state.answering
        return way.model or (present.spec.id if present else DEFAULT_MODEL)

    def precision_of(self, way: Way) -> str:
        """Its precision: the one of the model that answers, where neither is named."""
        present = self._services.model.state.answering
        here = present is not None and way.model in ("", present.spec.id)
        return way.precision or (present.spec.precision if here and present else AUTO)

    def _passages(self, way: Way) -> str | None:
        technique = techniques()[way.technique]
        unfit = technique.retrieval == "needed" and not way.collection
        unfit = unfit or (technique.retrieval == "unused" and bool(way.passages))
        note = technique.retrieval_note
        return pick(note, self._language) if unfit and note is not None else None

    def _template(self, way: Way) -> str | None:
        missing = way.technique == TEMPLATE and not way.template
        return say("grid.needs_template", self._language) if missing else None

    def _model(self, way: Way) -> str | None:
        if not way.model:
            return None
        if self._services.settings.public:
            return say("error.public", self._language)
        entry = self._entries.get(way.model)
        if entry is None:
            return say("grid.unknown_model", self._language, id=way.model)
        return message_of(entry.problem, self._language) if entry.problem is not None else None

    def _precision(self, way: Way) -> str | None:
        if way.precision in ("", AUTO):
            return None
        if self._services.settings.public:
            return say("error.public", self._language)
        known = precisions().get(way.precision)
        if known is None:
            return say("grid.unknown_precision", self._language, name=way.precision)
        entry = self._entries.get(self.model_of(way))
        if entry is not None and entry.kind == "server":
            return say("grid.server_precision", self._language)
        reason = known.available()
        return pick(reason, self._language) if reason is not None else None

    def _adapter(self, way: Way) -> str | None:
        if not way.adapter or way.adapter in self._adapters_of(way):
            return None
        return say("grid.unfit_adapter", self._language, name=way.adapter, id=self.model_of(way))

    def _adapters_of(self, way: Way) -> list[str]:
        id = self.model_of(way)
        if id not in self._fitting:
            self._fitting[id] = self._looked_up(id, here=not way.model)
        return self._fitting[id]

    def _looked_up(self, id: str, here: bool) -> list[str]:
        from adapters.lora import known_adapters, list_adapters

        folder, present = self._services.adapters_folder, self._services.model.state.answering
        if here or (present is not None and present.spec.id == id):
            fitting = self._services.fitting_adapters()
            return known_adapters(folder) if fitting is None else fitting
        entry = self._entries.get(id)
        checkpoint = known_checkpoint(entry, self._services.settings.models) if entry else None
        if checkpoint is None:
            return known_adapters(folder)  # whether it fits shows when the model is there
        return [one.name for one in list_adapters(folder, checkpoint) if one.adapter is not None]

    @cached_property
    def _entries(self) -> "dict[str, ModelEntry]":
        return {one.id: one for one in known_models(self._services.settings.models)}


def problems_of(services: Services, ways: Sequence[Way], language: str) -> tuple[str | None, ...]:
    """Of each way, why it cannot answer here, or that an earlier one is the same; None where it can."""
    possible = Possible(services, language)
    seen: dict[Way, str] = {}
    found: list[str | None] = []
    names = names_of(ways, language)
    for way, name in zip(ways, names, strict=True):
        plain = replace(way, model=possible.model_of(way), precision=possible.precision_of(way))
        why = possible.problem(way)
        if why is None and plain in seen:
            why = say("grid.same", language, name=seen[plain])
        if why is None:
            seen[plain] = name
        found.append(why)
    return tuple(found)


def columns(
    services: Services, value: object, common: Common, language: str, limits: tuple[int, int]
) -> tuple[Column, ...]:
    """The columns that can answer, of a grid form's value as the browser sent it. `limits`: fewest and most.

    Raises BadColumns where there are too few or too many, and what a damaged example set or template raises.
    """
    ways = read_ways(value.get("ways") if isinstance(value, Mapping) else None)
    why_not = problems_of(services, ways, language)
    usable = [way for way, why in zip(ways, why_not, strict=True) if why is None]
    if not limits[0] <= len(usable) <= limits[1]:
        raise BadColumns("count", fewest=limits[0], most=limits[1], count=len(usable))
    possible = Possible(services, language)
    return tuple(
        _column(services, possible, way, name, common)
        for way, name in zip(usable, names_of(usable, language), strict=True)
    )


def names_of_columns(
    services: Services, value: object, common: Common, limits: tuple[int, int]
) -> tuple[Text, ...]:
    """What those columns are called in every language: their answers may be read again in another one."""
    every = {code: columns(services, value, common, code, limits) for code in languages()}
    return tuple(
        {code: one.name for code, one in zip(every, same, strict=True)}
        for same in zip(*every.values(), strict=True)
    )


def _column(services: Services, possible: Possible, way: Way, name: str, common: Common) -> Column:
    searched: dict[str, Any] = (
        {"collection": way.collection, "retriever": way.retriever} if way.collection else {}
    )
    return Column(
        name=name,
        technique=way.technique,
        model=possible.model_of(way),
        precision=possible.precision_of(way),
        adapter=way.adapter or None,
        k=common.k,
        passage=way.passages == "own",
        examples=services.examples.get(way.examples) if way.examples else None,
        template=services.templates.get(way.template) if way.template else None,
        options=replace(common.options, temperature=way.temperature),
        **searched,
    )

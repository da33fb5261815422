"""Ways to answer, as a form tells them: plain names on eight axes, their product, and short names for them.

Pure: nothing here looks at the machine; app/compare/possible.py says what works on it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import product
from typing import Any

from app.errors import BadColumns
from app.locales import pick, say
from app.marked import clean
from app.naming import precision_name
from app.settings import WITH_EXAMPLES, WITH_TEMPLATE
from chains.techniques import techniques
from vectorstore import retrievers

OWN = "own"
"""The question's own passage, where the question comes from a set."""

LONGEST = 300
HOTTEST = 2.0
MOST_KEPT = 64


@dataclass(frozen=True)
class Way:
    """One way to answer. "" is the usual: no passages, the model that answers in its precision, no adapter,
    the technique's own examples. `passages` is "own", or "retriever:collection"."""

    technique: str
    passages: str = ""
    model: str = ""
    precision: str = ""
    adapter: str = ""
    temperature: float = 0.0
    examples: str = ""
    template: str = ""

    @property
    def retriever(self) -> str:
        """How passages are found; "" where nothing is searched."""
        return self.passages.split(":", 1)[0] if ":" in self.passages else ""

    @property
    def collection(self) -> str:
        """Where passages are found; "" where nothing is searched."""
        return self.passages.split(":", 1)[1] if ":" in self.passages else ""


AXES = tuple(one.name for one in fields(Way))


def ways_of(axes: Mapping[str, object]) -> tuple[Way, ...]:
    """Every combination of what was chosen; an axis without a choice is the usual one. None without a
    technique. Example sets and templates are combined only with techniques that use them."""
    chosen = {name: _values(axes.get(name)) for name in AXES}
    found: list[Way] = []
    for technique in chosen["technique"]:
        used = dict(chosen, technique=[technique])
        used["examples"] = chosen["examples"] if technique in WITH_EXAMPLES else [""]
        used["template"] = chosen["template"] if technique in WITH_TEMPLATE else [""]
        found += [_way(dict(zip(AXES, one, strict=True))) for one in product(*_usual(used).values())]
    return tuple(dict.fromkeys(found))


def read_ways(value: object) -> tuple[Way, ...]:
    """Ways as a browser sends them: a list of plain objects. Raises BadColumns for anything else."""
    if not isinstance(value, list | tuple) or len(value) > MOST_KEPT:
        raise BadColumns("unreadable")
    return tuple(dict.fromkeys(_read(one) for one in value))


def written(ways: Sequence[Way]) -> list[dict[str, Any]]:
    """The same as a browser keeps them."""
    return [asdict(one) for one in ways]


def names_of(ways: Sequence[Way], language: str) -> tuple[str, ...]:
    """A short name for each: the technique, and what else differs between them."""
    differing = [axis for axis in AXES if len({getattr(one, axis) for one in ways}) > 1]
    shown = [axis for axis in AXES if axis == "technique" or axis in differing]
    return tuple(" · ".join(filter(None, (said(one, axis, language) for axis in shown))) for one in ways)


def said(way: Way, axis: str, language: str) -> str:
    """What one axis of a way is called; "" where there is nothing to say."""
    value = getattr(way, axis)
    if axis == "technique":
        known = techniques().get(value)
        return pick(known.label, language) if known else value
    if axis == "passages":
        return _passages(way, language)
    if axis == "temperature":
        return say("grid.at_temperature", language, value=f"{value:g}")
    if axis == "precision":
        return precision_name(value, language) if value else say("grid.usual_precision", language)
    if axis == "model":
        return value or say("grid.this_model", language)
    if axis == "adapter":
        return say("facts.adapter", language, name=value) if value else say("grid.no_adapter", language)
    return str(value)


def _passages(way: Way, language: str) -> str:
    if way.passages == OWN:
        return say("grid.own_passage", language)
    if not way.collection:
        return say("grid.no_passages", language)
    known = set(retrievers.keys())
    by = pick(retrievers.get(way.retriever).label, language) if way.retriever in known else way.retriever
    return f"{way.collection}, {by}"


def _values(value: object) -> list[Any]:
    return list(dict.fromkeys(value)) if isinstance(value, list | tuple) else []


def _usual(chosen: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    return {name: chosen[name] or [0.0 if name == "temperature" else ""] for name in AXES}


def _way(values: Mapping[str, Any]) -> Way:
    return Way(**{name: _value(name, values.get(name)) for name in AXES})


def _read(value: object) -> Way:
    if not isinstance(value, Mapping) or value.get("technique") not in techniques():
        raise BadColumns("unreadable")
    return _way(value)


def _value(name: str, value: object) -> Any:
    if name == "temperature":
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
        if not 0 <= number <= HOTTEST:
            raise BadColumns("unreadable")
        return number
    text = clean(value) if isinstance(value, str) else ""
    if len(text) > LONGEST:
        raise BadColumns("unreadable")
    return text

"""A grid of columns, chosen on a few axes.

What is chosen is multiplied out and listed; single columns can be taken out of the list, and what is listed
can be kept while the axes are chosen anew, so that single ones come to it. The list lives in the browser and
comes along with every event, as {"ways": […], "kept": […], "dropped": […], "html": …}; `columns` of
app/compare/possible.py makes checked columns of it. What was chosen stays in the browser's storage
(static/compare.js), and is there again after a reload.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from adapters.models import known_models
from adapters.precision import AUTO, precisions
from app.collection_names import collection_names
from app.compare.possible import Common, problems_of
from app.compare.show_ways import ways_html
from app.compare.ways import AXES, OWN, Way, names_of, read_ways, ways_of, written
from app.errors import BadColumns, shown
from app.forms import MOST_PASSAGES, option_components, read_options, read_passages, technique_choices
from app.forms import retriever_choices as retrievers_of
from app.language import label
from app.locales import pick, say
from app.parts import Choice, bare, private
from app.services import Services
from app.settings import DEFAULT_PASSAGES, WITH_EXAMPLES, WITH_TEMPLATE
from chains.compare.experiment import GREEDY

WAYS = '<div class="columns"></div>'
TEMPERATURES = (0.0, 0.2, 0.5, 0.7, 1.0)
BEGIN: dict[str, list[Any]] = {"technique": ["zero_shot", "few_shot"], "temperature": [0.0], "template": []}
"""What is chosen at first; on every other axis the usual."""

SOMETIMES = {"examples": WITH_EXAMPLES, "template": WITH_TEMPLATE}
"""Axes that are seen where a technique uses them."""

Shown = dict[str, Any]
Choices = list[tuple[str, Any]]


@dataclass(frozen=True)
class GridForm:
    """The parts of a form: `listed` is the list of columns, `axes` by name, `common` what all columns share.

    `inputs` are all that a handler needs, by name, for Gradio's `inputs_kwargs`: "ways" and the common ones.
    """

    listed: gr.HTML
    axes: dict[str, Component]
    common: dict[str, Component]

    @property
    def inputs(self) -> dict[str, Component]:
        """By the names under which `common_of` and `columns` read them."""
        return {"ways": self.listed, **self.common}


def grid_form(
    services: Services,
    opened: Sequence[Any],
    language: gr.Textbox,
    limits: tuple[int, int],
    kept_as: str,
    own_passage: bool = False,
) -> GridForm:
    """Lays the form out and wires it. `opened`: the events at which it is filled with what there is now.
    `limits`: the fewest and the most columns. `kept_as`: under which name the browser keeps what was chosen.
    `own_passage`: whether questions may have a passage of their own."""
    with gr.Column(elem_classes="maru-grid"):
        axes = _axes(services.settings.public)
        listed = bare(WAYS, "maru.ways(element, props, trigger, watch)", value={})
        keep = gr.Button(label("grid.keep"), size="sm", scale=0, elem_classes="quiet-button")
        with gr.Accordion(label("grid.common"), open=False):
            common = _common()
    form = GridForm(listed, axes, common)
    chosen = [listed, language, *axes.values()]

    def filled(value: Any, spoken: str, *given: Any) -> list[Any]:
        with shown(spoken, services.settings.public):
            choices = offered(services, spoken, own_passage)
            now = _still_offered(choices, dict(zip(axes, given, strict=True)))
            return [_listed(services, _readable(value), now, spoken, limits), *_updates(choices, now)]

    def changed(value: Any, spoken: str, *given: Any) -> list[Any]:
        with shown(spoken, services.settings.public):
            now = dict(zip(axes, given, strict=True))
            seen = (gr.update(**_visible(axis, now)) for axis in SOMETIMES)
            return [_listed(services, value, now, spoken, limits), *seen]

    def taken(value: Any, spoken: str, event: gr.EventData) -> Shown:
        with shown(spoken, services.settings.public):
            return _drawn(services, _without(value, int(event.id)), spoken, limits)

    def kept(value: Any, spoken: str) -> list[Any]:
        with shown(spoken, services.settings.public):
            ways = _read(value)["ways"]
            now = {"ways": ways, "kept": ways, "dropped": []}
            return [_drawn(services, now, spoken, limits), gr.update(value=[])]

    outputs = [listed, *axes.values()]
    recalled = f"(...given) => maru.recallColumns('{kept_as}', given)"
    keeping = f"(...given) => maru.keepColumns('{kept_as}', given)"
    gr.on(list(opened), filled, chosen, outputs, js=recalled, **private())
    sometimes = [listed, *(axes[axis] for axis in SOMETIMES)]
    inputs = [one.input for one in axes.values()]  # type: ignore[attr-defined]
    done = (
        gr.on(inputs, changed, chosen, sometimes, **private()),
        listed.delete(taken, [listed, language], listed, **private()),
        keep.click(kept, [listed, language], [listed, axes["technique"]], **private()),
    )
    for event in done:
        event.success(None, chosen, None, js=keeping, **private())
    return form


def common_of(values: Mapping[str, Any]) -> Common:
    """What all columns share, from a handler's values by name. Raises BadOption."""
    return Common(read_passages(values.get("passages")), read_options(values))


def begun(services: Services, axes: Mapping[str, Any], spoken: str, limits: tuple[int, int]) -> Shown:
    """The list that a choice on the axes comes to, with nothing before it."""
    return _listed(services, {}, axes, spoken, limits)


def offered(services: Services, spoken: str, own_passage: bool) -> dict[str, Choices]:
    """What each axis offers now: (name on the screen, value)."""
    present = services.model.state.answering
    here = say("grid.answers_now", spoken, id=present.spec.id) if present else say("grid.this_model", spoken)
    others = [
        one for one in known_models(services.settings.models) if not present or one.id != present.spec.id
    ]
    return {
        "technique": list(technique_choices(spoken)),
        "passages": _passages(services, spoken, own_passage),
        "model": [(here, ""), *((one.label, one.id) for one in others)],
        "precision": _precisions(spoken),
        "adapter": [(say("panel.no_adapter", spoken), ""), *((one, one) for one in _adapters(services))],
        "temperature": [(_temperature(one, spoken), one) for one in TEMPERATURES],
        "examples": [
            (say("examples.automatic", spoken), ""),
            *((name, name) for name in services.examples.names(spoken)),
        ],
        "template": [(one.name, one.name) for one in services.templates.list(spoken)],
    }


def _axes(public: bool) -> dict[str, Component]:
    """The axes by name; a stranger chooses no other model."""
    with gr.Row(elem_classes="axes"):
        first = {name: _axis(name) for name in ("technique", "passages")}
        wanted = {name: _axis(name, visible=False) for name in ("examples", "template")}
    with gr.Accordion(label("grid.more"), open=False), gr.Row(elem_classes="axes"):
        names = ("model", "precision", "adapter", "temperature")
        more = {name: _axis(name, not (public and name in ("model", "precision"))) for name in names}
    made = {**first, **wanted, **more}
    return {name: made[name] for name in AXES}


def _axis(name: str, visible: bool = True) -> Component:
    begin: list[Any] = BEGIN.get(name, [""])
    choices: Choices = technique_choices("en") if name == "technique" else [("–", one) for one in begin]
    return Choice(choices, value=begin, multiselect=True, label=label(f"grid.{name}"), visible=visible)


def _common() -> dict[str, Component]:
    passages = gr.Slider(
        1, MOST_PASSAGES, DEFAULT_PASSAGES, step=1, label=label("panel.passages"), buttons=[]
    )
    options = option_components(without=("temperature",))
    options["seed"].value = GREEDY.seed  # the same answers on every run
    return {"passages": passages, **options}


def _passages(services: Services, spoken: str, own: bool) -> Choices:
    names = collection_names(services, spoken)
    ways = [(f"{name} · {by}", f"{key}:{name}") for name in names for by, key in retrievers_of(spoken)]
    none: Choices = [(say("grid.no_passages", spoken), "")]
    return none + ([(say("grid.own_passage", spoken), OWN)] if own else []) + ways


def _precisions(spoken: str) -> Choices:
    """All of them: what cannot work here says so in the list of columns."""
    every = sorted(precisions().items(), key=lambda one: one[1].available() is not None)
    named = [(pick(one.label, spoken), key) for key, one in every if one.available() is None]
    missing = [
        (say("grid.not_here", spoken, name=pick(one.label, spoken)), key)
        for key, one in every
        if one.available() is not None
    ]
    usual = [(say("grid.usual_precision", spoken), ""), (say("models.auto", spoken), AUTO)]
    return [*usual, *named, *missing]


def _adapters(services: Services) -> list[str]:
    """Every adapter: for another model another one may fit. A server's own where a server answers."""
    from adapters.lora import known_adapters

    fitting = services.fitting_adapters() or []
    return sorted({*known_adapters(services.adapters_folder), *fitting})


def _temperature(value: float, spoken: str) -> str:
    return say("grid.greedy", spoken) if value == 0 else f"{value:g}"


def _still_offered(choices: Mapping[str, Choices], given: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What was chosen, without what is no longer there."""
    known = {axis: [value for _, value in choices[axis]] for axis in AXES}
    lists = {axis: given[axis] if isinstance(given[axis], list) else [] for axis in AXES}
    return {axis: [value for value in lists[axis] if value in known[axis]] for axis in AXES}


def _updates(choices: Mapping[str, Choices], now: Mapping[str, Any]) -> list[Any]:
    """Fresh choices, and what is chosen of them."""
    return [gr.update(choices=choices[axis], value=now[axis], **_visible(axis, now)) for axis in AXES]


def _visible(axis: str, now: Mapping[str, Any]) -> dict[str, Any]:
    users = SOMETIMES.get(axis)
    return {} if users is None else {"visible": any(one in users for one in now["technique"] or [])}


def _listed(
    services: Services, value: Any, axes: Mapping[str, Any], spoken: str, limits: tuple[int, int]
) -> Shown:
    """The list after a choice on the axes: what was kept, and the product but for what was taken out."""
    before = _read(value)
    product = [one for one in ways_of(axes) if one not in before["dropped"]]
    ways = list(dict.fromkeys([*before["kept"], *product]))
    return _drawn(services, {**before, "ways": ways}, spoken, limits)


def _without(value: Any, at: int) -> dict[str, list[Way]]:
    now = _read(value)
    gone = now["ways"][at : at + 1] if at >= 0 else []
    left = {key: [one for one in now[key] if one not in gone] for key in ("ways", "kept")}
    return {**left, "dropped": [*now["dropped"], *gone]}


def _drawn(services: Services, now: Mapping[str, list[Way]], spoken: str, limits: tuple[int, int]) -> Shown:
    ways = now["ways"]
    html = ways_html(names_of(ways, spoken), problems_of(services, ways, spoken), limits, spoken)
    return {**{key: written(now[key]) for key in ("ways", "kept", "dropped")}, "html": html}


def _readable(value: Any) -> Any:
    """A list that a browser kept, perhaps of another version; nothing where it cannot be read."""
    try:
        _read(value)
    except BadColumns:
        return {}
    return value


def _read(value: Any) -> dict[str, list[Way]]:
    told = value if isinstance(value, Mapping) else {}
    return {key: list(read_ways(told.get(key) or [])) for key in ("ways", "kept", "dropped")}

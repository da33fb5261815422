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

from app.compare.grid_choices import Choices, offered
from app.compare.possible import Common, problems_of
from app.compare.show_ways import ways_html
from app.compare.ways import AXES, Way, names_of, read_ways, ways_of, written
from app.errors import BadColumns, shown
from app.forms import MOST_PASSAGES, option_components, read_options, read_passages, technique_choices
from app.language import label
from app.parts import Choice, bare, private
from app.services import Services
from app.settings import DEFAULT_PASSAGES, WITH_EXAMPLES, WITH_TEMPLATE
from chains.compare.experiment import GREEDY

WAYS = '<div class="columns"></div>'
BEGIN: dict[str, list[Any]] = {"technique": ["zero_shot", "few_shot"], "temperature": [0.0], "template": []}
"""What is chosen at first; on every other axis the usual."""

SOMETIMES = {"examples": WITH_EXAMPLES, "template": WITH_TEMPLATE}
"""Axes that are seen where a technique uses them."""

Shown = dict[str, Any]


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

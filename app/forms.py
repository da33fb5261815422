"""Forms from declared options, and back.

The components of the generation form come from the metadata of GenerationOptions: add a field there, and it
is on the screen. What comes back from a client is checked here, whatever the component allowed.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, fields
from typing import Any

import gradio as gr
from gradio.components import Component

from adapters.spec import GenerationOptions
from app.adapter_mix import DEFAULT_SHARE, mix_of
from app.errors import BadOption, TooLong, TooManyExamples
from app.language import label
from app.locales import pick, say
from app.settings import DEFAULT_PASSAGES, DEFAULT_RETRIEVER, WITH_EXAMPLES, WITH_TEMPLATE
from chains.examples import MOST_BYTES, MOST_EXAMPLES
from chains.question import Example
from chains.techniques import techniques
from vectorstore import retrievers

LONGEST_SYSTEM = 20_000
LONGEST_NAME = 200
MOST_PASSAGES = 20
DEFAULT_TECHNIQUE = "zero_shot"


@dataclass(frozen=True)
class Settings:
    """What the settings panel says, checked."""

    technique: str
    template: str | None
    collection: str | None
    retriever: str
    passages: int
    adapter: str | None
    system: str | None
    examples: tuple[Example, ...] | None
    options: GenerationOptions


def option_components(without: Sequence[str] = ()) -> dict[str, Component]:
    """One component for each generation option but those, by the option's name."""
    named = [option for option in fields(GenerationOptions) if option.name not in without]
    return {option.name: _component(option) for option in named}


def read_settings(values: Mapping[str, Any]) -> Settings:
    """The panel's values by name, as a client sent them. Raises BadOption, TooLong or TooManyExamples."""
    system = str(values.get("system") or "").strip()
    if len(system) > LONGEST_SYSTEM:
        raise TooLong(most=LONGEST_SYSTEM)
    chosen = str(values.get("technique") or DEFAULT_TECHNIQUE)
    return Settings(
        technique=chosen,
        template=(str(values.get("template") or "") or None) if chosen in WITH_TEMPLATE else None,
        collection=str(values.get("collection") or "") or None,
        retriever=str(values.get("retriever") or DEFAULT_RETRIEVER),
        passages=read_passages(values.get("passages")),
        adapter=mix_of(*(values.get(name) for name in ("adapter", "second_adapter", "adapter_share"))),
        system=system or None,
        examples=read_examples(values.get("examples")) if chosen in WITH_EXAMPLES else None,
        options=read_options(values),
    )


def read_options(values: Mapping[str, Any]) -> GenerationOptions:
    """The generation options among `values`. Raises BadOption, which names the field and its range."""
    checked: dict[str, Any] = {option.name: _checked(option, values) for option in fields(GenerationOptions)}
    return GenerationOptions(**checked)


def read_examples(rows: object) -> tuple[Example, ...] | None:
    """Rows of [question, answer] as examples; empty rows are left out. None where nothing was said.

    Raises TooManyExamples.
    """
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        return None
    pairs = [row for row in rows if isinstance(row, Sequence) and not isinstance(row, str) and len(row) == 2]
    told = [(str(question or ""), str(answer or "")) for question, answer in pairs]
    examples = tuple(Example(*pair) for pair in told if any(part.strip() for part in pair))
    size = sum(
        len(part.encode("utf-8", "replace")) for one in examples for part in (one.question, one.answer)
    )
    if len(examples) > MOST_EXAMPLES or size > MOST_BYTES:
        raise TooManyExamples(most=MOST_EXAMPLES, kilobytes=MOST_BYTES // 1000)
    return examples or None


def restored(
    saved: object, collections: Sequence[str], templates: Sequence[str] = ()
) -> dict[str, str | float | None]:
    """What the browser remembered, as far as it is still true; the default for everything else."""
    values = saved if isinstance(saved, Mapping) else {}
    kept: dict[str, str | float | None] = {
        "technique": _one_of(values.get("technique"), list(techniques()), DEFAULT_TECHNIQUE),
        "template": _one_of(values.get("template"), templates, ""),
        "collection": _one_of(values.get("collection"), collections, ""),
        "retriever": _one_of(values.get("retriever"), retrievers.keys(), DEFAULT_RETRIEVER),
        "adapter": str(values.get("adapter") or "")[:LONGEST_NAME],
        "second_adapter": str(values.get("second_adapter") or "")[:LONGEST_NAME],
        "adapter_share": _share(values.get("adapter_share")),
        "system": str(values.get("system") or "")[:LONGEST_SYSTEM],
    }
    for option in fields(GenerationOptions):
        kept[option.name] = _restored(lambda option=option: _checked(option, values), option.default)
    kept["passages"] = _restored(lambda: read_passages(values.get("passages")), DEFAULT_PASSAGES)
    return kept


def restored_examples(saved: object) -> list[list[str]]:
    """The rows of examples the browser remembered; none where they cannot be read."""
    rows = saved.get("examples") if isinstance(saved, Mapping) else None
    try:
        return [[one.question, one.answer] for one in read_examples(rows) or ()]
    except TooManyExamples:
        return []


def technique_choices(language: str) -> list[tuple[str, str]]:
    """(name on the screen, key) of every technique."""
    return [(pick(one.label, language), key) for key, one in techniques().items()]


def template_choices(names: Sequence[str], language: str) -> list[tuple[str, str]]:
    """The technique's own, then every template."""
    return [(say("panel.no_template", language), ""), *((name, name) for name in names)]


def retriever_choices(language: str) -> list[tuple[str, str]]:
    """(name on the screen, key) of every retriever, the usual one first."""
    keys = sorted(retrievers.keys(), key=lambda key: (key != DEFAULT_RETRIEVER, key))
    return [(pick(retrievers.get(key).label, language), key) for key in keys]


def collection_choices(names: Sequence[str], language: str) -> list[tuple[str, str]]:
    """No documents, then every collection."""
    return [(say("panel.no_collection", language), ""), *((name, name) for name in names)]


def _component(option: Field[Any]) -> Component:
    shared: dict[str, Any] = {
        "label": label(f"option.{option.name}.label"),
        "info": label(f"option.{option.name}.help"),
    }
    low, high, step = (option.metadata[name] for name in ("low", "high", "step"))
    default: Any = option.default
    if default is None:
        return gr.Number(None, precision=0, step=step, **shared)  # Gradio's own range speaks only English
    return gr.Slider(low, high, default, step=step, buttons=[], **shared)


def _checked(option: Field[Any], values: Mapping[str, Any]) -> Any:
    value = values.get(option.name, option.default)
    if value is None or value == "":
        return option.default
    low, high, step = (option.metadata[name] for name in ("low", "high", "step"))
    wrong = BadOption(label=option.metadata["label"], low=low, high=high)
    number = _number(value, wrong)
    if not low <= number <= high:
        raise wrong
    return round(number) if isinstance(step, int) else number


def read_passages(value: object) -> int:
    """How many passages, as a client sent it. Raises BadOption."""
    label_ = {"en": "Passages", "ko": "문단 수"}
    wrong = BadOption(label=label_, low=1, high=MOST_PASSAGES)
    number = _number(DEFAULT_PASSAGES if value is None else value, wrong)
    if not 1 <= number <= MOST_PASSAGES:
        raise wrong
    return round(number)


def _share(value: object) -> float:
    return value if isinstance(value, float) and 0 < value < 1 else DEFAULT_SHARE


def _number(value: object, wrong: BadOption) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise wrong
    try:
        number = float(value)
    except ValueError:
        raise wrong from None
    if not math.isfinite(number):
        raise wrong
    return number


def _restored(read: Any, default: Any) -> Any:
    try:
        return read()
    except BadOption:
        return default


def _one_of(value: object, known: Sequence[str], default: str) -> str:
    return value if isinstance(value, str) and value in known else default

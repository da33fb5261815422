"""The texts on their way into Gradio: translated in the browser where they are labels.

`label(key)` is a text whose language the browser chooses; `translations()` is what `launch(i18n=…)` wants.
What techniques, retrievers and options call themselves joins the locale files here.
"""

from collections.abc import Iterator
from dataclasses import fields

import gradio as gr
from gradio.i18n import I18nData

from adapters.spec import GenerationOptions, Text
from app.locales import languages, pick, texts
from chains.compare.fields import FIELDS, LETTERS, field_label
from chains.techniques import techniques


def label(key: str) -> I18nData:
    """The text of `key` in the browser's language. Raises KeyError where no such text exists."""
    if key not in declared() and key not in texts("en"):
        raise KeyError(key)
    return I18nData(key)


def translations() -> gr.I18n:
    """Every text in every language."""
    return gr.I18n(
        **{
            language: {**texts(language), **{key: pick(text, language) for key, text in declared().items()}}
            for language in languages()
        }
    )


def declared() -> dict[str, Text]:
    """The texts that are kept where the thing they name is declared, by the keys the screen uses."""
    return dict(_declared())


def _declared() -> Iterator[tuple[str, Text]]:
    for key, technique in techniques().items():
        yield f"technique.{key}.label", technique.label
        yield f"technique.{key}.help", technique.help
        if technique.retrieval_note is not None:
            unfit = "without" if technique.retrieval == "needed" else "with"
            yield f"technique.{key}.{unfit}_collection", technique.retrieval_note
    for field in (*FIELDS, *LETTERS):
        yield f"set_field.{field}", field_label(field)
    for option in fields(GenerationOptions):
        yield f"option.{option.name}.label", option.metadata["label"]
        yield f"option.{option.name}.help", option.metadata["help"]

"""What precisions and engines are called on the screen: each says so in its own file."""

import importlib
import pkgutil

import adapters.engines
from adapters.precision import AUTO, precisions
from adapters.spec import DEFAULT_MODEL, ModelSpec
from app.locales import pick, say
from app.model_state import Answering


def answering_names(answering: Answering | None, language: str) -> list[str]:
    """Model, precision and engine: ["SmolLM2-135M-Instruct", "bfloat16", "transformers"]; [] for none."""
    if answering is None:
        return []
    spec = answering.spec
    return [spec.id, precision_name(spec.precision, language), engine_name(answering.engine, language)]


def called(spec: ModelSpec, beside: ModelSpec | None, language: str) -> str:
    """A model in a sentence; with its precision where it is the same model as the one `beside` it."""
    if spec.id == DEFAULT_MODEL:
        return say("models.default", language)
    if beside is None or beside.id != spec.id:
        return spec.id
    chosen_here = spec.precision == AUTO
    precision = say("models.auto", language) if chosen_here else precision_name(spec.precision, language)
    return f"{spec.id} ({precision})"


def once(precision: str, engine: str) -> list[str]:
    """Both names; the engine's only where the precision does not name it already: "int8 (OpenVINO)"."""
    return [precision] if not engine or engine in precision else [precision, engine]


def precision_name(key: str, language: str) -> str:
    """The label of a precision; its key where this Maru does not know it (a server's own)."""
    known = precisions()
    return pick(known[key].label, language) if key in known else key


def engine_name(key: str, language: str) -> str:
    """The short label of an engine, "OpenVINO" of "OpenVINO (fast on processors)"; its key where this Maru
    does not know it."""
    if key not in {found.name for found in pkgutil.iter_modules(adapters.engines.__path__)}:
        return key
    file = importlib.import_module(f"adapters.engines.{key}")
    return pick(file.label, language).split(" (")[0] if hasattr(file, "label") else key

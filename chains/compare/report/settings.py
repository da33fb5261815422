"""How a column answers, in a line; and what of a results document may be shown without texts."""

from collections.abc import Mapping
from typing import Any

from chains.compare.report.words import Words
from chains.techniques import techniques

_TEXTS = ("examples", "questions")


def brief(settings: Mapping[str, Any], words: Words) -> str:
    """Technique, model, precision, adapter, where passages come from, template and examples."""
    known = techniques().get(settings["technique"])
    parts = [words.of(dict(known.label)) if known else settings["technique"]]
    if settings["model"] != "default":
        parts.append(settings["model"])
    if settings["precision"] != "auto":
        parts.append(settings["precision"])
    if settings["adapter"]:
        parts.append(words("adapter", name=settings["adapter"]))
    if settings["passage"]:
        parts.append(words("gold_passage"))
    if settings["collection"]:
        parts.append(words("ranks", **{key: settings[key] for key in ("collection", "retriever", "k")}))
    if settings["template"]:
        template = settings["template"]
        parts.append(words("template", name=template["name"], version=template["version"]))
    if settings["examples"]:
        one = settings["examples"]
        parts.append(words("examples", n=one["count"], mark=one["fingerprint"]))
    return " · ".join(parts)


def options(settings: Mapping[str, Any], words: Words) -> str:
    """How it samples, and what really answered."""
    values = dict(settings["options"])
    if values.get("seed") is None:
        values["seed"] = words("random_seed")
    answered = (words("answered_by", **one) for one in settings.get("answered_by", ()))
    return " · ".join([words("options", **values), *answered])


def public(results: Mapping[str, Any], texts: bool) -> dict[str, Any]:
    """The results; without `texts`, whatever the specification itself spells out of questions is left out."""
    found = dict(results)
    if not texts:
        found["specification"] = _without_texts(found["specification"])
    return found


def _without_texts(part: Any) -> Any:
    if isinstance(part, Mapping):
        kept = {key: value for key, value in part.items() if key not in _TEXTS or isinstance(value, str)}
        return {key: _without_texts(value) for key, value in kept.items()}
    return [_without_texts(one) for one in part] if isinstance(part, list) else part

"""What the operator chose to answer, across restarts: a small file in the data home.

Only what an administrator does writes it; a visitor's adapter or settings stay in the visitor's browser.
"""

import json
import logging
from dataclasses import dataclass
from pathlib import Path

from adapters.spec import ModelSpec

VERSION = 1
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Chosen:
    """The model, its precision and context as they were asked for, and the adapters that were loaded with
    it."""

    spec: ModelSpec
    adapters: tuple[str, ...] = ()


def recall(file: Path) -> Chosen | None:
    """What was chosen last; None where nothing was, or the file cannot be read, which is logged."""
    try:
        return _read(json.loads(file.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("what was chosen last cannot be read from %s: %r", file, error)
        return None


def remember(file: Path, chosen: Chosen) -> None:
    """Writes it, whole or not at all. A disk that refuses is logged: the model answers nonetheless."""
    told = {
        "version": VERSION,
        "model": chosen.spec.id,
        "precision": chosen.spec.precision,
        "context": chosen.spec.context,
        "adapters": list(chosen.adapters),
    }
    aside = file.with_suffix(".part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(json.dumps(told, indent=1, ensure_ascii=False), "utf-8")
        aside.replace(file)
    except OSError as error:
        log.warning("what was chosen cannot be written to %s: %s", file, error)


def _read(told: dict[str, object]) -> Chosen:
    model, precision, context = told["model"], told["precision"], told["context"]
    adapters = told["adapters"]
    if told["version"] != VERSION or not isinstance(model, str) or not isinstance(precision, str):
        raise ValueError("not of this version")
    if context is not None and (not isinstance(context, int) or isinstance(context, bool) or context < 1):
        raise ValueError(f"context: {context!r}")
    if not isinstance(adapters, list) or not all(isinstance(name, str) for name in adapters):
        raise ValueError(f"adapters: {adapters!r}")
    return Chosen(ModelSpec(model, precision, context=context), tuple(adapters))

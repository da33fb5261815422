"""What the operator chose to answer, across restarts: a small file in the data home.

Only what an administrator does writes it; a visitor's adapter or settings stay in the visitor's browser.
"""

import json
import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from adapters.spec import ModelSpec
from chains.kept_files import write_whole

VERSION = 2
FIRST_VERSION = 1
"""It had one list of adapters, those of the model that was chosen."""

Names = tuple[str, ...]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Chosen:
    """The model, its precision and context as they were asked for (None: the default ones), and for each
    model's id the adapters that were loaded with it."""

    spec: ModelSpec | None = None
    adapters: Mapping[str, Names] = field(default_factory=dict)


class LastChoice:
    """What was chosen last, kept in `file`; without one only while the process lives. Safe to use from any
    thread."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._chosen = (recall(file) if file is not None else None) or Chosen()

    @property
    def spec(self) -> ModelSpec | None:
        """The model as it was asked for; None where nobody chose one."""
        return self._chosen.spec

    def adapters(self, model: str) -> Names:
        """The adapters that were loaded with the model of that id."""
        return self._chosen.adapters.get(model, ())

    def choose(self, spec: ModelSpec) -> None:
        """Another model; what was loaded with each stays."""
        self._write(lambda chosen: replace(chosen, spec=spec))

    def keep(self, model: str, change: Callable[[Sequence[str]], Iterable[str]]) -> None:
        """Which adapters are loaded with that model; which model was chosen is another matter."""
        self._write(lambda chosen: _with(chosen, {model: tuple(change(chosen.adapters.get(model, ())))}))

    def forget(self, adapter: str) -> None:
        """An adapter that is gone, with whatever model it was loaded."""

        def without(chosen: Chosen) -> Chosen:
            return _with(
                chosen,
                {
                    model: tuple(name for name in names if name != adapter)
                    for model, names in chosen.adapters.items()
                },
            )

        self._write(without)

    def forget_model(self, id: str) -> None:
        """A model that is on the list no more, with its adapters: the next start does without it."""

        def without(chosen: Chosen) -> Chosen:
            kept = None if chosen.spec is not None and chosen.spec.id == id else chosen.spec
            return _with(replace(chosen, spec=kept), {id: ()})

        self._write(without)

    def _write(self, change: Callable[[Chosen], Chosen]) -> None:
        with self._lock:
            before, self._chosen = self._chosen, change(self._chosen)
            if self._file is not None and self._chosen != before:
                remember(self._file, self._chosen)


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
    spec = chosen.spec
    told = {
        "version": VERSION,
        "model": spec and spec.id,
        "precision": spec and spec.precision,
        "context": spec and spec.context,
        "adapters": {model: list(names) for model, names in chosen.adapters.items()},
    }
    try:
        write_whole(file, json.dumps(told, indent=1, ensure_ascii=False))
    except OSError as error:
        log.warning("what was chosen cannot be written to %s: %s", file, error)


def _with(chosen: Chosen, changed: Mapping[str, Names]) -> Chosen:
    adapters = {model: names for model, names in {**chosen.adapters, **changed}.items() if names}
    return replace(chosen, adapters=adapters)


def _read(told: dict[str, object]) -> Chosen:
    if told["version"] not in (FIRST_VERSION, VERSION):
        raise ValueError("not of this version")
    spec = _spec(told)
    adapters = told["adapters"]
    if told["version"] == FIRST_VERSION and spec is not None:
        adapters = {spec.id: adapters}
    if not isinstance(adapters, dict):
        raise ValueError(f"adapters: {adapters!r}")
    return Chosen(spec, {model: _names(names) for model, names in adapters.items() if names != []})


def _spec(told: dict[str, object]) -> ModelSpec | None:
    model, precision, context = told["model"], told["precision"], told["context"]
    if model is None and told["version"] == VERSION:
        return None
    if not isinstance(model, str) or not isinstance(precision, str):
        raise ValueError(f"model and precision: {model!r}, {precision!r}")
    if context is not None and (not isinstance(context, int) or isinstance(context, bool) or context < 1):
        raise ValueError(f"context: {context!r}")
    return ModelSpec(model, precision, context=context)


def _names(names: object) -> Names:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"adapters: {names!r}")
    return tuple(names)

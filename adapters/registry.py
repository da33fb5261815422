"""models.json: the models that somebody added to this machine, in JSON of our own.

It is checked when it is read, and a damaged file is never written over: what it still says may be all that
its owner has.
"""

import json
import os
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_args

from adapters.entry import NAME, REPOSITORY, REVISION, Kind
from adapters.errors import RegistryDamaged

FILE = "models.json"
VERSION = 1
MOST_BYTES = 4_000_000


@dataclass(frozen=True)
class Registered:
    """One added model, as it stands in the file; see `adapters.entry.ModelEntry`."""

    id: str
    kind: Kind
    location: str
    revision: str | None = None
    parameters: int = 0
    bytes: int = 0
    context_length: int = 0
    server_model: str = ""
    key_env: str = ""
    own_template: bool = True


def registry_file(models: Path) -> Path:
    """Where it lies: beside the folder of the converted models."""
    return models.parent / FILE


def registered(models: Path) -> list[Registered]:
    """All added models. Raises RegistryDamaged."""
    file = registry_file(models)
    try:
        if file.stat().st_size > MOST_BYTES:
            raise ValueError("too large")
        written = json.loads(file.read_text(encoding="utf-8"))
        if written["version"] != VERSION:
            raise ValueError(f"version {written['version']}")
        read = [_checked(one) for one in written["models"]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RegistryDamaged(path=file, cause=error) from error
    return read


def change(models: Path, changed: Callable[[list[Registered]], Sequence[Registered]]) -> None:
    """Writes what `changed` makes of the present list: whole or not at all, one process at a time.

    Raises RegistryDamaged, and then leaves the file as it is; OSError.
    """
    from filelock import FileLock

    file = registry_file(models)
    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(file.with_suffix(".lock")):
        listed = [_written(one) for one in changed(registered(models))]
        text = json.dumps({"version": VERSION, "models": listed}, indent=1, ensure_ascii=False)
        aside = file.with_suffix(".part")
        with aside.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(file)


def proper_id(id: str) -> bool:
    """Whether a model may be called that."""
    normal = unicodedata.normalize("NFC", id) == id
    return normal and bool(NAME.fullmatch(id) or REPOSITORY.fullmatch(id))


def _written(one: Registered) -> dict[str, Any]:
    return {field.name: getattr(one, field.name) for field in fields(one)}


def _checked(one: Any) -> Registered:
    """The entry, each field of its type. Raises TypeError, ValueError."""
    made = Registered(**one)
    for field in fields(made):
        value, kind = getattr(made, field.name), _TYPES.get(field.name, str)
        if not isinstance(value, kind) or (kind is int and (isinstance(value, bool) or value < 0)):
            raise ValueError(f"{field.name}: {value!r}")
    if made.kind not in get_args(Kind) or made.kind == "embedded" or not proper_id(made.id):
        raise ValueError(f"{made.kind} {made.id!r}")
    if made.kind == "hub" and not REPOSITORY.fullmatch(made.location):
        raise ValueError(f"{made.location!r} is no repository")
    if made.revision is not None and not REVISION.fullmatch(made.revision):
        raise ValueError(f"{made.revision!r} is no revision")
    return made


_TYPES: dict[str, Any] = {
    "revision": (str, type(None)),
    "parameters": int,
    "bytes": int,
    "context_length": int,
    "own_template": bool,
}

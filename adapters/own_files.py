"""What Maru itself put on the disk for a model: conversions of its weights, a download in the hub's cache.

A folder or a .gguf file that somebody added is theirs, and never among it.
"""

import shutil
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from adapters.download import cached_folder
from adapters.entry import ModelEntry
from adapters.registry import registered

Kind = Literal["converted", "downloaded"]
KINDS: tuple[Kind, ...] = ("converted", "downloaded")
CONVERTED: tuple[Kind, ...] = ("converted",)
"""Of these nobody but Maru makes use: the hub's cache is shared with every program on the machine."""


@dataclass(frozen=True)
class OwnFiles:
    """One folder, and the bytes in it."""

    kind: Kind
    path: Path
    bytes: int


@dataclass(frozen=True)
class Removed:
    """What became of a removed model's own files."""

    deleted: tuple[OwnFiles, ...] = ()
    kept: tuple[OwnFiles, ...] = ()


def own_files(entry: ModelEntry, folder: Path) -> tuple[OwnFiles, ...]:
    """What lies there for a model and for no other one that was added. `folder` holds the converted ones."""
    others = (one for one in registered(folder) if one.id != entry.id)
    if any(one.location == entry.location for one in others):
        return ()
    return tuple(OwnFiles(kind, path, _bytes(path)) for kind, path in _places(entry, folder) if path.is_dir())


def delete(files: Sequence[OwnFiles], kinds: Collection[Kind]) -> Removed:
    """Deletes those of the given kinds; what cannot be deleted counts as kept."""
    for one in files:
        if one.kind in kinds:
            shutil.rmtree(one.path, ignore_errors=True)
    gone = tuple(one for one in files if not one.path.exists())
    return Removed(gone, tuple(one for one in files if one not in gone))


def _places(entry: ModelEntry, folder: Path) -> Iterator[tuple[Kind, Path]]:
    source = _source_folder(entry, folder)
    if source is None:
        return
    if source.is_dir():
        from adapters.openvino.agreement import LIMITS
        from adapters.openvino.store import place

        yield from (("converted", place(source, folder, bits)) for bits in LIMITS)
    if entry.kind == "gguf":
        yield "converted", source
    if entry.kind == "hub":
        yield "downloaded", source.parent.parent


def _source_folder(entry: ModelEntry, folder: Path) -> Path | None:
    """Where the model's safetensors lie or would lie; None where that cannot be told any more."""
    if entry.kind == "hub":
        return cached_folder(entry.location, entry.revision)
    if entry.kind == "server" or not Path(entry.location).exists():
        return None
    if entry.kind == "folder":
        return Path(entry.location)
    from adapters.gguf_file import converted

    return converted(Path(entry.location), folder)


def _bytes(folder: Path) -> int:
    """The hub's cache links from its snapshots to the files: each counts once."""
    return sum(one.lstat().st_size for one in folder.rglob("*") if one.is_file() and not one.is_symlink())

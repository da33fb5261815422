"""Which files a person meant, and under what names they go into a collection."""

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from vectorstore.errors import VectorstoreError
from vectorstore.scripts import nfc, whole


@dataclass(frozen=True)
class Source:
    """A file and the name it goes in under. `error`: why it cannot even be looked at."""

    path: Path
    name: str
    error: VectorstoreError | None = None


def expand(paths: Iterable[Path | str | tuple[Path, str]]) -> list[Source]:
    """Files as they are, folders as all their files but the hidden ones, in order of name, none twice.

    Files of the same name and different content are told apart by as many parent folders as it takes.
    """
    found = {(source.path, source.name): source for given in paths for source in _files(given)}
    by_name = defaultdict(list)
    for source in found.values():
        by_name[source.name].append(source)
    return [_qualified(source, by_name[source.name]) for source in found.values()]


def _files(given: Path | str | tuple[Path, str]) -> Iterator[Source]:
    if isinstance(given, tuple):
        yield Source(Path(given[0]), _clean(given[1]))
        return
    path = Path(os.path.abspath(given))  # noqa: PTH100 (resolve() would follow links, and change the name)
    if not path.is_dir():
        yield Source(path, _clean(path.name))
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                file = Path(folder, name)
                yield Source(file, _clean(file.relative_to(path.parent).as_posix()))


def _qualified(source: Source, namesakes: list[Source]) -> Source:
    if len({_content(other.path) for other in namesakes}) < 2:
        return source
    parts = source.path.parts
    for depth in range(2, len(parts) + 1):
        name = "/".join(parts[-depth:])
        if all(other is source or "/".join(other.path.parts[-depth:]) != name for other in namesakes):
            return replace(source, name=_clean(name))
    return source


def _content(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        return str(path)


def _clean(name: str) -> str:
    """Composed Unicode that SQLite can hold; an odd name stays a name."""
    return nfc(whole(name)).replace("\0", "\ufffd")

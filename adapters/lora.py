"""The LoRA adapters that lie on this machine, one folder each, in PEFT's format: what each one is, from its
files alone. Standard library only at import, so that the port may name an adapter."""

import json
import re
import shutil
import tempfile
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from adapters.errors import AdapterNotFound, AdapterUnusable
from adapters.spec import Text

if TYPE_CHECKING:
    from adapters.checkpoint import Checkpoint
    from adapters.lora_check import Findings
    from adapters.lora_config import LoraSettings

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"

SPACE = re.compile(r"\s")
NAME = re.compile(r"[A-Za-z0-9가-힣][A-Za-z0-9가-힣_-]{0,63}")
"""What an adapter may be called: nothing in it is a path, a weight or a shell word."""

ASIDE = ".maru-adapter."
"""How the folders begin in which an adapter is put together or taken apart, out of everybody's sight."""

ABANDONED_S = 3600.0
LARGEST_MIX = 8
HIGHEST_WEIGHT = 4.0
WEIGHT_STEP = 0.05
"""Weights are rounded to it: a mix costs a pipeline, or adapter weights of its own, and whoever asks must not
be able to make endless new ones."""

Mix = tuple[tuple[str, float], ...]
"""Adapters that work together, each with a weight: (("poet", 0.5), ("pirate", 0.5)); () is the bare model."""


@dataclass(frozen=True)
class LoraAdapter:
    """One adapter that was read and found sound. `scale` is what its product B·A is multiplied with
    (alpha / rank, or alpha / √rank for rsLoRA; Hu et al. 2021, https://arxiv.org/abs/2106.09685).

    `targets` are the adapted modules, each by its full name; `uniform` says whether all have that `rank` and
    `scale` (else `rank` is the largest, and the file's own patterns count). `version` is another one when the
    files were replaced: such an adapter is not equal to the one before."""

    name: str
    folder: Path
    base: str
    rank: int
    scale: float
    targets: tuple[str, ...]
    dora: bool
    bytes: int
    uniform: bool = True
    version: tuple[int, ...] = ()


@dataclass(frozen=True)
class AdapterEntry:
    """An adapter in the list: sound and fitting (`adapter`), or the reason why it is not offered."""

    name: str
    adapter: LoraAdapter | None
    problem: Text | None


def adapters_folder(models: Path) -> Path:
    """Where adapters lie: beside the folder of the converted models."""
    return models.parent / "adapters"


def known_adapters(folder: Path) -> list[str]:
    """The names of all adapters in the folder, sound or not."""
    names = [config.parent.name for config in folder.glob(f"*/{CONFIG}")]
    return sorted(unicodedata.normalize("NFC", name) for name in names if not name.startswith("."))


def find_adapter(name: str, folder: Path) -> Path:
    """The folder of that adapter. Raises AdapterNotFound; a name never becomes a path."""
    name = unicodedata.normalize("NFC", name)
    found = [one.parent for one in folder.glob(f"*/{CONFIG}") if not one.parent.name.startswith(".")]
    for one in found:
        if unicodedata.normalize("NFC", one.name) == name:
            return one
    raise _not_found(name, folder)


def read_adapter(name: str, folder: Path, checkpoint: "Checkpoint") -> LoraAdapter:
    """The adapter of that name, checked against the model's shapes.

    Raises AdapterNotFound, or AdapterUnusable with every mismatch (one by one in `values["problems"]`).
    """
    place = find_adapter(name, folder)
    name = unicodedata.normalize("NFC", name)
    try:
        return _sound(name, place, checkpoint)
    except FileNotFoundError:  # deleted while it was read
        raise _not_found(name, folder) from None
    except OSError as error:
        raise AdapterUnusable(adapter=name, reason=_not_read(error)) from error


def list_adapters(folder: Path, checkpoint: "Checkpoint") -> list[AdapterEntry]:
    """Every adapter in the folder: ready for this model, or with the reason why not."""
    entries = []
    for name in known_adapters(folder):
        try:
            entries.append(AdapterEntry(name, read_adapter(name, folder, checkpoint), None))
        except AdapterUnusable as error:
            entries.append(AdapterEntry(name, None, error.values["reason"]))  # type: ignore[arg-type]
        except AdapterNotFound:  # deleted meanwhile
            continue
    return entries


def import_adapter(
    source: Path, name: str, folder: Path, checkpoint: "Checkpoint", base: str | None = None
) -> LoraAdapter:
    """Copies an adapter from a folder anywhere on this machine into `folder`, once it is found sound.

    `base` is the id of the model it belongs to: it replaces the path that PEFT noted at training. Raises
    AdapterUnusable, and then leaves nothing behind.
    """
    name = unicodedata.normalize("NFC", name.strip())
    _check_name(name)
    if name in known_adapters(folder) or (folder / name).exists():
        raise AdapterUnusable(adapter=name, reason=TAKEN)
    try:
        _sound(name, source, checkpoint)  # before anything large is copied
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        _copy(source, name, folder, checkpoint, base)
    except OSError as error:
        raise AdapterUnusable(adapter=name, reason=_not_copied(error)) from error
    return read_adapter(name, folder, checkpoint)


def remove_adapter(name: str, folder: Path) -> None:
    """Deletes the adapter's files. Raises AdapterNotFound, or AdapterUnusable when the disk refuses.

    Detach it from the engine first.
    """
    place = find_adapter(name, folder)
    try:
        if place.is_symlink():
            place.unlink()
            return
        aside = Path(tempfile.mkdtemp(prefix=ASIDE, dir=folder))
        place.rename(aside / "adapter")  # gone from the list at once, whole
        shutil.rmtree(aside)
    except OSError as error:
        raise AdapterUnusable(adapter=name, reason=_not_removed(error)) from error


def read_mix(text: str | None) -> Mix:
    """What "poet" or "poet:0.5+pirate:0.5" means; empty is the bare model. Weights are rounded to steps of
    0.05.

    Raises AdapterUnusable, saying how it is written. Whether the adapters exist is told by `read_adapter`.
    """
    if not text or not text.strip():
        return ()
    parts = [_part(part, text) for part in text.split("+")]
    names = [name for name, _ in parts]
    if len(set(names)) < len(names):
        raise AdapterUnusable(adapter=_short(text), reason=TWICE)
    if len(parts) > LARGEST_MIX:
        raise AdapterUnusable(adapter=_short(text), reason=TOO_MANY)
    return tuple(parts)


def mix_key(mix: Mix) -> str:
    """One name for a mix: "poet:0.5+pirate:0.5"; a single adapter at full weight is just its name."""
    if len(mix) == 1 and mix[0][1] == 1.0:
        return mix[0][0]
    return "+".join(f"{name}:{weight:g}" for name, weight in mix)


def mix_names(mixes: Sequence[Mix]) -> set[str]:
    """All adapters that the mixes name."""
    return {name for mix in mixes for name, _ in mix}


def _part(part: str, whole: str) -> tuple[str, float]:
    name, colon, weight = (one.strip() for one in part.partition(":"))
    name = unicodedata.normalize("NFC", name)
    if not NAME.fullmatch(name):
        raise AdapterUnusable(adapter=_short(whole), reason=SPACED if SPACE.search(name) else NAMED)
    if not colon:
        return name, 1.0
    try:
        value = float(weight)
    except ValueError:
        raise AdapterUnusable(adapter=_short(whole), reason=WEIGHED) from None
    if not 0 < value <= HIGHEST_WEIGHT or (steps := round(value / WEIGHT_STEP)) == 0:
        raise AdapterUnusable(adapter=_short(whole), reason=WEIGHED)
    return name, round(steps * WEIGHT_STEP, 2)


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise AdapterUnusable(adapter=_short(name), reason=SPACED if SPACE.search(name) else NAMED)


def _sound(name: str, place: Path, checkpoint: "Checkpoint") -> LoraAdapter:
    from adapters.lora_check import examine

    _check_name(name)
    findings = examine(place, checkpoint)
    if findings.problems or findings.settings is None:
        reason = {
            language: "; ".join(problem[language] for problem in findings.problems) + "."
            for language in ("en", "ko")
        }
        raise AdapterUnusable(adapter=name, reason=reason, problems=findings.problems)
    return _adapter(name, place, findings, findings.settings)


def _adapter(name: str, place: Path, findings: "Findings", settings: "LoraSettings") -> LoraAdapter:
    from adapters.lora_check import file_version

    ranks = {settings.rank_of(module) for module in findings.modules}
    scales = {settings.scale_of(module) for module in findings.modules}
    return LoraAdapter(
        name=name,
        folder=place,
        base=_public(settings.base),
        rank=max(ranks),
        scale=max(scales),
        targets=findings.modules,
        dora=settings.dora,
        bytes=(place / WEIGHTS).stat().st_size,
        uniform=len(ranks) == len(scales) == 1,
        version=file_version(place / WEIGHTS) + file_version(place / CONFIG),
    )


def _public(base: str) -> str:
    """The base model's name without the folders of the machine it was trained on."""
    return PurePath(base).name if base.startswith(("/", "~", ".")) or "\\" in base else base


def _copy(source: Path, name: str, folder: Path, checkpoint: "Checkpoint", base: str | None) -> None:
    aside = Path(tempfile.mkdtemp(prefix=ASIDE, dir=folder))
    try:
        for file in (CONFIG, WEIGHTS):
            shutil.copyfile(source / file, aside / file)
        if base is not None:
            _write_base(aside / CONFIG, base)
        aside.chmod(0o755)
        _sound(name, aside, checkpoint)
        aside.rename(folder / name)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Deletes what a killed process left aside: folders in which nothing was written for an hour."""
    for aside in folder.glob(f"{ASIDE}*"):
        try:
            written = max(path.lstat().st_mtime for path in (aside, *aside.iterdir()))
        except OSError:  # another process is done with it, or it is no folder
            continue
        if time.time() - written > ABANDONED_S and not aside.is_symlink():
            shutil.rmtree(aside, ignore_errors=True)


def _write_base(path: Path, base: str) -> None:
    config = json.loads(path.read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = base
    path.write_text(json.dumps(config, indent=2, ensure_ascii=False), encoding="utf-8")


def _not_found(name: str, folder: Path) -> AdapterNotFound:
    return AdapterNotFound(adapter=_short(name), known=", ".join(known_adapters(folder)) or "–")


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"


SPACED: Text = {
    "en": "there is a space in its name, and an adapter's name has only letters, digits, - and _. Write - or "
    "_ in the space's place.",
    "ko": "이름에 공백이 있어요. 어댑터 이름에는 글자, 숫자, -, _만 쓸 수 있으니 "
    "공백 대신 -나 _를 써 주세요.",
}
NAMED: Text = {
    "en": "an adapter's name has up to 64 letters, digits, - and _. Several are joined with +, each with its "
    "weight after a colon: poet:0.5+pirate:0.5",
    "ko": "어댑터 이름에는 글자, 숫자, -, _만 64자까지 쓸 수 있어요. "
    "여러 개는 +로 잇고 비중은 쌍점 뒤에 적어요: poet:0.5+pirate:0.5",
}
WEIGHED: Text = {
    "en": f"a weight is a number from {WEIGHT_STEP:g} to {HIGHEST_WEIGHT:g}, as in poet:0.5",
    "ko": f"비중은 {WEIGHT_STEP:g} 이상 {HIGHEST_WEIGHT:g} 이하인 숫자예요. 예: poet:0.5",
}
TWICE: Text = {"en": "the same adapter is named twice.", "ko": "같은 어댑터를 두 번 적었어요."}
TOO_MANY: Text = {
    "en": f"up to {LARGEST_MIX} adapters can work together.",
    "ko": f"함께 쓸 수 있는 어댑터는 {LARGEST_MIX}개까지예요.",
}
TAKEN: Text = {
    "en": "there is one of that name already. Choose another name, or remove the old one first.",
    "ko": "같은 이름의 어댑터가 이미 있어요. 다른 이름을 쓰거나 먼저 지워 주세요.",
}


def _not_read(error: OSError) -> Text:
    return {
        "en": f"its files could not be read ({error.strerror or type(error).__name__}).",
        "ko": f"파일을 읽지 못했어요({error.strerror or type(error).__name__}).",
    }


def _not_copied(error: OSError) -> Text:
    return {
        "en": f"its files could not be copied ({error.strerror or error}).",
        "ko": f"파일을 복사하지 못했어요({error.strerror or error}).",
    }


def _not_removed(error: OSError) -> Text:
    return {
        "en": f"its files could not be deleted ({error.strerror or error}).",
        "ko": f"파일을 지우지 못했어요({error.strerror or error}).",
    }

"""The LoRA adapters that lie on this machine, one folder each, in PEFT's format: what each one is, from its
files alone. Standard library only at import, so that the port may name an adapter."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.errors import AdapterNotFound, AdapterUnusable
from adapters.spec import Text

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"

Mix = tuple[tuple[str, float], ...]
"""Adapters that work together, each with its weight: (("poet", 0.5), ("pirate", 0.5)). () is the bare model."""


@dataclass(frozen=True)
class LoraAdapter:
    """One adapter that was read and found sound. `scale` is what its product B·A is multiplied with
    (alpha / rank, or alpha / √rank for rsLoRA; Hu et al. 2021, https://arxiv.org/abs/2106.09685)."""

    name: str
    folder: Path
    base: str
    rank: int
    scale: float
    targets: tuple[str, ...]
    dora: bool
    bytes: int


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
    """The names of all adapters in the folder."""
    return sorted(config.parent.name for config in folder.glob(f"*/{CONFIG}"))


def find_adapter(name: str, folder: Path) -> Path:
    """The folder of that adapter. Raises AdapterNotFound; a name never becomes a path."""
    known = known_adapters(folder)
    if name not in known:
        raise AdapterNotFound(adapter=name, known=", ".join(known) or "–")
    return folder / name


def mix_key(mix: Mix) -> str:
    """One name for a mix: "poet:0.5+pirate:0.5"; a single adapter at full weight is just its name."""
    if len(mix) == 1 and mix[0][1] == 1.0:
        return mix[0][0]
    return "+".join(f"{name}:{weight:g}" for name, weight in mix)


def mix_names(mixes: Sequence[Mix]) -> set[str]:
    """All adapters that the mixes name."""
    return {name for mix in mixes for name, _ in mix}


def refuse(name: str) -> None:
    """Raises AdapterUnusable: no engine attaches adapters yet."""
    reason = {
        "en": "no engine here attaches adapters yet.",
        "ko": "어댑터를 붙일 수 있는 엔진이 아직 없어요.",
    }
    raise AdapterUnusable(adapter=name, reason=reason)

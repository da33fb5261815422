"""The LoRA adapters that lie on this machine, one folder each, in PEFT's format."""

from pathlib import Path

from adapters.errors import AdapterNotFound, AdapterUnusable

CONFIG = "adapter_config.json"


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


def refuse(name: str) -> None:
    """Raises AdapterUnusable: attaching needs PEFT, which Maru does not require yet."""
    reason = {
        "en": "attaching it needs the package peft, which this version of Maru does not use.",
        "ko": "붙이려면 peft 패키지가 필요한데, 이 버전의 Maru는 아직 쓰지 않아요.",
    }
    raise AdapterUnusable(adapter=name, reason=reason)

"""One file per precision a model can be loaded in. The file's name is the key.

Each has `label` and `help` ({"en", "ko"}), `available()` (None, or the reason in both languages why it cannot
work here), `engine` (the file of adapters/engines that runs it), `load_arguments()` for transformers,
`trains_lora`, and `bytes_per_weight` of the linear layers, scales and zero points counted.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol, cast

from adapters.errors import PrecisionUnavailable
from adapters.spec import Text

AUTO = "auto"


class Precision(Protocol):
    """What a file in this folder offers."""

    label: Text
    help: Text
    trains_lora: bool
    engine: str
    bytes_per_weight: float

    def available(self) -> Text | None:
        """None, or why it cannot work on this machine."""

    def load_arguments(self) -> dict[str, Any]:
        """Arguments for transformers' `from_pretrained`."""


@cache
def precisions() -> Mapping[str, Precision]:
    """All precisions by key."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__))
    return {name: cast(Precision, importlib.import_module(f"{__name__}.{name}")) for name in names}


def resolve(key: str) -> tuple[str, Precision]:
    """The precision of that key; "auto" is bfloat16 where the device computes in it natively, else float32.

    Raises PrecisionUnavailable.
    """
    known = precisions()
    if key == AUTO:
        from adapters.machine import native_bfloat16

        key = "bfloat16" if native_bfloat16() else "float32"
    usable = ", ".join([AUTO, *(name for name, one in known.items() if one.available() is None)])
    if key not in known:
        raise PrecisionUnavailable(
            precision=key, reason={"en": "unknown", "ko": "모르는 이름"}, usable=usable
        )
    if reason := known[key].available():
        raise PrecisionUnavailable(precision=key, reason=reason, usable=usable)
    return key, known[key]

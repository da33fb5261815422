"""One file per precision a model can be loaded in. The file's name is the key.

Each has `label` and `help` ({"en", "ko"}), `available()` (None, or the reason in both languages why it cannot
work here), `engine` (the file of adapters/engines that runs it), `load_arguments()` for transformers,
`trains_lora`, and `bytes_per_weight` of the linear layers, scales and zero points counted. Where they differ
from the number type that the machine computes in, it has `bytes_per_embedding` (embeddings, norms and the
output layer stay in that), `bytes_per_key` (of the keys and values that are kept) and `bytes_per_head` (of
what stands beside them, for each token and head). `contexts` is how many prompts of full length are kept
where the memory is there (1 where it is not said), `overhead` the bytes of the engine's own code and tables.
Where not every model can be loaded in it, `unfit(folder, context)` is None, or the reason in both languages
why the one in that folder would not answer as it should.
"""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Protocol, cast

from adapters.errors import PrecisionUnavailable
from adapters.spec import Text

AUTO = "auto"
OPENVINO = "int8_openvino"


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


def unfit(precision: Precision, folder: Path, context: int) -> Text | None:
    """Why the model in that folder cannot be loaded in it with so many tokens of context, or None."""
    asked = getattr(precision, "unfit", None)
    return cast("Text | None", asked(folder, context)) if asked is not None else None


def automatic() -> Iterator[str]:
    """What "auto" means on this machine, the best first: on a processor OpenVINO's 8 bits where it is there,
    then the number type that the device computes in natively, for which torch must be asked."""
    from adapters.machine import device, fast_dtype

    openvino = precisions().get(OPENVINO)
    if openvino and device() == "cpu" and openvino.available() is None:
        yield OPENVINO
    yield fast_dtype()


def resolve(key: str) -> tuple[str, Precision]:
    """The precision of that key; "auto" is the first of `automatic()`. Raises PrecisionUnavailable."""
    known = precisions()
    if key == AUTO:
        key = next(automatic())
    if key in known and (reason := known[key].available()) is None:
        return key, known[key]
    usable = ", ".join([AUTO, *(name for name, one in known.items() if one.available() is None)])
    unknown = {"en": "unknown", "ko": "모르는 이름"}
    raise PrecisionUnavailable(precision=key, reason=reason if key in known else unknown, usable=usable)

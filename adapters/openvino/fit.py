"""Whether every tensor of a LoRA adapter will be used. OpenVINO GenAI multiplies where it finds a layer of
that name and only prints a warning where it does not; here that is an error, before anything is loaded."""

import json
import re
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

from adapters.errors import AdapterUnusable
from adapters.lora import WEIGHTS, LoraAdapter
from adapters.spec import Text

TENSOR = re.compile(r"base_model\.model\.(?P<layer>.+)\.lora_(?P<half>[AB])\.weight")
BLOCK = 1 << 20
MOST_NAMED = 3

DORA: Text = {
    "en": "it is a DoRA, and OpenVINO applies plain LoRA only. "
    "Choose a precision of the transformers engine.",
    "ko": "DoRA 어댑터인데, OpenVINO는 일반 LoRA만 쓸 수 있어요. transformers 엔진의 정밀도를 골라 주세요.",
}
UNEVEN: Text = {
    "en": "its layers have different ranks or scales, and OpenVINO applies one scale to all. "
    "Choose a precision of the transformers engine.",
    "ko": "층마다 랭크나 배율이 다른데, OpenVINO는 하나만 쓸 수 있어요. "
    "transformers 엔진의 정밀도를 골라 주세요.",
}
UNCHANGED: Text = {
    "en": "OpenVINO loaded it, but the model answers as if it were not there.",
    "ko": "OpenVINO가 불러오긴 했지만 모델의 답이 어댑터가 없을 때와 똑같아요.",
}


def check_fit(adapter: LoraAdapter, layers: Mapping[str, Sequence[int]]) -> None:
    """Raises AdapterUnusable unless every tensor of the adapter meets one of the converted model's `layers`
    ({name: (outputs, inputs)}) in its shape."""
    if adapter.dora:
        raise AdapterUnusable(adapter=adapter.name, reason=DORA)
    if not adapter.uniform:
        raise AdapterUnusable(adapter=adapter.name, reason=UNEVEN)
    header, _ = _header(adapter.folder / WEIGHTS)
    unused = [name for name, tensor in header.items() if not _used(name, tensor["shape"], layers)]
    if unused:
        raise AdapterUnusable(adapter=adapter.name, reason=_unused(unused))


def does_nothing(adapter: LoraAdapter) -> bool:
    """Whether all its B matrices are zero, as before training: then nothing can change."""
    header, start = _header(adapter.folder / WEIGHTS)
    with (adapter.folder / WEIGHTS).open("rb") as file:
        for name, tensor in header.items():
            if (match := TENSOR.fullmatch(name)) and match["half"] == "B":
                begin, end = tensor["data_offsets"]
                file.seek(start + begin)
                if any(any(file.read(min(BLOCK, end - at))) for at in range(begin, end, BLOCK)):
                    return False
    return True


def _used(name: str, shape: Sequence[int], layers: Mapping[str, Sequence[int]]) -> bool:
    match = TENSOR.fullmatch(name)
    if match is None or match["layer"] not in layers or len(shape) != 2:
        return False
    outputs, inputs = layers[match["layer"]]
    return shape[1] == inputs if match["half"] == "A" else shape[0] == outputs


def _header(file: Path) -> tuple[dict[str, dict[str, list[int]]], int]:
    """The tensors of a safetensors file that was found sound before, and where the data begins."""
    with file.open("rb") as opened:
        (size,) = struct.unpack("<Q", opened.read(8))
        header = json.loads(opened.read(size))
    header.pop("__metadata__", None)
    return header, 8 + size


def _unused(names: Sequence[str]) -> Text:
    some = ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")
    return {
        "en": f"OpenVINO would ignore {len(names)} of its tensors ({some}). "
        "Choose a precision of the transformers engine.",
        "ko": f"텐서 {len(names)}개가 OpenVINO에서 쓰이지 않아요({some}). "
        "transformers 엔진의 정밀도를 골라 주세요.",
    }


def not_loaded(error: Exception) -> dict[str, str]:
    """What OpenVINO said of an adapter it refused, in both languages."""
    words = str(error).strip().splitlines()[-1:] or [type(error).__name__]
    return {
        "en": f"OpenVINO could not load it ({words[0]}).",
        "ko": f"OpenVINO가 불러오지 못했어요({words[0]}).",
    }

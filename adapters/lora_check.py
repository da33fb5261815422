"""Whether an adapter's files are sound and fit a model, told from their headers; every mismatch is named.

PEFT loads what it can and says little of the rest: a tensor that no module takes is dropped, a module
without tensors does nothing. Here both are reasons to refuse.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from adapters.checkpoint import Checkpoint
from adapters.lora_config import LoraSettings, read_settings
from adapters.spec import Text

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
PICKLED = ("adapter_model.bin", "adapter_model.pt", "pytorch_model.bin")
PREFIX = "base_model.model."
TENSOR = re.compile(r"base_model\.model\.(.+)\.(lora_A\.weight|lora_B\.weight|lora_magnitude_vector)")
A, B, MAGNITUDE = "lora_A.weight", "lora_B.weight", "lora_magnitude_vector"
EXPONENT = {"F32": ("<u4", 0x7F800000), "F16": ("<u2", 0x7C00), "BF16": ("<u2", 0x7F80)}
"""How a number of each type is read as an integer, and the bits that are all set in an infinity or a NaN."""

SHOWN = 4
"""So many mismatches of a kind are written out in one message; the rest is counted."""


@dataclass(frozen=True)
class Tensor:
    """A tensor of the adapter: its type and shape."""

    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Findings:
    """What was found. `problems` is empty when the adapter can be attached; `settings` and `modules` (those
    with tensors) are known as far as the files could be read."""

    settings: LoraSettings | None
    modules: tuple[str, ...]
    problems: tuple[Text, ...]


def examine(folder: Path, checkpoint: Checkpoint) -> Findings:
    """Reads the configuration and the weights' header, and compares both with the model's shapes."""
    settings, problems = read_settings(folder / CONFIG)
    tensors, damage = read_tensors(folder)
    problems += damage
    if settings is None or tensors is None:
        return Findings(settings, (), tuple(problems))
    modules = tuple(sorted({match[1] for name in tensors if (match := TENSOR.fullmatch(name))}))
    problems += _compare(settings, tensors, modules, checkpoint)
    if not problems and (bad := _broken_numbers(folder / WEIGHTS)):
        problems.append(_listing("numbers", bad))
    return Findings(settings, modules, tuple(problems))


def read_tensors(folder: Path) -> tuple[dict[str, Tensor] | None, list[Text]]:
    """The tensors by name from the header alone; None and the reason when the file is missing or damaged.

    Raises OSError where it is deleted while it is read.
    """
    from safetensors import SafetensorError, safe_open

    path = folder / WEIGHTS
    if not path.is_file():
        pickled = [name for name in PICKLED if (folder / name).exists()]
        return None, [_pickle(pickled[0]) if pickled else _missing_weights()]
    try:
        with safe_open(path, "numpy") as file:
            slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
            return {name: Tensor(s.get_dtype(), tuple(s.get_shape())) for name, s in slices.items()}, []
    except SafetensorError as error:
        return None, [_damaged(error)]
    except OSError:  # safetensors says "no such file" whatever the reason is
        if not path.is_file():  # deleted meanwhile
            raise
        return None, [_not_opened()]


def _compare(
    settings: LoraSettings, tensors: Mapping[str, Tensor], modules: Iterable[str], checkpoint: Checkpoint
) -> list[Text]:
    """All that does not fit: between the settings and the tensors, and between both and the model."""
    if not tensors:
        return [_empty()]
    linear, held = _linear(checkpoint), set(modules)
    targeted = {module for module in linear if settings.covers(module)}
    found = {
        "target_modules": _absent_targets(settings, linear),
        "layers": held - set(linear),
        "outside": (held & set(linear)) - targeted,
        "missing": _missing_tensors(settings, tensors, held | targeted),
        "unknown": [name for name in tensors if not _known(name, settings.dora)],
        "shapes": _shapes(settings, tensors, linear),
        "types": [f"{name}: {one.dtype}" for name, one in tensors.items() if one.dtype not in EXPONENT],
    }
    return [_listing(kind, sorted(names)) for kind, names in found.items() if names]


def _linear(checkpoint: Checkpoint) -> dict[str, tuple[int, ...]]:
    """The model's linear layers by name, each with its shape (out, in)."""
    return {
        name.removesuffix(".weight"): header.shape
        for name, header in checkpoint.tensors.items()
        if name.endswith(".weight") and len(header.shape) == 2 and "embed" not in name
    }


def _absent_targets(settings: LoraSettings, linear: Iterable[str]) -> list[str]:
    """The targets that no layer of the model answers to."""
    everywhere = replace(settings, excluded=(), layers=())
    names = (settings.targets,) if isinstance(settings.targets, str) else settings.targets
    single = {name: name if isinstance(settings.targets, str) else (name,) for name in names}
    return [
        name
        for name, targets in single.items()
        if not any(replace(everywhere, targets=targets).covers(module) for module in linear)
    ]


def _missing_tensors(
    settings: LoraSettings, tensors: Mapping[str, Tensor], modules: Iterable[str]
) -> list[str]:
    parts = (A, B, MAGNITUDE) if settings.dora else (A, B)
    names = [f"{module}.{part}" for module in modules for part in parts]
    return [name for name in names if f"{PREFIX}{name}" not in tensors]


def _known(name: str, dora: bool) -> bool:
    match = TENSOR.fullmatch(name)
    return match is not None and (dora or match[2] != MAGNITUDE)


def _shapes(
    settings: LoraSettings, tensors: Mapping[str, Tensor], linear: Mapping[str, tuple[int, ...]]
) -> list[str]:
    """Each tensor of another shape than the model and the rank ask for, found and expected."""
    differing = []
    for name, tensor in tensors.items():
        match = TENSOR.fullmatch(name)
        if match is None or match[1] not in linear:
            continue
        (rows, columns), rank = linear[match[1]], settings.rank_of(match[1])
        expected = {A: (rank, columns), B: (rows, rank), MAGNITUDE: (rows,)}[match[2]]
        if tensor.shape != expected:
            differing.append(f"{name.removeprefix(PREFIX)}: {_size(tensor.shape)} ≠ {_size(expected)}")
    return differing


def _size(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "1"


def _broken_numbers(path: Path) -> list[str]:
    """The tensors that hold a NaN or an infinity. A file that did not change is read once."""
    return list(_read_broken(path, file_version(path)))


def file_version(path: Path) -> tuple[int, int, int]:
    """What is another number when the file was changed or replaced: inode, modification time (ns), bytes."""
    stat = path.stat()
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


@lru_cache(maxsize=256)
def _read_broken(path: Path, _version: tuple[int, int, int]) -> tuple[str, ...]:
    import numpy

    header, start = _header(path)
    bad = []
    for name, tensor in header.items():
        integer, exponent = EXPONENT[tensor["dtype"]]
        first, end = tensor["data_offsets"]
        count = (end - first) // numpy.dtype(integer).itemsize
        bits = numpy.fromfile(path, integer, count, offset=start + first)
        if ((bits & exponent) == exponent).any():
            bad.append(name.removeprefix(PREFIX))
    return tuple(bad)


def _header(path: Path) -> tuple[dict[str, Any], int]:
    """The header of a file that safetensors has accepted, and where the numbers begin.

    numpy knows no bfloat16, and torch takes seconds to import: the bits are enough.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    return header, 8 + length


KINDS: dict[str, Text] = {
    "target_modules": {
        "en": "these target_modules are no linear layers of this model",
        "ko": "이 모델의 선형 층이 아닌 target_modules가 있어요",
    },
    "layers": {
        "en": "it was trained for layers that this model does not have",
        "ko": "이 모델에 없는 층을 학습한 어댑터예요",
    },
    "outside": {
        "en": "these layers have weights, but target_modules leaves them out",
        "ko": "가중치는 있는데 target_modules에 없는 층이에요",
    },
    "missing": {"en": "these tensors are missing", "ko": "빠진 텐서가 있어요"},
    "unknown": {"en": "these tensors would be ignored", "ko": "쓰이지 않을 텐서가 있어요"},
    "shapes": {
        "en": "these shapes differ, so it was trained for another model or rank (found ≠ expected)",
        "ko": "모델이나 랭크가 달라 모양이 맞지 않아요(파일 ≠ 필요한 모양)",
    },
    "types": {
        "en": "these tensors are not in F32, F16 or BF16",
        "ko": "F32, F16, BF16이 아닌 텐서가 있어요",
    },
    "numbers": {
        "en": "these tensors hold NaN or infinity; its training went wrong",
        "ko": "NaN이나 무한대가 든 텐서가 있어요. 학습이 잘못됐어요",
    },
}


def _listing(kind: str, names: Sequence[str]) -> Text:
    """A kind of mismatch and where it is; long lists are cut and counted."""
    shown, more = ", ".join(names[:SHOWN]), len(names) - SHOWN
    tail = {"en": f" and {more} more", "ko": f" 외 {more}개"} if more > 0 else {"en": "", "ko": ""}
    return {language: f"{text}: {shown}{tail[language]}" for language, text in KINDS[kind].items()}


def _empty() -> Text:
    return {"en": "it holds no tensors", "ko": "텐서가 하나도 없어요"}


def _missing_weights() -> Text:
    return {
        "en": f"{WEIGHTS} is missing; copy the adapter's folder again",
        "ko": f"{WEIGHTS} 파일이 없어요. 어댑터 폴더를 다시 복사해 주세요",
    }


def _pickle(name: str) -> Text:
    return {
        "en": f"{name} is a pickle, which may run code when it is read; save it as {WEIGHTS}",
        "ko": f"{name} 파일은 읽을 때 코드가 실행될 수 있는 pickle이에요. {WEIGHTS} 형식으로 저장해 주세요",
    }


def _damaged(error: Exception) -> Text:
    return {
        "en": f"{WEIGHTS} is damaged or cut off ({error}); copy it again",
        "ko": f"{WEIGHTS} 파일이 깨졌거나 잘렸어요({error}). 다시 복사해 주세요",
    }


def _not_opened() -> Text:
    """Without the system's own words: they name the whole path, which is not for everybody."""
    return {
        "en": f"{WEIGHTS} cannot be read by this process; check its permissions",
        "ko": f"{WEIGHTS} 파일을 읽을 권한이 없어요. 권한을 확인해 주세요",
    }

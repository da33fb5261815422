"""What a checkpoint is, from its headers alone: no weight is read."""

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.errors import SourceRefused
from adapters.layers import check_config, check_tensors

CONFIG = "config.json"
WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
LARGEST_JSON = 100_000_000
"""The safetensors format allows headers up to this size; a configuration has no reason to be larger."""


@dataclass(frozen=True)
class TensorHeader:
    """One tensor: `dtype` as safetensors or GGUF names it ("BF16", "Q4_1"), `bytes` as stored."""

    dtype: str
    shape: tuple[int, ...]
    bytes: int

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        count = 1
        for size in self.shape:
            count *= size
        return count


@dataclass(frozen=True)
class Checkpoint:
    """The shape of a causal language model. `tensors` by transformers' parameter name
    ("model.layers.0.self_attn.q_proj.weight"); tied weights stand once."""

    architecture: str
    tensors: Mapping[str, TensorHeader]
    layers: int
    kv_heads: int
    head_size: int
    hidden_size: int
    vocabulary: int
    context_length: int

    @property
    def parameters(self) -> int:
        """All numbers together."""
        return sum(tensor.elements for tensor in self.tensors.values())


def read_checkpoint(place: Path) -> Checkpoint:
    """The checkpoint in a folder (config.json and safetensors, one file or several with an index) or in a
    .gguf file. Reads headers only: milliseconds for a folder, seconds for a GGUF file.

    Raises SourceRefused, naming what is missing, truncated or damaged, or layers that no engine here runs.
    """
    if place.suffix == ".gguf" and not place.is_dir():
        from adapters.gguf_file import read_gguf

        return read_gguf(place)
    config = read_config(place)
    check_config(place, config)
    tensors: dict[str, TensorHeader] = {}
    for file in weight_files(place):
        tensors.update(_headers(file))
    check_tensors(place, tensors)
    return _checkpoint(place, config, tensors)


def read_config(folder: Path) -> dict[str, Any]:
    """What config.json says. Raises SourceRefused when it is missing or damaged."""
    return _json(folder / CONFIG)


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files of a folder. Raises SourceRefused: none, or some of the index are missing."""
    if (folder / INDEX).is_file():
        named = _json(folder / INDEX).get("weight_map")
        names = sorted({str(name) for name in named.values()}) if isinstance(named, dict) else []
        if any(Path(name).name != name for name in names) or not names:
            raise _damaged(folder / INDEX)
    else:
        names = [WEIGHTS]
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise _missing(folder, missing)
    return [folder / name for name in names]


def _checkpoint(place: Path, config: dict[str, Any], tensors: dict[str, TensorHeader]) -> Checkpoint:
    text = config.get("text_config")
    shape = text if isinstance(text, dict) else config
    if shape.get("tie_word_embeddings", config.get("tie_word_embeddings")):
        tensors.pop("lm_head.weight", None)
    try:
        heads, hidden = int(shape["num_attention_heads"]), int(shape["hidden_size"])
        return Checkpoint(
            architecture=str(config["architectures"][0]),
            tensors=tensors,
            layers=int(shape["num_hidden_layers"]),
            kv_heads=int(shape.get("num_key_value_heads") or heads),
            head_size=int(shape.get("head_dim") or hidden // heads),
            hidden_size=hidden,
            vocabulary=int(shape["vocab_size"]),
            context_length=int(shape["max_position_embeddings"]),
        )
    except (KeyError, IndexError, TypeError, ValueError, ZeroDivisionError) as error:
        named = f"{CONFIG} ({error})"
        raise SourceRefused(
            reason={
                "en": f"{named} in {place} does not describe a language model that transformers knows.",
                "ko": f"{place} 폴더의 {named}에 transformers가 아는 언어 모델 정보가 없어요.",
            }
        ) from error


def _headers(file: Path) -> Iterator[tuple[str, TensorHeader]]:
    """The tensors of one safetensors file: eight bytes of length, a JSON header, then the data
    (https://github.com/huggingface/safetensors#format). Checks that the data is all there."""
    try:
        with file.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            if length > LARGEST_JSON:
                raise ValueError(length)
            header = json.loads(stream.read(length))
        header.pop("__metadata__", None)
        end = max((int(tensor["data_offsets"][1]) for tensor in header.values()), default=0)
        found = [(str(name), _header(tensor)) for name, tensor in header.items()]
    except (struct.error, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise _damaged(file) from error
    if file.stat().st_size != 8 + length + end:
        raise _truncated(file, file.stat().st_size, 8 + length + end)
    yield from found


def _header(tensor: Mapping[str, Any]) -> TensorHeader:
    start, end = (int(at) for at in tensor["data_offsets"])
    return TensorHeader(str(tensor["dtype"]), tuple(int(size) for size in tensor["shape"]), end - start)


def _json(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > LARGEST_JSON:
            raise ValueError("too large")
        read = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _missing(file.parent, [file.name]) from None
    except (OSError, ValueError) as error:
        raise _damaged(file) from error
    if not isinstance(read, dict):
        raise _damaged(file)
    return read


def _missing(folder: Path, names: list[str]) -> SourceRefused:
    named = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
    return SourceRefused(
        reason={
            "en": f"{folder} has no {named}. A model folder holds config.json, safetensors and tokenizer.",
            "ko": f"{folder} 폴더에 {named} 파일이 없어요. config.json, safetensors, 토크나이저가 필요해요.",
        }
    )


def _damaged(file: Path) -> SourceRefused:
    return SourceRefused(
        reason={
            "en": f"{file} is damaged: it cannot be read as what its name says. Copy or download it again.",
            "ko": f"{file} 파일이 손상되어 읽을 수 없어요. 다시 복사하거나 내려받아 주세요.",
        }
    )


def _truncated(file: Path, found: int, expected: int) -> SourceRefused:
    return SourceRefused(
        reason={
            "en": f"{file} has {found:,} bytes, but its header says {expected:,}. Get it again.",
            "ko": f"{file} 파일 크기가 {found:,}바이트인데 {expected:,}바이트여야 해요. 다시 받아 주세요.",
        }
    )

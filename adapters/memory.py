"""What a model takes of the memory: estimated from the headers before it is loaded, measured after.

The estimate is weights + keys and values of the context + overhead. Linear layers count in the bytes of the
precision; embeddings, norms and the output layer stay in the number type the machine computes in. What an
engine keeps of earlier prompts comes on top where the memory is there: it is bounded, and counted apart.
"""

import ctypes
import gc
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from adapters.checkpoint import Checkpoint, TensorHeader
from adapters.precision import Precision, precisions

if TYPE_CHECKING:
    from adapters.spec import Text

CONTEXT = 4096
"""Tokens of context the check before loading counts with: what a grounded conversation takes."""

SHORTEST_CONTEXT = 512
OVERHEAD = 150_000_000
OVERHEAD_SHARE = 0.05
"""Measured on the embedded model, over weights and cache: 130 to 200 MB in a fresh process, for code and
tables of the libraries and the tokenizer; and a share of the weights for what passes between layers."""

RESERVE = 0.03
"""The part of the free memory that is left to others."""

KEPT_SHARE = 0.25
"""The part of the memory free beside the weights that keys and values, those of earlier prompts included, may
take."""


@dataclass(frozen=True)
class Estimate:
    """Bytes of memory. `kept` is what the engine would like to keep of earlier prompts beside `cache`."""

    weights: int
    cache: int
    overhead: int
    kept: int = 0

    @property
    def total(self) -> int:
        """What must be there."""
        return self.weights + self.cache + self.overhead

    def cache_at_most(self, available: int) -> int:
        """What keys and values grow to where `available` bytes are free before the model is loaded."""
        beside = max(0, available - self.weights - self.overhead)
        return self.cache + min(self.kept, max(0, int(KEPT_SHARE * beside) - self.cache))


def estimate(checkpoint: Checkpoint, precision_key: str, context: int = CONTEXT, batch: int = 1) -> Estimate:
    """What a model needs in that precision for `batch` conversations of `context` tokens each."""
    precision = precisions()[precision_key]
    rest = _width(precision, "bytes_per_embedding")
    weights = sum(
        tensor.elements * (precision.bytes_per_weight if _is_linear(name, tensor) else rest)
        for name, tensor in checkpoint.tensors.items()
    )
    cache = bytes_per_token(checkpoint, precision_key) * min(context, checkpoint.context_length) * batch
    overhead = getattr(precision, "overhead", OVERHEAD) + OVERHEAD_SHARE * weights
    kept = (getattr(precision, "contexts", 1) - 1) * cache
    return Estimate(round(weights), cache, round(overhead), kept)


def bytes_per_token(checkpoint: Checkpoint, precision_key: str) -> int:
    """Keys and values of all layers for one token of one conversation."""
    precision = precisions()[precision_key]
    head = checkpoint.head_size * _width(precision, "bytes_per_key") + getattr(precision, "bytes_per_head", 0)
    return round(2 * checkpoint.layers * checkpoint.kv_heads * head)


def free() -> int:
    """Bytes that a model can still take: on the GPU where models run on one, else of the machine's memory
    (the limit of the control group counted)."""
    from adapters.machine import device, free_memory

    if device() == "cuda":
        import torch

        return int(torch.cuda.mem_get_info()[0])
    return free_memory()


def fits(needed: int, available: int) -> bool:
    """Whether that can be taken and a little is left."""
    return needed <= available * (1 - RESERVE)


class Sized(Protocol):
    """What one choice would take."""

    @property
    def weights(self) -> int:
        """Bytes of the weights."""

    @property
    def total(self) -> int:
        """Bytes in all."""


def widest_that_fits(choices: Mapping[str, Sized], available: int) -> str | None:
    """The precision, of those given by their keys, that holds the most of each weight and still fits; None
    where none does. The page, the command line and the loader's refusal all name this one."""
    fitting = [key for key, one in choices.items() if fits(one.total, available)]
    return max(fitting, key=lambda key: (choices[key].weights, choices[key].total), default=None)


def largest_that_fits(checkpoint: Checkpoint, context: int, available: int) -> "Text":
    """What to choose instead, in words: the widest precision that fits at this context, else the longest
    context of the smallest precision, else that a smaller model is needed."""
    for length in _shorter(min(context, checkpoint.context_length)):
        sized = {key: estimate(checkpoint, key, length) for key in _usable()}
        key = widest_that_fits(sized, available)
        if key is not None:
            shorter = length < min(context, checkpoint.context_length)
            return _words(key, sized[key].total, length, shorter)
    return smaller_model(available)


def smaller_model(available: int) -> "Text":
    """What fits when no precision of this model does."""
    return {
        "en": f"a smaller model, of at most {shown(available)} in all.",
        "ko": f"모두 합쳐 {shown(available)} 이하인 더 작은 모델",
    }


def taken() -> int:
    """Bytes that this process, or on a GPU torch in it, has now. What Python and the C library no longer use
    is given back first."""
    from adapters.machine import device

    give_back()
    if device() == "cuda":
        import torch

        return int(torch.cuda.memory_allocated())
    import psutil

    return int(psutil.Process().memory_info().rss)


def give_back() -> None:
    """Unused memory goes back to the system: else a closed model would still be in this process's figures."""
    gc.collect()
    if (torch := sys.modules.get("torch")) is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, musl does not
        if trim is not None:
            trim(0)


def shown(count: int) -> str:
    """A size for a person: "540 MB", "2.1 GB"."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(1, round(count / 1e6))} MB"


def _is_linear(name: str, tensor: TensorHeader) -> bool:
    """Whether a precision makes that tensor smaller: the matrices between the embedding and the output."""
    return len(tensor.shape) == 2 and not any(part in name for part in ("embed", "lm_head", "norm"))


def _width(precision: Precision, name: str) -> float:
    """Bytes of a number that the precision does not make smaller: its own figure, or the machine's type."""
    own = getattr(precision, name, None)
    if own is not None:
        return float(own)
    from adapters.machine import fast_dtype

    return float(getattr(precision, "bytes_per_embedding", 4 if fast_dtype() == "float32" else 2))


def _usable() -> Iterator[str]:
    return (key for key, one in precisions().items() if one.available() is None)


def _shorter(context: int) -> Iterator[int]:
    while context >= SHORTEST_CONTEXT:
        yield context
        context //= 2


def _words(key: str, needed: int, context: int, shorter: bool) -> "Text":
    label = precisions()[key].label
    if shorter:
        return {
            "en": f"{label['en']} with a context of {context:,} tokens (about {shown(needed)}).",
            "ko": f"{label['ko']}, 컨텍스트 {context:,}토큰(약 {shown(needed)})",
        }
    return {"en": f"{label['en']} (about {shown(needed)}).", "ko": f"{label['ko']}(약 {shown(needed)})"}

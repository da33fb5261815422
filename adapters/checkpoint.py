"""What a checkpoint is, from its headers alone: no weight is read."""

from collections.abc import Mapping
from dataclasses import dataclass


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

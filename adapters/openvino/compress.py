"""The weights of a graph in 8 or 4 bits, decompressed by the processor while it multiplies.

4 bits: groups of 32 weights along the input, each with its own scale and its own zero point, a float16. The
usual integer zero point (nncf writes no other) moves a group's smallest weight to the next of 16 steps; with
a float it stays where it is. This is GGML's Q4_1 (https://github.com/ggml-org/ggml, `block_q4_1`), so that a
model that came as Q4_1 loses nothing: on the embedded one perplexity grows by 0.2 % instead of 22 %. The
vocabulary (embedding and head) is kept in 8 bits: in 4 it alone costs 7 %.
8 bits: one scale and one zero point per output.
"""

from collections.abc import Callable

import numpy as np
import openvino as ov
from openvino import opset13 as ops

GROUP = 32
SMALLEST = 1 << 15
"""Matrices with fewer weights (none of a model's linear layers) stay as they are."""


def compress(graph: ov.Model, bits: int, check: Callable[[], None]) -> ov.Model:
    """Replaces every weight matrix in place; `check` is called before each and may raise.

    Matrices whose width is no multiple of 32 are kept in 8 bits.
    """
    weights = [operation for operation in graph.get_ordered_ops() if _is_weight(operation)]
    for weight in weights:
        check()
        small = bits == 4 and not _is_vocabulary(weight) and weight.shape[1] % GROUP == 0
        readers = list(weight.output(0).get_target_inputs())
        replaced = (four_bits if small else eight_bits)(weight.data, weight.get_friendly_name())
        for reader in readers:
            reader.replace_source_output(replaced.output(0))
    graph.validate_nodes_and_infer_types()
    return graph


def eight_bits(weight: np.ndarray, name: str) -> ov.Node:
    """`weight` (outputs × inputs, float) as 8-bit numbers, asymmetric, one scale per output."""
    low = np.minimum(weight.min(axis=-1, keepdims=True), 0)
    high = np.maximum(weight.max(axis=-1, keepdims=True), 0)
    scale = _scale(high - low, 255)
    zero = np.clip(np.round(-low / scale), 0, 255)
    steps = np.clip(np.round(weight / scale + zero), 0, 255).astype(np.uint8)
    zeros = ops.convert(ops.constant(zero.astype(np.uint8)), "f16")
    shifted = ops.subtract(ops.convert(_named(ops.constant(steps), name), "f16"), zeros)
    return ops.convert(ops.multiply(shifted, ops.constant(scale.astype(np.float16))), "f32")


def four_bits(weight: np.ndarray, name: str) -> ov.Node:
    """`weight` (outputs × inputs, float) as 4-bit numbers in groups of 32 along the inputs."""
    groups = weight.reshape(len(weight), -1, GROUP)
    low, high = groups.min(axis=-1, keepdims=True), groups.max(axis=-1, keepdims=True)
    scale = _scale(high - low, 15)
    zero = (-low / scale).astype(np.float16)
    steps = np.clip(np.round(groups / scale + zero), 0, 15).astype(np.uint8)
    shifted = ops.subtract(ops.convert(_named(_packed(steps), name), "f16"), ops.constant(zero))
    scaled = ops.multiply(shifted, ops.constant(scale.astype(np.float16)))
    shape = ops.constant(np.array(weight.shape, dtype=np.int64))
    return ops.convert(ops.reshape(scaled, shape, False), "f32")


def _scale(width: np.ndarray, steps: int) -> np.ndarray:
    """The size of a step, as float16 will hold it: what is rounded must be rounded by that."""
    scale = (width / steps).astype(np.float16).astype(np.float32)
    return np.where(scale > 0, scale, np.float32(1))


def _packed(steps: np.ndarray) -> ov.Node:
    flat = steps.reshape(-1)
    pairs = (flat[0::2] | (flat[1::2] << 4)).astype(np.uint8)
    return ops.constant(ov.Tensor(pairs, ov.Shape(list(steps.shape)), ov.Type.u4), shared_memory=False)


def _named(constant: ov.Node, name: str) -> ov.Node:
    constant.set_friendly_name(name)
    return constant


def _is_weight(operation: ov.Node) -> bool:
    return (
        operation.get_type_name() == "Constant"
        and operation.get_element_type() == ov.Type.f32
        and len(operation.shape) == 2
        and operation.shape[0] * operation.shape[1] >= SMALLEST
        and any(
            reader.get_node().get_type_name() in ("MatMul", "Gather")
            for reader in operation.output(0).get_target_inputs()
        )
    )


def _is_vocabulary(weight: ov.Node) -> bool:
    """The embedding, or the head that makes the logits."""
    name = weight.get_friendly_name()
    gathered = any(r.get_node().get_type_name() == "Gather" for r in weight.output(0).get_target_inputs())
    return gathered or "lm_head" in name or "embed" in name

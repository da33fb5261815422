"""A transformers model as an OpenVINO graph whose cache of keys and values is inside.

The graph is the one that OpenVINO GenAI expects: inputs input_ids, attention_mask, position_ids, beam_idx;
output logits; one state per layer for keys and one for values.
"""

import warnings
from typing import Any

import numpy as np
import openvino as ov
import torch
import transformers  # noqa: F401  (see adapters.weights.read_saved_tokenizer)
from openvino import opset13 as ops
from openvino._offline_transformations import apply_make_stateful_transformation
from transformers.cache_utils import Cache

INPUTS = ("input_ids", "attention_mask", "position_ids")
LINEAR = "aten::linear/MatMul"
PREFIX = "__module.model."
"""What tracing writes before the name of every operation: the wrapper's, then the model's field in it."""


def trace(model: Any) -> ov.Model:
    """The graph of a causal language model in float32. Its operations bear transformers' parameter names
    ("__module.model.layers.0.self_attn.q_proj/…"): by them adapters find their place."""
    heads, size = _cache_shape(model.config.get_text_config())
    layers = int(model.config.get_text_config().num_hidden_layers)
    with torch.no_grad(), warnings.catch_warnings():
        # tracing reads every property of the model, deprecated ones too, and follows one branch of each `if`:
        # the branches that depend on a length are those of the example (see adapters.openvino.reach)
        warnings.simplefilter("ignore", torch.jit.TracerWarning)  # type: ignore[attr-defined]
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
        # OpenVINO 2026 traces so; torch would rather have it export
        warnings.filterwarnings("ignore", r"`torch\.jit\.trace", DeprecationWarning)
        graph = ov.convert_model(_Traced(model), example_input=_example(layers, heads, size))
    _name(graph, layers, heads, size)
    _hold_the_cache(graph, layers, heads, size)
    for operation in graph.get_ops():
        name = operation.get_friendly_name()
        if name.startswith(PREFIX):
            operation.set_friendly_name("__module." + name.removeprefix(PREFIX))
    return graph


def linear_layers(graph: ov.Model) -> dict[str, list[int]]:
    """The layers whose weights are a matrix: transformers' name and (outputs, inputs). Before compressing."""
    found = {}
    for operation in graph.get_ordered_ops():
        name, _, kind = operation.get_friendly_name().partition("/")
        if kind == LINEAR:
            weight = operation.input_value(1).get_node()
            found[name.removeprefix("__module.")] = [int(size) for size in weight.shape]
    return found


class _GivenCache(Cache):
    """A cache of tensors that come in and go out, so that tracing sees them."""

    def __init__(self, past: list[torch.Tensor]) -> None:
        self.layers = []
        self.past, self.present = past, list(past)

    def update(self, keys: Any, values: Any, layer: int, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        """Keys and values of that layer, the new ones appended."""
        for at, new in ((2 * layer, keys), (2 * layer + 1, values)):
            self.present[at] = torch.cat([self.past[at], new], dim=-2)
        return self.present[2 * layer], self.present[2 * layer + 1]

    def get_seq_length(self, layer_idx: int = 0) -> Any:
        """How many tokens came in."""
        return self.past[2 * layer_idx].shape[-2]


class _Traced(torch.nn.Module):
    """What is traced: the model with an explicit causal mask and an explicit cache."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Any, attention_mask: Any, position_ids: Any, past: Any) -> Any:
        """Logits, then keys and values of every layer."""
        cache = _GivenCache(past)
        total, new = attention_mask.shape[1], input_ids.shape[1]
        at = torch.arange(total)
        seen = (at[None, :] <= at[total - new :][:, None])[None, None] & attention_mask[:, None, None].bool()
        mask = torch.where(seen, 0.0, torch.finfo(torch.float32).min)
        output = self.model(
            input_ids=input_ids,
            attention_mask=mask,
            position_ids=position_ids,
            past_key_values=cache,
            use_cache=True,
        )
        return (output.logits, *cache.present)


def _example(layers: int, heads: int, size: int) -> dict[str, Any]:
    """Two rows of four tokens after three: nothing that is one would be taken for a constant."""
    return {
        "input_ids": torch.ones(2, 4, dtype=torch.long),
        "attention_mask": torch.ones(2, 7, dtype=torch.long),
        "position_ids": torch.arange(3, 7)[None].repeat(2, 1),
        "past": [torch.randn(2, heads, 3, size) for _ in range(2 * layers)],
    }


def _cache_shape(config: Any) -> tuple[int, int]:
    """Heads of keys and values, and the size of each."""
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    return int(heads), int(
        getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    )


def _pasts(layers: int, word: str) -> list[str]:
    return [f"{word}.{layer}.{part}" for layer in range(layers) for part in ("key", "value")]


def _name(graph: ov.Model, layers: int, heads: int, size: int) -> None:
    names = [*INPUTS, *_pasts(layers, "past_key_values")]
    for port, name in zip(graph.inputs, names, strict=True):
        port.get_tensor().set_names({name})
        port.get_node().set_friendly_name(name)
        shape = [-1, -1] if name in INPUTS else [-1, heads, -1, size]
        port.get_node().set_partial_shape(ov.PartialShape(shape))
    for port, name in zip(graph.outputs, ["logits", *_pasts(layers, "present")], strict=True):
        port.get_tensor().set_names({name})
    graph.validate_nodes_and_infer_types()


def _hold_the_cache(graph: ov.Model, layers: int, heads: int, size: int) -> None:
    """Turns the caches from inputs and outputs into states that begin empty."""
    beam = ops.parameter([-1], dtype=np.int32, name="beam_idx")
    beam.output(0).get_tensor().set_names({"beam_idx"})
    graph.add_parameters([beam])
    for port in graph.inputs[len(INPUTS) : -1]:
        readers = port.get_target_inputs()
        chosen = ops.gather(port, beam, ops.constant(0))
        for reader in readers:
            reader.replace_source_output(chosen.output(0))
    graph.validate_nodes_and_infer_types()
    pairs = zip(_pasts(layers, "past_key_values"), _pasts(layers, "present"), strict=True)
    apply_make_stateful_transformation(graph, dict(pairs))
    rows = ops.gather(
        ops.shape_of(graph.input("input_ids"), output_type="i64"), ops.constant([0]), ops.constant(0)
    )
    for operation in graph.get_ops():
        if operation.get_type_name() == "ReadValue":
            shape = ops.concat([rows, ops.constant(np.array([heads, 0, size], dtype=np.int64))], 0)
            operation.set_arguments([ops.broadcast(ops.constant(np.float32(0)), shape)])
    graph.validate_nodes_and_infer_types()

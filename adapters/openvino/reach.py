"""How far the converted graph reads as the model does, from the model's configuration.

The graph has one causal mask for all layers, and the rotations of positions as the short example had them. A
model that looks back over a window only, or that turns positions otherwise in long texts, is the same up to
that length and another one beyond it. No comparison of short texts would show it.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from adapters.checkpoint import read_config
from adapters.errors import AdapterError
from adapters.spec import Text

WINDOWS = ("sliding_window", "attention_chunk_size")
"""Where a configuration says over how many tokens a layer looks back."""

WINDOWED = ("sliding", "chunked", "local")
"""How the kinds of such layers begin in `layer_types`."""

EVEN_ROPE = {None, "default", "linear", "yarn", "llama3", "proportional"}
"""Rotary position embeddings that are the same for every length of a text."""

WINDOW: Text = {
    "en": "its layers look back over {reach:,} tokens only, and its context here is {context:,}. Choose a "
    "context of at most {reach:,}, or a precision of the transformers engine",
    "ko": "이 모델의 일부 층은 {reach:,}토큰까지만 돌아보는데 여기서 컨텍스트는 {context:,}토큰이에요. "
    "컨텍스트를 {reach:,} 이하로 정하거나 transformers 엔진의 정밀도를 골라 주세요",
}
ROPE: Text = {
    "en": 'its position embedding ("{kind}") depends on the length of the text beyond {reach:,} tokens, and '
    "its context here is {context:,}. Choose a shorter context, or a precision of the transformers engine",
    "ko": "이 모델의 위치 임베딩('{kind}')은 {reach:,}토큰을 넘으면 글의 길이에 따라 달라지는데 여기서 "
    "컨텍스트는 {context:,}토큰이에요. 더 짧은 컨텍스트나 transformers 엔진의 정밀도를 골라 주세요",
}


def beyond_reach(config: Mapping[str, Any], context: int | None) -> Text | None:
    """Why the graph would answer otherwise than the model within `context` tokens (None: all that the model
    reads); None where it would not. `config` is config.json with every default in it."""
    text = config.get("text_config")
    shape = text if isinstance(text, dict) else config
    longest = int(shape.get("max_position_embeddings") or 0)
    context = min(context or longest, longest)
    for reach, words, kind in (*_windows(shape), *_ropes(shape)):
        if reach < context:
            values = {"reach": reach, "context": context, "kind": kind}
            return {language: said.format(**values) for language, said in words.items()}
    return None


def unfit(folder: Path, context: int | None) -> Text | None:
    """As `beyond_reach`, for the model in that folder. What its config.json says alone is asked first: only
    where that would be too far its family's usual values are looked up, which takes transformers."""
    try:
        if beyond_reach(read_config(folder), context) is None:
            return None
        from adapters.weights import read_whole_config

        return beyond_reach(read_whole_config(folder), context)
    except (AdapterError, OSError, ValueError, TypeError, AttributeError):
        return None  # a damaged configuration is told when it is loaded


def _windows(shape: Mapping[str, Any]) -> Iterator[tuple[int, Text, str]]:
    kinds = shape.get("layer_types")
    if kinds and not any(str(kind).startswith(WINDOWED) for kind in kinds):
        return
    for name in WINDOWS:
        if shape.get(name) and not (name == "sliding_window" and shape.get("use_sliding_window") is False):
            yield int(shape[name]), WINDOW, name


def _ropes(shape: Mapping[str, Any]) -> Iterator[tuple[int, Text, str]]:
    """One for all layers, or one for each kind of layers."""
    found = shape.get("rope_parameters") or shape.get("rope_scaling") or {}
    for rope in (found, *(one for one in found.values() if isinstance(one, dict))):
        kind = rope.get("rope_type", rope.get("type"))
        if kind not in EVEN_ROPE:
            at = rope.get("original_max_position_embeddings") or shape.get("original_max_position_embeddings")
            yield int(at or 0), ROPE, str(kind)

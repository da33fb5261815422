"""What the transformers engine must know of a model beside its weights."""

from typing import Any

from adapters.text import end_tokens


def ends(model: Any, tokenizer: Any) -> frozenset[int]:
    """The tokens with which the model ends its answer."""
    return end_tokens(model.generation_config.eos_token_id, tokenizer)


def pad(model: Any, tokenizer: Any) -> int:
    """A token that can stand where there is none."""
    found = tokenizer.pad_token_id
    return min(ends(model, tokenizer), default=0) if found is None else int(found)


def len_layers(model: Any) -> int:
    """The layers that keep keys and values."""
    return int(model.config.get_text_config().num_hidden_layers)


def cache_bytes_per_token(model: Any) -> int:
    """Keys and values of all layers, for one token of one row."""
    config = model.config.get_text_config()
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return int(2 * config.num_hidden_layers * heads * width * model.dtype.itemsize)

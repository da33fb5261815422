"""Models of a few thousand weights, written as files: for what is read of a model, not for what it says."""

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

CONFIG: dict[str, Any] = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 300,
    "max_position_embeddings": 128,
    "tie_word_embeddings": True,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
TEMPLATE = (
    "{% for message in messages %}<s>{{ message.role }}: {{ message.content }}</s>{% endfor %}"
    "{% if add_generation_prompt %}<s>assistant:{% endif %}"
)


def shapes(config: Mapping[str, Any] = CONFIG) -> dict[str, tuple[int, ...]]:
    """The tensors of a Llama of that configuration, by name."""
    hidden, inner, heads = config["hidden_size"], config["intermediate_size"], config["num_attention_heads"]
    keys = config["num_key_value_heads"] * (hidden // heads)
    found: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (config["vocab_size"], hidden)}
    for layer in range(config["num_hidden_layers"]):
        parts = {
            "input_layernorm": (hidden,),
            "post_attention_layernorm": (hidden,),
            "self_attn.q_proj": (hidden, hidden),
            "self_attn.k_proj": (keys, hidden),
            "self_attn.v_proj": (keys, hidden),
            "self_attn.o_proj": (hidden, hidden),
            "mlp.gate_proj": (inner, hidden),
            "mlp.up_proj": (inner, hidden),
            "mlp.down_proj": (hidden, inner),
        }
        found |= {f"model.layers.{layer}.{name}.weight": shape for name, shape in parts.items()}
    return {**found, "model.norm.weight": (hidden,)}


def write_model(place: Path, config: Mapping[str, Any] = CONFIG) -> Path:
    """A whole folder: configuration, random float32 weights, and a tokenizer with a chat template."""
    from safetensors.numpy import save_file

    place.mkdir(parents=True)
    random = np.random.default_rng(0)
    tensors = {
        name: (random.standard_normal(shape) * 0.05).astype(np.float32)
        for name, shape in shapes(config).items()
    }
    save_file(tensors, place / "model.safetensors", metadata={"format": "pt"})
    (place / "config.json").write_text(json.dumps(config))
    write_tokenizer(place)
    return place


def write_tokenizer(place: Path, template: str = TEMPLATE, marks: Sequence[str] = ()) -> None:
    """A tokenizer of bytes. `marks` are control tokens that none of its named roles has."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    vocabulary = {name: at for at, name in enumerate(["<unk>", "<s>", "</s>"])}
    vocabulary |= {
        letter: at + len(vocabulary) for at, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))
    }
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>", *marks])
    tokenizer.save(str(place / "tokenizer.json"))
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<s>",
        "eos_token": "</s>",
        "chat_template": template,
        "model_max_length": 128,
    }
    (place / "tokenizer_config.json").write_text(json.dumps(settings))


def write_header(file: Path, tensors: Mapping[str, tuple[int, ...]], dtype: str = "BF16") -> None:
    """A safetensors file that is all header: its data is a hole, which takes no room on the disk."""
    width, at, header = {"BF16": 2, "F32": 4}[dtype], 0, {}
    for name, shape in tensors.items():
        size = width * int(np.prod(shape, dtype=np.int64))
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    encoded = json.dumps(header).encode()
    with file.open("wb") as stream:
        stream.write(struct.pack("<Q", len(encoded)) + encoded)
        stream.truncate(8 + len(encoded) + at)


def write_gguf(file: Path, kind: str, *tensors: str) -> Path:
    """A GGUF file of that architecture with one small matrix, and one of each of those names."""
    from gguf import GGUFWriter

    writer = GGUFWriter(file, kind)
    writer.add_block_count(1)
    writer.add_context_length(128)
    writer.add_embedding_length(32)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_tensor("token_embd.weight", np.zeros((300, 32), np.float32))
    for name in tensors:
        writer.add_tensor(name, np.zeros((32, 32), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file

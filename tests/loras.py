"""Random LoRA adapters for the embedded model: they change every answer, and fit as trained ones do."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

LAYERS, HIDDEN, KEYS = 30, 576, 192
"""The shape of SmolLM2-135M."""


def write_adapter(folder: Path, seed: int, hidden: int = HIDDEN, rank: int = 8) -> Path:
    """A LoRA on q_proj and v_proj in PEFT's format; `hidden` other than the model's does not fit it."""
    rng = np.random.default_rng(seed)
    tensors = {}
    for layer in range(LAYERS):
        for name, out in (("q_proj", hidden), ("v_proj", KEYS)):
            key = f"base_model.model.model.layers.{layer}.self_attn.{name}"
            tensors[f"{key}.lora_A.weight"] = rng.normal(0, 0.05, (rank, hidden)).astype(np.float32)
            tensors[f"{key}.lora_B.weight"] = rng.normal(0, 0.05, (out, rank)).astype(np.float32)
    folder.mkdir(parents=True)
    save_file(tensors, folder / "adapter_model.safetensors")
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": "SmolLM2-135M-Instruct-Q4_1",
        "r": rank,
        "lora_alpha": 2 * rank,
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": ["q_proj", "v_proj"],
    }
    (folder / "adapter_config.json").write_text(json.dumps(config), "utf-8")
    return folder

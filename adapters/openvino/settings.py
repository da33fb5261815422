"""What all precisions of OpenVINO have in common: each takes all of it over. Imports none of OpenVINO."""

from typing import Any

from adapters.openvino.here import reason
from adapters.openvino.reach import unfit
from adapters.spec import Text

__all__ = [
    "available",
    "bytes_per_embedding",
    "bytes_per_head",
    "bytes_per_key",
    "contexts",
    "engine",
    "load_arguments",
    "overhead",
    "trains_lora",
    "unfit",
]

engine = "openvino"
trains_lora = False

bytes_per_embedding = 1.0
"""The vocabulary has 8 bits in each of them."""

bytes_per_key, bytes_per_head = 1.0, 8.0
"""Keys and values are kept in 8 bits with a scale and a zero point (float32 each) per token and head."""

contexts = 4
"""Prompts of full length that are remembered where the memory is there."""

overhead = 280_000_000
"""Measured on the embedded model: code and tables of OpenVINO and its tokenizer, the same in 8 and 4 bits."""


def available() -> Text | None:
    """None, or why OpenVINO cannot run here."""
    return reason()


def load_arguments() -> dict[str, Any]:
    """Arguments for transformers' `from_pretrained`: what is converted is read in full precision."""
    return {"dtype": "float32"}

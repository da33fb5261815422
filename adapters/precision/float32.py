"""Full precision: the reference the others are compared with."""

from typing import Any

label = {"en": "float32", "ko": "float32"}
help = {
    "en": "Full precision, 4 bytes per weight. Works everywhere.",
    "ko": "전체 정밀도로, 가중치마다 4바이트를 써요. 어디서나 작동해요.",
}
trains_lora = True
engine = "transformers"
bytes_per_weight = bytes_per_embedding = 4.0


def available() -> dict[str, str] | None:
    """None: every device computes in float32."""
    return None


def load_arguments() -> dict[str, Any]:
    """Arguments for transformers' `from_pretrained`."""
    return {"dtype": "float32"}

"""Half precision for GPUs that do not compute in bfloat16 (before Ampere)."""

from typing import Any

from adapters.needs import gpu
from adapters.spec import Text

label = {"en": "float16", "ko": "float16"}
help = {
    "en": (
        "2 bytes per weight, for NVIDIA GPUs that do not compute in bfloat16. Its range is small: a few "
        "models overflow in it."
    ),
    "ko": (
        "가중치마다 2바이트를 쓰고, bfloat16을 직접 계산하지 못하는 NVIDIA GPU에 알맞아요. "
        "표현 범위가 좁아서 일부 모델은 값이 넘칠 수 있어요."
    ),
}
trains_lora = True
engine = "transformers"
bytes_per_weight = bytes_per_embedding = 2.0


def available() -> Text | None:
    """Processors emulate float16 slowly, and bfloat16 is as small: it is for GPUs."""
    return gpu()


def load_arguments() -> dict[str, Any]:
    """Arguments for transformers' `from_pretrained`."""
    return {"dtype": "float16"}

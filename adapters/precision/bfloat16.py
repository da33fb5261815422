"""Half the memory, and on processors that compute in it natively two to three times the speed."""

from typing import Any

label = {"en": "bfloat16", "ko": "bfloat16"}
help = {
    "en": (
        "2 bytes per weight, with the range of float32. Fast where the processor computes in it natively "
        "(avx512_bf16, AMX, recent Arm, GPUs); elsewhere it is emulated and slower than float32."
    ),
    "ko": (
        "가중치마다 2바이트를 쓰고 표현 범위는 float32와 같아요. 프로세서가 직접 지원하면(avx512_bf16, AMX, "
        "최신 Arm, GPU) 빠르고, 아니면 흉내 내서 계산하느라 float32보다 느려요."
    ),
}
trains_lora = True
engine = "transformers"
bytes_per_weight = bytes_per_embedding = 2.0


def available() -> dict[str, str] | None:
    """None: torch computes in bfloat16 everywhere, natively or not."""
    return None


def load_arguments() -> dict[str, Any]:
    """Arguments for transformers' `from_pretrained`."""
    return {"dtype": "bfloat16"}

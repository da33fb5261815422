"""8 bits by OpenVINO: one scale and one zero point per output; the keys and values it keeps have 8 bits, too.
The default on processors."""

from typing import Any

from adapters.spec import Text

label = {"en": "int8 (OpenVINO)", "ko": "int8 (OpenVINO)"}
help = {
    "en": (
        "1 byte per weight, and the fastest on processors with several people at once. "
        "Converted on first use and compared with full precision then."
    ),
    "ko": (
        "가중치마다 1바이트를 쓰고, 프로세서에서 여러 사람이 함께 쓸 때 가장 빨라요. "
        "처음 쓸 때 변환하면서 전체 정밀도와 비교해요."
    ),
}
trains_lora = False
engine = "openvino"
bits = 8
bytes_per_weight = 1.0
bytes_per_embedding = 1.0
bytes_per_key = 1.125


def available() -> Text | None:
    """None, or why OpenVINO cannot run here."""
    from adapters.openvino.here import reason

    return reason()


def load_arguments() -> dict[str, Any]:
    """Arguments for transformers' `from_pretrained`: what is converted is read in full precision."""
    return {"dtype": "float32"}

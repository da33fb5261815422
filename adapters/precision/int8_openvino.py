"""8 bits by OpenVINO: one scale and one zero point per output; the keys and values it keeps have 8 bits, too.
The default on processors."""

from adapters.openvino.settings import *  # noqa: F403

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
bits = 8
bytes_per_weight = 1.0

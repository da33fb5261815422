"""4 bits by OpenVINO: groups of 32 weights with a scale and a zero point each, the vocabulary in 8 bits."""

from adapters.openvino.settings import *  # noqa: F403

label = {"en": "int4 (OpenVINO)", "ko": "int4 (OpenVINO)"}
help = {
    "en": (
        "5 bits per weight, scales counted; the vocabulary keeps 8. The smallest on processors. "
        "Converted on first use and compared with full precision then."
    ),
    "ko": (
        "배율까지 합쳐 가중치마다 5비트를 쓰고 어휘는 8비트로 둬요. 프로세서에서 가장 작아요. "
        "처음 쓸 때 변환하면서 전체 정밀도와 비교해요."
    ),
}
bits = 4
bytes_per_weight = 0.625

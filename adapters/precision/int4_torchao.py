"""4 bits by torchao, in the layout of the matrix product that torch brings for NVIDIA GPUs."""

from typing import Any

from adapters.needs import gpu, package
from adapters.spec import Text

label = {"en": "int4 weight-only (torchao)", "ko": "int4 가중치 전용 (torchao)"}
help = {
    "en": "About 0.56 bytes per weight of the linear layers, in groups of 64. Only on NVIDIA GPUs.",
    "ko": "선형 층 가중치마다 64개씩 묶어 약 0.56바이트를 써요. NVIDIA GPU에서만 돼요.",
}
trains_lora = False
engine = "transformers"
GROUP = 64
bytes_per_weight = 0.5 + 2 * 2 / GROUP  # a scale and a zero point in bfloat16 for every group


def available() -> Text | None:
    """None, or what is missing: the package, the GPU, or bfloat16 on it."""
    if lacking := package("torchao") or gpu():
        return lacking
    from adapters.machine import native_bfloat16

    if native_bfloat16():
        return None
    return {
        "en": "needs an NVIDIA GPU that computes in bfloat16 (Ampere or newer)",
        "ko": "bfloat16을 직접 계산하는 NVIDIA GPU(Ampere 이상)가 필요해요",
    }


def load_arguments() -> dict[str, Any]:
    """Arguments for transformers' `from_pretrained`."""
    import transformers  # noqa: F401  (see adapters.weights.read_saved_tokenizer)
    from torchao.quantization import Int4WeightOnlyConfig
    from torchao.quantization.quantize_.workflows import Int4PackingFormat
    from transformers import TorchAoConfig

    layout = Int4PackingFormat.TILE_PACKED_TO_4D
    config = Int4WeightOnlyConfig(group_size=GROUP, int4_packing_format=layout, set_inductor_config=False)
    return {"dtype": "bfloat16", "quantization_config": TorchAoConfig(config)}

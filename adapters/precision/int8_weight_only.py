"""8 bits by torchao: the weights are whole numbers with a scale per row, the arithmetic stays in 16 bits."""

from typing import Any

from adapters.needs import package
from adapters.spec import Text

label = {"en": "int8 weight-only (torchao)", "ko": "int8 가중치 전용 (torchao)"}
help = {
    "en": "1 byte per weight of the linear layers; only the weights are rounded, so answers hardly change.",
    "ko": "선형 층 가중치마다 1바이트를 써요. 가중치만 반올림해서 답변이 거의 달라지지 않아요.",
}
trains_lora = True
engine = "transformers"
bytes_per_weight = 1.0


def available() -> Text | None:
    """None, or that torchao is missing."""
    return package("torchao")


def load_arguments() -> dict[str, Any]:
    """Arguments for transformers' `from_pretrained`."""
    import transformers  # noqa: F401  (see adapters.weights.read_saved_tokenizer)
    from torchao.quantization import Int8WeightOnlyConfig
    from transformers import TorchAoConfig

    from adapters.machine import fast_dtype

    # inductor is not used here: its settings are the process's own
    config = TorchAoConfig(Int8WeightOnlyConfig(set_inductor_config=False))
    return {"dtype": fast_dtype(), "quantization_config": config}

"""8 bits by bitsandbytes, LLM.int8(): outlying values of an input stay in 16 bits
(Dettmers et al. 2022, https://arxiv.org/abs/2208.07339)."""

from typing import Any

from adapters.needs import package
from adapters.spec import Text

label = {"en": "int8 (bitsandbytes)", "ko": "int8 (bitsandbytes)"}
help = {
    "en": "1 byte per weight of the linear layers, very close to full precision. Slow on processors.",
    "ko": "선형 층 가중치마다 1바이트를 쓰고 전체 정밀도와 아주 가까워요. 프로세서에서는 느려요.",
}
trains_lora = True
engine = "transformers"
bytes_per_weight = 1.0


def available() -> Text | None:
    """None, or that bitsandbytes is missing."""
    return package("bitsandbytes")


def load_arguments() -> dict[str, Any]:
    """Arguments for transformers' `from_pretrained`."""
    import transformers  # noqa: F401  (see adapters.weights.read_saved_tokenizer)
    from transformers import BitsAndBytesConfig

    from adapters.machine import fast_dtype

    config = BitsAndBytesConfig(load_in_8bit=True)  # type: ignore[no-untyped-call]
    return {"dtype": fast_dtype(), "quantization_config": config}

"""4 bits by bitsandbytes in the NormalFloat format, as QLoRA uses it (Dettmers et al. 2023,
https://arxiv.org/abs/2305.14314)."""

from typing import Any

from adapters.needs import package
from adapters.spec import Text

label = {"en": "NF4 (bitsandbytes)", "ko": "NF4 (bitsandbytes)"}
help = {
    "en": (
        "About 0.56 bytes per weight of the linear layers, scales counted. Models of a few hundred million "
        "weights lose a good part of their quality, larger ones little."
    ),
    "ko": (
        "선형 층 가중치마다 배율을 포함해 약 0.56바이트를 써요. "
        "수억 파라미터의 작은 모델은 품질이 꽤 떨어지고, 큰 모델은 거의 그대로예요."
    ),
}
trains_lora = True
engine = "transformers"
bytes_per_weight = 0.5 + 4 / 64  # a float32 scale for every 64 weights


def available() -> Text | None:
    """None, or that bitsandbytes is missing."""
    return package("bitsandbytes")


def load_arguments() -> dict[str, Any]:
    """Arguments for transformers' `from_pretrained`."""
    import transformers  # noqa: F401  (see adapters.weights.read_saved_tokenizer)
    from transformers import BitsAndBytesConfig

    from adapters.machine import fast_dtype

    config = BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=fast_dtype()
    )
    return {"dtype": fast_dtype(), "quantization_config": config}

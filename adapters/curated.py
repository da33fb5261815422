"""A short list of small instruct models on the Hugging Face Hub that Maru's precisions and engines serve.

The figures are those of their model cards; the parameters were counted from their shapes. Models that write
their thoughts out unless they are told not to are left out: the chat would show them as the answer.
"""

from dataclasses import dataclass

from adapters.entry import ORIGINAL
from adapters.spec import Text

QWEN_LANGUAGES = ("en", "ko", "zh", "ja", "es", "fr", "de", "pt", "it", "ru", "vi", "th", "ar")


@dataclass(frozen=True)
class Curated:
    """A repository of the hub. Its weights are bfloat16: two bytes each."""

    repository: str
    description: Text
    parameters: int
    languages: tuple[str, ...]
    context_length: int
    licence: str = "Apache-2.0"

    @property
    def bytes(self) -> int:
        """On disk, without the few megabytes of the tokenizer."""
        return 2 * self.parameters


CURATED = (
    Curated(
        ORIGINAL,
        {
            "en": "The original weights of the same small model, downloaded from the Hugging Face Hub.",
            "ko": "같은 작은 모델의 원본 가중치로, Hugging Face Hub에서 내려받아요.",
        },
        134_515_008,
        ("en",),
        8192,
    ),
    Curated(
        "Qwen/Qwen2.5-0.5B-Instruct",
        {
            "en": "The smallest model of this list that answers in Korean. Quick on two cores.",
            "ko": "이 목록에서 한국어로 답하는 가장 작은 모델이에요. 코어 두 개로도 빨라요.",
        },
        494_032_768,
        QWEN_LANGUAGES,
        32_768,
    ),
    Curated(
        "Qwen/Qwen2.5-1.5B-Instruct",
        {
            "en": "A good balance for a laptop: Korean and English, noticeably better than the half billion.",
            "ko": "노트북에 알맞아요. 한국어와 영어를 하고 0.5B보다 눈에 띄게 나아요.",
        },
        1_543_714_304,
        QWEN_LANGUAGES,
        32_768,
    ),
    Curated(
        "Qwen/Qwen3-4B-Instruct-2507",
        {
            "en": "The best answers of this list, in over a hundred languages. Wants 8 GB, or a GPU.",
            "ko": "이 목록에서 답변이 가장 좋고 백 개 넘는 언어를 해요. 메모리 8GB나 GPU가 있으면 좋아요.",
        },
        4_022_468_096,
        QWEN_LANGUAGES,
        262_144,
    ),
    Curated(
        "HuggingFaceTB/SmolLM2-360M-Instruct",
        {
            "en": "The next size of the embedded model's family. English only.",
            "ko": "내장 모델과 같은 계열의 다음 크기예요. 영어만 해요.",
        },
        361_821_120,
        ("en",),
        8192,
    ),
    Curated(
        "HuggingFaceTB/SmolLM2-1.7B-Instruct",
        {
            "en": "The largest of the embedded model's family. English only.",
            "ko": "내장 모델과 같은 계열에서 가장 큰 모델이에요. 영어만 해요.",
        },
        1_711_376_384,
        ("en",),
        8192,
    ),
)

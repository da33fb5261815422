"""What a choice needs of this machine, and the sentence for whoever lacks it. Imports none of it."""

from importlib.util import find_spec

from adapters.spec import Text

QUANTIZATION = "pip install -r requirements-quantization.txt"


def package(name: str, install: str = QUANTIZATION) -> Text | None:
    """None when a Python package is installed, or how to install it."""
    if find_spec(name) is not None:
        return None
    return {
        "en": f"the package {name} is not installed; run: {install}",
        "ko": f"{name} 패키지가 없어요. 실행해 주세요: {install}",
    }


def gpu() -> Text | None:
    """None when models run on an NVIDIA GPU here, or that they do not."""
    from adapters.machine import device

    if device() == "cuda":
        return None
    return {"en": "needs an NVIDIA GPU", "ko": "NVIDIA GPU가 필요해요"}

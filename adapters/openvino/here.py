"""Whether OpenVINO can run on this machine. Imports none of it."""

from adapters.needs import package
from adapters.spec import Text

INSTALL = "pip install -r requirements.txt"


def reason() -> Text | None:
    """None, or why not: it is not installed, or models run on a GPU."""
    from adapters.machine import device

    for name in ("openvino", "openvino_genai"):
        if missing := package(name, INSTALL):
            return missing
    if device() != "cpu":
        return {
            "en": "models run on the GPU here, and OpenVINO is for processors",
            "ko": "여기서는 모델이 GPU에서 돌아가는데, OpenVINO는 프로세서용이에요",
        }
    return None

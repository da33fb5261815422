"""What a comparison ran on: enough to repeat it, nothing that names the machine."""

import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = (
    "torch",
    "transformers",
    "peft",
    "openvino",
    "openvino-genai",
    "langchain-core",
    "chromadb",
    "sentence-transformers",
    "numpy",
    "scipy",
)


def versions() -> dict[str, str]:
    """Python's and the packages' versions, of those that are installed."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found

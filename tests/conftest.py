"""What all tests share: the real embedded model, converted once per machine and loaded once per run."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.settings import read_settings
from tests.browsing import browser, context  # noqa: F401 (fixtures)

if TYPE_CHECKING:
    from adapters.chat_model import LocalChatModel


@pytest.fixture(scope="session")
def models_folder() -> Path:
    """The folder with the converted embedded model, shared between runs: converting takes 20 seconds."""
    from adapters.weights import prepare_embedded

    folder = read_settings().models
    prepare_embedded(folder)
    return folder


@pytest.fixture(scope="session")
def chat_model(models_folder: Path) -> "Iterator[LocalChatModel]":
    """The embedded model on the transformers engine, in the machine's own precision."""
    from adapters.load import load
    from adapters.machine import fast_dtype
    from adapters.spec import ModelSpec

    model = load(ModelSpec(precision=fast_dtype()), models_folder)
    yield model
    model.close()


@pytest.fixture(scope="session")
def reference_model(models_folder: Path) -> "Iterator[LocalChatModel]":
    """The embedded model in float32, where a batch and a single call give the very same text."""
    from adapters.load import load
    from adapters.spec import ModelSpec

    model = load(ModelSpec(precision="float32"), models_folder)
    yield model
    model.close()


@pytest.fixture(scope="session")
def openvino_folder(models_folder: Path) -> "Callable[[int], Path]":
    """The embedded model converted for OpenVINO to 8 or 4 bits, shared between runs: 20 seconds each."""
    from adapters.embedded import converted
    from adapters.openvino.store import prepare

    return lambda bits: prepare(converted(models_folder), models_folder, bits)


@pytest.fixture(scope="session")
def openvino_model(models_folder: Path) -> "Iterator[LocalChatModel]":
    """The embedded model on the OpenVINO engine in 8 bits."""
    from adapters.load import load
    from adapters.spec import ModelSpec

    model = load(ModelSpec(precision="int8_openvino"), models_folder)
    yield model
    model.close()

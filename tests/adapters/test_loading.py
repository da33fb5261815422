"""Loading the real model: cancelled in the middle, refused for memory, and what is left then."""

import threading
import time

import pytest

from adapters.errors import LoadCancelled
from adapters.load import load
from adapters.models import EMBEDDED, find_model
from adapters.spec import ModelSpec
from adapters.weights import prepare_folder
from tests.tensors import live_bytes

pytestmark = pytest.mark.model


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_loading_is_left_at_the_next_tensor(models_folder, share):
    load(ModelSpec(precision="bfloat16"), models_folder).close()  # the libraries are there
    cancelled, heard, before = threading.Event(), [], live_bytes()

    def hear(step, fraction):
        heard.append((step, fraction))
        if fraction >= share and hasattr(fraction, "total"):
            cancelled.set()

    with pytest.raises(LoadCancelled, match=EMBEDDED):
        load(ModelSpec(precision="bfloat16"), models_folder, hear, cancelled)
    counted = [fraction for _, fraction in heard if hasattr(fraction, "total")]
    assert counted[-1] < share + 0.25, "a tensor later, it was over"
    assert live_bytes() - before < 1e6, "nothing of it stays"


def test_a_cancelled_load_does_nothing(models_folder):
    cancelled = threading.Event()
    cancelled.set()
    began = time.monotonic()
    with pytest.raises(LoadCancelled):
        prepare_folder(find_model(EMBEDDED, models_folder), models_folder, cancelled=cancelled)
    assert time.monotonic() - began < 1


def test_loading_goes_on_after_a_cancelled_one(models_folder):
    cancelled = threading.Event()
    with pytest.raises(LoadCancelled):
        load(ModelSpec(precision="float32"), models_folder, lambda *_: cancelled.set(), cancelled)
    model = load(ModelSpec(precision="float32"), models_folder)
    assert "Paris" in model.invoke("What is the capital of France?", temperature=0, max_tokens=8).content
    assert model.memory_bytes and model.spec.precision == "float32"
    model.close()

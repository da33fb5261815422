"""Memory: what is estimated from the headers, what is refused, and what is named instead."""

import json

import psutil
import pytest

from adapters import memory, sources
from adapters.checkpoint import read_checkpoint
from adapters.errors import NotEnoughMemory, PrecisionUnavailable
from adapters.load import load
from adapters.precision import precisions
from adapters.spec import ModelSpec
from tests.small_models import CONFIG, shapes, write_header, write_model, write_tokenizer

HUGE = {
    **CONFIG,
    "hidden_size": 8192,
    "intermediate_size": 28672,
    "num_hidden_layers": 80,
    "num_attention_heads": 64,
    "num_key_value_heads": 8,
    "vocab_size": 128256,
    "max_position_embeddings": 131072,
}


@pytest.fixture(scope="module")
def huge(tmp_path_factory):
    """A model of 70 billion weights of which only the header is there: 140 GB of nothing."""
    place = tmp_path_factory.mktemp("huge") / "huge"
    place.mkdir()
    (place / "config.json").write_text(json.dumps(HUGE))
    write_header(place / "model.safetensors", shapes(HUGE))
    write_tokenizer(place)
    return place


@pytest.fixture(scope="module")
def checkpoint(huge):
    return read_checkpoint(huge)


@pytest.mark.skipif(not hasattr(psutil.Process, "io_counters"), reason="this system does not count it")
def test_of_seventy_billion_weights_only_the_header_is_read(huge):
    before = psutil.Process().io_counters().read_chars
    found = read_checkpoint(huge)
    assert psutil.Process().io_counters().read_chars - before < 2_000_000
    assert 69e9 < found.parameters < 72e9
    assert (found.layers, found.kv_heads, found.head_size) == (80, 8, 128)


@pytest.mark.parametrize(
    "key", ["auto", *(pytest.param(key, marks=pytest.mark.slow) for key in ("float32", "nf4"))]
)
def test_what_cannot_fit_is_refused_with_numbers_before_anything_is_loaded(huge, tmp_path, key):
    models = tmp_path / "models"
    sources.add_folder(huge, models)
    before, heard = memory.taken(), []
    with pytest.raises(NotEnoughMemory) as caught:
        load(ModelSpec("huge", key), models, lambda *step: heard.append(step))
    assert memory.taken() - before < 200e6, "nothing was read"
    assert heard == [("loading", 0.0)]
    assert "GB" in str(caught.value) and "smaller model" in str(caught.value)
    assert "더 작은 모델" in caught.value.text("ko")


def test_the_estimate_is_arithmetic_on_the_header(checkpoint):
    linear = sum(tensor.elements for name, tensor in checkpoint.tensors.items() if "proj" in name)
    rest = checkpoint.parameters - linear
    whole, quantized = memory.estimate(checkpoint, "float32", 1000), memory.estimate(checkpoint, "nf4", 1000)
    assert whole.weights == 4 * checkpoint.parameters
    assert whole.cache == 2 * 80 * 8 * 128 * 1000 * 4
    assert quantized.weights == pytest.approx(linear * 0.5625 + rest * 2, rel=0.03)
    assert memory.estimate(checkpoint, "float32", 1000, batch=3).cache == 3 * whole.cache
    assert whole.total == whole.weights + whole.cache + whole.overhead


def test_a_context_is_never_longer_than_the_models(checkpoint):
    longest = memory.estimate(checkpoint, "float32", 131072)
    assert memory.estimate(checkpoint, "float32", 10**9) == longest


@pytest.mark.parametrize("key", sorted(precisions()))
def test_every_precision_can_be_estimated(checkpoint, key):
    found = memory.estimate(checkpoint, key)
    assert 0 < found.cache < found.weights and found.overhead > memory.OVERHEAD


def test_the_largest_that_fits_is_the_widest_precision_then_a_shorter_context(checkpoint):
    def named(gigabytes, context=8192):
        return memory.largest_that_fits(checkpoint, context, round(gigabytes * 1e9))["en"]

    whole = memory.estimate(checkpoint, "float32", 8192).total
    assert "float32" in named(1.1 * whole / 1e9)
    assert "float32" not in named(0.9 * whole / 1e9) and "context" not in named(0.9 * whole / 1e9)
    shorter = min(memory.estimate(checkpoint, key, 4096).total for key in memory._usable())
    assert "context of 4,096" in named(shorter / (1 - memory.RESERVE) / 1e9 + 0.001)
    assert "smaller model, of at most 5.0 GB" in named(5)


def test_memory_is_shown_for_people():
    assert [memory.shown(count) for count in (1, 539_999_999, 2_140_000_000)] == ["1 MB", "540 MB", "2.1 GB"]


def test_a_conversion_that_memory_does_not_hold_is_refused_with_the_numbers(tmp_path, monkeypatch):
    pytest.importorskip("openvino_genai")
    from adapters.openvino.starting import CONVERTING_BYTES, _refuse_without_memory

    place = write_model(tmp_path / "small")
    needed = CONVERTING_BYTES * read_checkpoint(place).parameters
    monkeypatch.setattr(memory, "free", lambda: 2 * needed)
    _refuse_without_memory(place, "int8_openvino")
    monkeypatch.setattr(memory, "free", lambda: needed)
    with pytest.raises(PrecisionUnavailable, match="converting this model takes 1 MB") as caught:
        _refuse_without_memory(place, "int8_openvino")
    assert "변환" in caught.value.text("ko")

"""Models whose attention or positions are others in long texts: OpenVINO's graph would not be them."""

import json

import pytest

from adapters import sources
from adapters.errors import PrecisionUnavailable
from adapters.load import load
from adapters.openvino.reach import beyond_reach
from adapters.precision import OPENVINO, precisions, unfit
from adapters.spec import ModelSpec
from adapters.weights import read_whole_config
from tests.small_models import CONFIG, write_model

WINDOWED = {**CONFIG, "architectures": ["MistralForCausalLM"], "model_type": "mistral", "sliding_window": 32}
LONG = {"rope_type": "longrope", "short_factor": [1.0] * 4, "long_factor": [2.0] * 4}

needs_openvino = pytest.mark.skipif(precisions()[OPENVINO].available() is not None, reason="not here")


@pytest.mark.parametrize(
    "changes, reach",
    [
        ({"sliding_window": 32}, 32),
        ({"sliding_window": 32, "layer_types": ["full_attention", "sliding_attention"]}, 32),
        ({"attention_chunk_size": 64, "layer_types": ["chunked_attention"] * 2}, 64),
        ({"text_config": {"max_position_embeddings": 128, "sliding_window": 16}}, 16),
        ({"rope_parameters": {**LONG, "original_max_position_embeddings": 64}}, 64),
        ({"rope_scaling": {"type": "dynamic", "factor": 2.0}}, 0),
        ({"rope_parameters": {"full_attention": {"rope_type": "longrope"}, "sliding_attention": {}}}, 0),
    ],
)
def test_what_changes_with_the_length_is_read_from_the_configuration(changes, reach):
    said = beyond_reach({**CONFIG, **changes}, None)
    assert said is not None and f"{reach} tokens" in said["en"] and f"{reach}토큰" in said["ko"]
    assert "128" in said["en"] and "128" in said["ko"], "the context it is held against"
    assert reach == 0 or beyond_reach({**CONFIG, **changes}, reach) is None, "within it all is well"
    assert beyond_reach({**CONFIG, **changes}, reach + 1) is not None


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"sliding_window": None},
        {"sliding_window": 128},
        {"sliding_window": 32, "use_sliding_window": False},
        {"sliding_window": 32, "layer_types": ["full_attention"] * 2},
        {"rope_parameters": {"rope_type": "llama3", "factor": 8.0, "original_max_position_embeddings": 64}},
    ],
)
def test_what_is_the_same_at_every_length_is_converted(changes):
    assert beyond_reach({**CONFIG, **changes}, None) is None


def test_what_a_family_does_without_saying_so_counts(tmp_path):
    """Mistral's window is 4,096 tokens where config.json names none."""
    config = {name: value for name, value in WINDOWED.items() if name != "sliding_window"}
    (tmp_path / "config.json").write_text(json.dumps({**config, "max_position_embeddings": 8192}))
    said = beyond_reach(read_whole_config(tmp_path), None)
    assert said is not None and "4,096" in said["en"]


def test_a_precision_says_before_anything_is_loaded_that_it_cannot(tmp_path):
    folder = write_model(tmp_path / "windowed", WINDOWED)
    for key, precision in precisions().items():
        said = unfit(precision, folder, 64)
        assert (said is not None) == (precision.engine == "openvino"), key
        assert unfit(precision, folder, 32) is None
    openvino = precisions()[OPENVINO]
    assert "32 tokens only" in unfit(openvino, folder, 64)["en"]
    quiet = {**WINDOWED, "model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"]}
    (folder / "config.json").write_text(json.dumps(quiet))
    assert unfit(openvino, folder, 64) is None, "Qwen2 uses its window only where it says so"
    (folder / "config.json").write_text("{")
    assert unfit(openvino, folder, 64) is None, "that is told when it is loaded"


@needs_openvino
def test_auto_goes_on_with_transformers_and_says_why(tmp_path):
    sources.add_folder(write_model(tmp_path / "windowed", WINDOWED), tmp_path / "models")
    with pytest.raises(PrecisionUnavailable, match="32 tokens only"):
        load(ModelSpec("windowed", OPENVINO), tmp_path / "models")
    assert not list((tmp_path / "models").glob("openvino-*")), "nothing was converted"
    model = load(ModelSpec("windowed"), tmp_path / "models")
    try:
        assert model.engine_key == "transformers" and "32 tokens only" in model.notes[0]["en"]
        assert model.fell_back
    finally:
        model.close()


@needs_openvino
@pytest.mark.slow
def test_within_its_window_it_is_converted_and_beyond_it_what_was_converted_is_not_used(tmp_path):
    sources.add_folder(write_model(tmp_path / "windowed", WINDOWED), tmp_path / "models")
    load(ModelSpec("windowed", OPENVINO, context=32), tmp_path / "models").close()
    with pytest.raises(PrecisionUnavailable, match="32 tokens only"):
        load(ModelSpec("windowed", OPENVINO, context=64), tmp_path / "models")

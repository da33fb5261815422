"""What OpenVINO takes of the memory, against its estimate: each in a process of its own."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from adapters import memory, sources
from adapters.checkpoint import read_checkpoint
from adapters.openvino.settings import contexts
from tests.small_models import CONFIG, write_header, write_model
from tests.small_models import shapes as shapes_of

pytest.importorskip("openvino_genai")

from adapters.openvino.lanes import ANSWER_SLACK, room

ROOT = Path(__file__).parents[2]
CONTEXT = 1024

FILLED = """
import json, sys
from pathlib import Path
from adapters import memory
from adapters.load import load
from adapters.models import find_model
from adapters.request import Request
from adapters.spec import ModelSpec
from adapters.weights import local_checkpoint

key, folder, context = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
checkpoint = local_checkpoint(find_model("default", folder), folder)
estimate, free = memory.estimate(checkpoint, key, context), memory.free()
model = load(ModelSpec(precision=key, context=context), folder)
loaded = memory.taken()
for round in range(6):  # two more than there is room for
    prompt = [100 + (round + 1) * (at + 17) % 40000 for at in range(context - 8)]
    for _ in model.engine.generate([Request(prompt, 2)]):
        pass
print(json.dumps({
    "weights": estimate.weights, "overhead": estimate.overhead, "cache": estimate.cache_at_most(free),
    "loaded": model.memory_bytes, "grown": memory.taken() - loaded, "context": model.context_length,
}))
model.close()
"""

FIRST = """
import sys
from pathlib import Path
from adapters.load import load
from adapters.spec import ModelSpec
heard = []
model = load(ModelSpec("small", "int8_openvino"), Path(sys.argv[1]), lambda step, _: heard.append(step))
print("optimizing" in heard, model.memory_bytes)
model.close()
"""


def child(program, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "MALLOC_ARENA_MAX": "2"},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.model
@pytest.mark.slow
def test_what_it_takes_with_a_full_cache_is_what_was_estimated(models_folder, openvino_folder):
    openvino_folder(8)
    found = json.loads(child(FILLED, "int8_openvino", models_folder, CONTEXT))
    print(found)
    assert found["context"] == CONTEXT
    assert found["loaded"] == pytest.approx(found["weights"] + found["overhead"], rel=0.2)
    whole = found["weights"] + found["overhead"] + found["cache"]
    assert found["loaded"] + found["grown"] == pytest.approx(whole, rel=0.2)
    assert found["grown"] > 0.6 * found["cache"], "it was filled"


@pytest.mark.model
@pytest.mark.slow
def test_a_first_load_shows_what_stays_and_not_what_converting_took(tmp_path):
    models = tmp_path / "home" / "models"
    sources.add_folder(write_model(tmp_path / "small"), models)
    converting, first = child(FIRST, models).split()
    again, second = child(FIRST, models).split()
    assert (converting, again) == ("True", "False")
    assert int(first) < 1.2 * int(second) + 30e6


@pytest.fixture
def large(tmp_path):
    """A checkpoint whose context is far longer than any memory: only its header is there."""
    config = {**CONFIG, "num_hidden_layers": 8, "num_key_value_heads": 4, "max_position_embeddings": 2**24}
    place = tmp_path / "large"
    place.mkdir()
    (place / "config.json").write_text(json.dumps(config))
    write_header(place / "model.safetensors", shapes_of(config))
    return read_checkpoint(place)


def test_the_cache_is_bounded_by_what_is_free_beside_the_weights(large, monkeypatch):
    per_token = memory.bytes_per_token(large, "int8_openvino")
    checked = memory.estimate(large, "int8_openvino", memory.CONTEXT)

    def bare(beside, context=None):
        free = checked.weights + checked.overhead + beside
        monkeypatch.setattr("adapters.openvino.lanes.free_memory", lambda: free)
        return room(large, "int8_openvino", context).bare - ANSWER_SLACK

    assert bare(0) == memory.CONTEXT, "what the memory was checked for has room"
    assert bare(10**9) == pytest.approx(memory.KEPT_SHARE * 1e9 / per_token, abs=1)
    assert bare(10**12, 1000) == contexts * 1000, "a few prompts of the chosen length are enough"


def test_what_may_be_kept_is_counted_apart_from_what_must_be_there(large):
    found = memory.estimate(large, "int8_openvino", 1000)
    assert found.kept == (contexts - 1) * found.cache
    assert found.total == replace(found, kept=0).total
    assert found.cache_at_most(0) == found.cache
    assert found.cache_at_most(10**12) == contexts * found.cache
    assert memory.estimate(large, "float32", 1000).kept == 0

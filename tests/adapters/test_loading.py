"""Loading the real model: cancelled in the middle, refused for memory, and what is left then."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from adapters.errors import LoadCancelled
from adapters.load import load
from adapters.models import EMBEDDED, find_model
from adapters.spec import ModelSpec
from adapters.weights import prepare_folder
from tests.tensors import live_bytes

pytestmark = pytest.mark.model
ROOT = Path(__file__).parents[2]

BOUNDED = """
import resource, sys
from pathlib import Path
import psutil
from adapters.errors import AdapterError
from adapters.load import load
from adapters.spec import ModelSpec
folder, spec = Path(sys.argv[1]), ModelSpec(precision=sys.argv[2])
load(spec, folder).close()  # the libraries are there
no_limit = resource.getrlimit(resource.RLIMIT_AS)
resource.setrlimit(resource.RLIMIT_AS, (psutil.Process().memory_info().vms + 100_000_000, no_limit[1]))
try:
    load(spec, folder)
except AdapterError as error:
    print(type(error).__name__, error)
resource.setrlimit(resource.RLIMIT_AS, no_limit)
model = load(spec, folder)
answer = model.invoke("What is the capital of France?", temperature=0, max_tokens=8).content
print("Paris" if "Paris" in answer else answer)
model.close()
"""


@pytest.mark.parametrize(
    "share", [0.3, *(pytest.param(share, marks=pytest.mark.slow) for share in (0.0, 0.9))]
)
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


def test_a_cancelled_load_converts_nothing(tmp_path):
    cancelled, heard = threading.Event(), []
    cancelled.set()
    models = tmp_path / "models"
    with pytest.raises(LoadCancelled):
        prepare_folder(find_model(EMBEDDED, models), models, lambda *step: heard.append(step), cancelled)
    assert not list(models.glob("**/*.safetensors")) and all(done < 0.1 for _, done in heard)


@pytest.mark.skipif(sys.platform != "linux", reason="only there a process can be bounded so")
@pytest.mark.parametrize("key", ["float32", "bfloat16"])
@pytest.mark.slow
def test_memory_that_runs_out_while_loading_is_said_with_the_numbers(models_folder, key):
    """The system says that there is room, and then there is none: another process took it."""
    done = subprocess.run(
        [sys.executable, "-c", BOUNDED, str(models_folder), key],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert said[0].startswith("NotEnoughMemory") and f" in {key} needs about " in said[0], said
    assert said[1] == "Paris", "with room again it is loaded"


def test_loading_goes_on_after_a_cancelled_one(models_folder):
    cancelled = threading.Event()
    with pytest.raises(LoadCancelled):
        load(ModelSpec(precision="float32"), models_folder, lambda *_: cancelled.set(), cancelled)
    model = load(ModelSpec(precision="float32"), models_folder)
    assert "Paris" in model.invoke("What is the capital of France?", temperature=0, max_tokens=8).content
    assert model.memory_bytes and model.spec.precision == "float32"
    model.close()

"""A download from a hub of our own: its progress, and which failures are the hub's."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.models import ORIGINAL
from tests.hub import REVISION, serving

ROOT = Path(__file__).parents[2]
WEIGHTS = os.urandom(24_000_000)
FILES = {"config.json": b"{}", "tokenizer.json": b"{}" * 1000, "model.safetensors": WEIGHTS, "x.bin": b"x"}

LOAD = """
import json, resource, sys
from pathlib import Path
from adapters.errors import AdapterError
from adapters.load import load
from adapters.spec import ModelSpec
id, folder, largest = sys.argv[1:]
if int(largest):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(largest), int(largest)))
heard, error = [], None
try:
    load(ModelSpec(id=id), Path(folder), lambda *step: heard.append(step))
except AdapterError as raised:
    error = raised
print(json.dumps({"heard": heard, "error": type(error).__name__, "said": str(error)}))
"""


def load_in_a_child(tmp_path: Path, hub: str, largest_file: int = 0) -> dict:
    """What `load` reports and raises; the files are no model, so it raises in any case."""
    done = subprocess.run(
        [sys.executable, "-c", LOAD, ORIGINAL, str(tmp_path / "models"), str(largest_file)],
        cwd=ROOT,
        env={**os.environ, "HF_ENDPOINT": hub, "HF_HUB_CACHE": str(tmp_path / "hub"), "HF_HUB_OFFLINE": "0"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_download_tells_how_far_it_is(tmp_path):
    with serving(ORIGINAL, FILES) as hub:
        found = load_in_a_child(tmp_path, hub)
    fractions = [fraction for step, fraction in found["heard"] if step == "downloading"]
    assert fractions[0] == 0.0 and fractions[-1] == 1.0 and fractions == sorted(fractions)
    assert any(0.1 < fraction < 0.9 for fraction in fractions), "one large file is seen growing"
    (folder,) = (tmp_path / "hub").glob("models--*")
    snapshot = folder / "snapshots" / REVISION
    assert (snapshot / "model.safetensors").read_bytes() == WEIGHTS
    assert not (snapshot / "x.bin").exists()


def test_a_disk_that_takes_no_more_is_not_the_hubs_fault(tmp_path):
    with serving(ORIGINAL, FILES) as hub:
        found = load_in_a_child(tmp_path, hub, largest_file=1_000_000)
    assert found["error"] == "ModelFailed"
    assert "File too large" in found["said"]


@pytest.mark.parametrize("files", [{}, {"config.json": b"{}"}])
def test_a_hub_without_the_files_is_named(tmp_path, files):
    with serving("someone/else", files) as hub:
        found = load_in_a_child(tmp_path, hub)
    assert found["error"] == "HubUnreachable"
    assert "could not be downloaded" in found["said"]

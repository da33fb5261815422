"""A download from a hub of our own: its progress, and which failures are the hub's."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.models import ORIGINAL
from adapters.sources import add_repository
from tests.hub import REVISION, Faults, serving

ROOT = Path(__file__).parents[2]
WEIGHTS = os.urandom(24_000_000)
FILES = {"config.json": b"{}", "tokenizer.json": b"{}" * 1000, "model.safetensors": WEIGHTS, "x.bin": b"x"}

LOAD = """
import json, resource, sys, threading
from pathlib import Path
from adapters.errors import AdapterError
from adapters.models import find_model
from adapters.weights import prepare_folder
id, folder, largest, cancel_after = sys.argv[1:]
if int(largest):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(largest), int(largest)))
heard, error, cancelled = [], None, threading.Event()

def hear(*step):
    heard.append(step)
    if cancel_after and step[0] == "downloading" and step[1] > float(cancel_after):
        cancelled.set()

try:
    prepare_folder(find_model(id, Path(folder)), Path(folder), hear, cancelled)
except (AdapterError, OSError) as raised:
    error = raised
print(json.dumps({"heard": heard, "error": type(error).__name__, "said": str(error)}))
"""


def fetch_in_a_child(
    tmp_path: Path, hub: str, largest_file: int = 0, cancel_after: str = "", id: str = ORIGINAL
) -> dict:
    """What making a model ready reports and raises, in a process whose hub is that one."""
    done = subprocess.run(
        [sys.executable, "-c", LOAD, id, str(tmp_path / "models"), str(largest_file), cancel_after],
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
        found = fetch_in_a_child(tmp_path, hub)
    assert found["error"] == "NoneType", found["said"]
    fractions = [fraction for step, fraction in found["heard"] if step == "downloading"]
    assert fractions[0] == 0.0 and fractions[-1] == 1.0 and fractions == sorted(fractions)
    assert any(0.1 < fraction < 0.9 for fraction in fractions), "one large file is seen growing"
    (folder,) = (tmp_path / "hub").glob("models--*")
    snapshot = folder / "snapshots" / REVISION
    assert (snapshot / "model.safetensors").read_bytes() == WEIGHTS
    assert not (snapshot / "x.bin").exists()


def test_a_disk_that_takes_no_more_is_not_the_hubs_fault(tmp_path):
    with serving(ORIGINAL, FILES) as hub:
        found = fetch_in_a_child(tmp_path, hub, largest_file=1_000_000)
    assert found["error"] == "OSError"
    assert "File too large" in found["said"]


@pytest.mark.parametrize("files", [{}, {"config.json": b"{}"}])
def test_a_hub_without_the_files_is_named(tmp_path, files):
    with serving("someone/else", files) as hub:
        found = fetch_in_a_child(tmp_path, hub)
    assert found["error"] == "HubUnreachable"
    assert "could not be downloaded" in found["said"]


def blobs(tmp_path: Path) -> Path:
    (folder,) = (tmp_path / "hub").glob("models--*/blobs")
    return folder


def test_a_lost_connection_is_resumed_where_it_broke(tmp_path):
    faults = Faults(drop_after=12_000_000)
    with serving(ORIGINAL, FILES, faults) as hub:
        fetch_in_a_child(tmp_path, hub)
    assert len(faults.ranges) == 1 and int(faults.ranges[0][6:-1]) > 8_000_000
    (snapshot,) = (tmp_path / "hub").glob(f"models--*/snapshots/{REVISION}")
    assert (snapshot / "model.safetensors").read_bytes() == WEIGHTS


def test_a_cancelled_download_stops_and_the_next_one_goes_on_with_it(tmp_path):
    with serving(ORIGINAL, FILES, Faults(slow_s=0.1)) as hub:
        found = fetch_in_a_child(tmp_path, hub, cancel_after="0.5")
    assert found["error"] == "LoadCancelled" and found["heard"][-1][1] < 0.9
    begun = [file for file in blobs(tmp_path).glob("*.incomplete") if file.stat().st_size]
    assert begun, "what came stays"
    with serving(ORIGINAL, FILES, faults := Faults()) as hub:
        fetch_in_a_child(tmp_path, hub)
    assert faults.ranges, "it was gone on with"
    assert not list(blobs(tmp_path).glob("*.incomplete"))


def test_a_file_that_arrives_damaged_is_not_used_and_comes_anew(tmp_path):
    with serving(ORIGINAL, FILES, Faults(spoiled=("model.safetensors",))) as hub:
        found = fetch_in_a_child(tmp_path, hub)
        assert found["error"] == "HubUnreachable" and "sha256" in found["said"]
        assert not list((tmp_path / "hub").glob("models--*/snapshots/*/model.safetensors"))
    with serving(ORIGINAL, FILES) as hub:
        fetch_in_a_child(tmp_path, hub)
    (snapshot,) = (tmp_path / "hub").glob(f"models--*/snapshots/{REVISION}")
    assert (snapshot / "model.safetensors").read_bytes() == WEIGHTS


@pytest.mark.parametrize(
    "status, code, said",
    [(403, "GatedRepo", "licence"), (404, "RepoNotFound", "private"), (404, "RevisionNotFound", "revision")],
)
def test_a_refusal_of_the_hub_says_what_to_do(tmp_path, status, code, said):
    with serving(ORIGINAL, FILES, Faults(refused=(status, code))) as hub:
        found = fetch_in_a_child(tmp_path, hub)
    assert found["error"] == "HubUnreachable" and said in found["said"]


def test_a_repository_without_safetensors_is_refused(tmp_path):
    files = {name: content for name, content in FILES.items() if name != "model.safetensors"}
    with serving(ORIGINAL, files) as hub:
        found = fetch_in_a_child(tmp_path, hub)
    assert found["error"] == "SourceRefused" and "model.safetensors" in found["said"]
    assert not list((tmp_path / "hub").glob("models--*/snapshots/*/x.bin"))


def test_what_no_engine_here_runs_is_refused_before_its_weights_are_fetched(tmp_path):
    config = {"architectures": ["MambaForCausalLM"], "model_type": "mamba", "state_size": 16}
    with serving(ORIGINAL, {**FILES, "config.json": json.dumps(config).encode()}) as hub:
        found = fetch_in_a_child(tmp_path, hub)
    assert found["error"] == "SourceRefused" and "no engine here can run" in found["said"]
    assert sum(file.stat().st_size for file in (tmp_path / "hub").rglob("*")) < 1_000_000


def test_any_added_repository_is_downloaded(tmp_path):
    add_repository("someone/model", tmp_path / "models", name="mine")
    with serving("someone/model", FILES) as hub:
        fetch_in_a_child(tmp_path, hub, id="mine")
    assert list((tmp_path / "hub").glob(f"models--someone--model/snapshots/{REVISION}/model.safetensors"))


def test_a_disk_without_room_is_said_before_a_byte_is_fetched(tmp_path):
    """The hub promises more than any disk has; the file itself is never asked for."""
    with serving(ORIGINAL, FILES, Faults(claimed=1 << 60)) as hub:
        found = fetch_in_a_child(tmp_path, hub)
    assert found["error"] == "NotEnoughDisk" and "HF_HUB_CACHE" in found["said"]
    assert not list((tmp_path / "hub").glob("models--*/blobs/*"))

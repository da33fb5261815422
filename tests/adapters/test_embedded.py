import hashlib
import json
import multiprocessing
import os
import shutil
import signal
import time
from itertools import pairwise
from pathlib import Path

import pytest

from adapters import embedded
from adapters.errors import WeightsChanged, WeightsMissing
from adapters.weights import prepare_embedded

SLOW_WRITE_S = 1.0


@pytest.fixture
def source(tmp_path):
    """A small file that stands for packaged weights, and its sha256."""
    path = tmp_path / "weights.gguf"
    path.write_bytes(os.urandom(3_000_000))
    return path, hashlib.sha256(path.read_bytes()).hexdigest()


def write_slowly(source: Path, aside: Path) -> None:
    """A conversion that leaves a half-written file for a second, and notes that it ran."""
    half = source.read_bytes()
    with (aside / "model.safetensors").open("wb") as file:
        file.write(half[: len(half) // 2])
        file.flush()
        time.sleep(SLOW_WRITE_S)
        file.write(half[len(half) // 2 :])
    with (source.parent / "runs").open("a") as file:
        file.write("x")


def convert(models: Path, source: Path, sha256: str) -> None:
    embedded.prepare(models, write_slowly, source=source, sha256=sha256)


def start(*arguments):
    child = multiprocessing.get_context("spawn").Process(target=convert, args=arguments)
    child.start()
    return child


@pytest.mark.model
def test_the_packaged_weights_are_the_known_ones():
    heard = []
    embedded.check(embedded.find(), report=lambda step, fraction: heard.append((step, fraction)))
    assert {step for step, _ in heard} == {"checking"}
    assert heard[-1][1] == 1.0 and len(heard) > 5


@pytest.mark.model
def test_one_changed_byte_is_refused_in_both_languages(tmp_path):
    copy = tmp_path / embedded.FILE
    shutil.copy(embedded.find(), copy)
    with copy.open("r+b") as file:
        file.seek(50_000_000)
        byte = file.read(1)
        file.seek(50_000_000)
        file.write(bytes([byte[0] ^ 1]))
    with pytest.raises(WeightsChanged) as caught:
        embedded.prepare(tmp_path / "models", write_slowly, source=copy)
    assert str(copy) in str(caught.value) and embedded.SHA256 in caught.value.text("ko")
    assert not list((tmp_path / "models").glob("*/")), "nothing was converted"


def test_a_missing_package_says_what_to_install(monkeypatch):
    monkeypatch.setattr("sys.path", [])
    monkeypatch.setattr("sys.path_importer_cache", {})
    with pytest.raises(WeightsMissing, match="requirements-embedded"):
        embedded.find()


def test_it_is_converted_once(tmp_path, source):
    folder = embedded.prepare(tmp_path / "models", write_slowly, source=source[0], sha256=source[1])
    again = embedded.prepare(tmp_path / "models", write_slowly, source=source[0], sha256=source[1])
    assert folder == again and source[1] in folder.name
    assert (tmp_path / "runs").read_text() == "x"
    assert (folder / "model.safetensors").read_bytes() == source[0].read_bytes()


def test_a_kill_in_the_middle_leaves_nothing_half(tmp_path, source):
    models = tmp_path / "models"
    child = start(models, *source)
    aside = models / f"{embedded.converted(models, source[1]).name}.part"
    until(lambda: (aside / "model.safetensors").exists() and (aside / "model.safetensors").stat().st_size)
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    assert not embedded.ready(embedded.converted(models, source[1]))
    convert(models, *source)
    assert embedded.ready(embedded.converted(models, source[1]))
    assert not aside.exists()


def test_two_processes_convert_once(tmp_path, source):
    children = [start(tmp_path / "models", *source) for _ in range(2)]
    for child in children:
        child.join(60)
    assert [child.exitcode for child in children] == [0, 0]
    assert (tmp_path / "runs").read_text() == "x"


def test_a_failed_conversion_leaves_nothing(tmp_path, source):
    def fail(source, aside):
        (aside / "half").write_text("x")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        embedded.prepare(tmp_path / "models", fail, source=source[0], sha256=source[1])
    assert not [path for path in (tmp_path / "models").iterdir() if path.is_dir()]


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["truncated", "file gone", "manifest gone", "manifest broken"])
def test_a_damaged_folder_is_made_anew(tmp_path, source, damage):
    models = tmp_path / "models"
    convert(models, *source)
    folder = embedded.converted(models, source[1])
    weights, manifest = folder / "model.safetensors", folder / embedded.MANIFEST
    match damage:
        case "truncated":
            os.truncate(weights, 1000)
        case "file gone":
            weights.unlink()
        case "manifest gone":
            manifest.unlink()
        case "manifest broken":
            manifest.write_text(json.dumps({"files": ["x"]}))
    assert not embedded.ready(folder)
    convert(models, *source)
    assert embedded.ready(folder) and weights.read_bytes() == source[0].read_bytes()


@pytest.mark.model
@pytest.mark.slow
def test_the_real_conversion_survives_a_kill_and_shows_progress(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe(duplex=False)
    child = spawn.Process(target=prepare_and_tell, args=(tmp_path, theirs))
    child.start()
    while ours.recv() < 0.4:
        pass
    assert list(tmp_path.glob("*.part"))
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    heard = []
    folder = prepare_embedded(tmp_path, lambda step, fraction: heard.append((step, fraction)))
    assert embedded.ready(folder)
    fractions = [fraction for step, fraction in heard if step == "converting"]
    assert fractions == sorted(fractions) and fractions[-1] == 1.0
    steps = [after - before for before, after in pairwise(fractions)]
    assert len(fractions) > 20 and max(steps) < 0.5, "the bar moves all the way"


def prepare_and_tell(folder, pipe):
    """How far the conversion is, down the pipe."""

    def tell(step, fraction):
        if step == "converting":  # the file's hash is checked before, with a bar of its own
            pipe.send(float(fraction))

    prepare_embedded(folder, tell)


def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)

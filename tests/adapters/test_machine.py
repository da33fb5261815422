import json
import os

import pytest

from adapters import machine


@pytest.fixture(scope="module")
def probed(tmp_path_factory):
    return machine.probe(tmp_path_factory.mktemp("home") / "not" / "yet")


def test_the_probe_is_json_and_names_everything(probed):
    assert json.loads(json.dumps(probed)) == probed
    assert set(probed) == {"processor", "memory", "gpus", "disk", "bfloat16", "hub", "versions"}


def test_the_processor_and_memory_are_plausible(probed):
    processor, memory = probed["processor"], probed["memory"]
    assert 1 <= processor["usable_cores"] <= processor["cores"]
    assert processor["name"] and processor["torch_threads"] >= 1
    assert 0 < memory["free"] <= memory["total"]


def test_free_disk_is_found_for_a_folder_that_does_not_exist_yet(probed):
    assert probed["disk"]["free"] > 0 and probed["disk"]["folder"].endswith("yet")


def test_bfloat16_is_measured(probed):
    assert 0.05 < probed["bfloat16"]["speed_over_float32"] < 100
    if probed["bfloat16"]["native"]:
        assert probed["bfloat16"]["speed_over_float32"] > 1


def test_versions_are_those_installed(probed):
    import torch

    assert probed["versions"]["torch"] == torch.__version__
    assert set(probed["versions"]) == {"python", *machine.LIBRARIES}


def test_the_hub_is_reported_with_the_reason(probed):
    hub = probed["hub"]
    assert hub["endpoint"].startswith("http")
    assert hub["reachable"] is (hub["reason"] is None)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system has no affinity")
def test_affinity_bounds_the_cores():
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert machine.usable_cores() == 1
    finally:
        os.sched_setaffinity(0, before)


def write_group(place, version, limit, used):
    """What a container's system shows of its control group's memory."""
    names = {
        2: ("memory.max", "memory.current"),
        1: ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    }
    for name, text in zip(names[version], (limit, used), strict=True):
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text(f"{text}\n")
    return place


@pytest.mark.parametrize("version", [2, 1])
def test_the_limit_of_a_control_group_bounds_the_free_memory(tmp_path, version):
    group = write_group(tmp_path, version, 300_000_000, 120_000_000)
    assert machine.free_memory(group) == 180_000_000
    assert machine.free_memory(write_group(tmp_path, version, 300_000_000, 310_000_000)) == 0


@pytest.mark.parametrize("version, limit", [(2, "max"), (1, 9223372036854771712)])
def test_a_control_group_without_a_limit_bounds_nothing(tmp_path, version, limit):
    unbounded = machine.free_memory(write_group(tmp_path, version, limit, 120_000_000))
    assert unbounded == pytest.approx(machine.free_memory(tmp_path / "nowhere"), rel=0.2)


def test_the_quota_of_a_control_group_bounds_the_cores(tmp_path):
    (tmp_path / "cpu.max").write_text("150000 100000\n")
    assert machine.usable_cores(tmp_path) == 1
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert machine.usable_cores(tmp_path) == machine.usable_cores(tmp_path / "nowhere")
    (tmp_path / "cpu.max").unlink()
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("100000\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert machine.usable_cores(tmp_path) == 1

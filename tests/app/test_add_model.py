"""What the form of the Models tab adds."""

from pathlib import Path

import pytest

from app.add_model import added
from tests.small_models import write_gguf, write_model


@pytest.mark.parametrize("picked", ["folder", "gguf"])
def test_what_lies_at_the_path_decides_how_it_is_added(tmp_path: Path, picked: str) -> None:
    file = write_gguf(tmp_path / "tiny.gguf", "llama")
    folder = write_model(tmp_path / "small")
    models = tmp_path / "models"
    kinds = [added(picked, {"path": str(path), "name": ""}, models).kind for path in (file, folder)]
    assert kinds == ["gguf", "folder"]

"""What a card on the command line will measure, before it does."""

from pathlib import Path

import pytest

from adapters.errors import ModelNotFound
from adapters.models import EMBEDDED
from adapters.spec import ModelSpec
from app.commands.card import named
from app.measuring import combinations
from app.terminal.cards import missing_references


def test_models_are_called_by_their_own_names(tmp_path: Path) -> None:
    assert named(None, tmp_path) == named(["default"], tmp_path) == [EMBEDDED]
    with pytest.raises(ModelNotFound):
        named(["sold-last-year"], tmp_path)


def test_full_precision_is_counted_before_it_is_measured() -> None:
    specs = combinations(["one", "two"], ["nf4"], [None, "poet"])
    assert len(specs) == 4
    assert missing_references(specs) == [("one", None), ("one", "poet"), ("two", None), ("two", "poet")]
    whole = [*specs, ModelSpec("one", "float32"), ModelSpec("two", "bfloat16", "poet")]
    assert missing_references(whole) == [("one", "poet"), ("two", None)]

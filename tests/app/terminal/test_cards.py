"""What a card on the command line will measure, before it does."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.card import Card
from adapters.card_text import Question
from adapters.errors import ModelNotFound
from adapters.models import EMBEDDED
from adapters.spec import ModelSpec
from app.commands.card import named
from app.measuring import combinations
from app.terminal.cards import Measured, documents, missing_references, show
from app.terminal.console import Console

FULL = Card(
    "m", "float32", None, "transformers", 20.0, None, 100, 50, 500.0, 0.1, 96, 20.0, 700_000_000,
    (Question("2 + 3?", "5"),), ("5",), (1,),
)  # fmt: skip


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


@pytest.mark.parametrize("language, bare", [("en", "without an adapter"), ("ko", "어댑터 없음")])
def test_every_row_says_what_it_is_counted_against(language: str, bare: str) -> None:
    small = replace(FULL, precision="bfloat16", answers=("4",))
    cards = [FULL, replace(FULL, adapter="poet"), small, replace(small, adapter="poet")]
    out = io.StringIO()
    console = Console(out, io.StringIO(), language)
    told = documents([Measured(ModelSpec("m"), card) for card in cards], console)
    assert told[1]["reference"] == {"precision": "float32", "adapter": None}
    show(told, console)
    between = re.findall(r"[01]/1  +(\S.*?)  +[01]/1  ", out.getvalue())  # right answers, and changed ones
    assert between == [f"float32 ({bare})", "float32", "float32 (poet)"]

"""The card's measurement goes on by itself, is kept, and is shown again."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.card import Card, CardProgress
from adapters.card_process import CardFailed
from adapters.card_text import Question
from adapters.spec import ModelSpec, Text
from app.measurement import AlreadyMeasuring, Measurements
from app.measuring import Board, Row
from tests.app.test_slot import until

SPECS = (ModelSpec("one"), ModelSpec("two", "int8", "시인"))
ASKED = (Question("2 + 3?", "5"), Question("Why?"))
REASON: Text = {"en": "no scores", "ko": "확률을 몰라요"}
CARD = Card(
    "one", "float32", None, "transformers", None, REASON, None, 50, 500.0, 0.1, 96, None, 700_000_000,
    ASKED, ("It is 5.", "Because."), (1, None),
)  # fmt: skip
FAILED = CardFailed("Died", {"en": "no memory", "ko": "메모리 부족"})


class Bench:
    """Measures at once, or when it is let: what the screen sees of it, without a model."""

    def __init__(self, go: threading.Event) -> None:
        self._go = go

    def __call__(
        self,
        specs: Sequence[ModelSpec],
        folder: Path,
        text: str,
        questions: Sequence[Question],
        stop: threading.Event,
    ) -> Iterator[Board]:
        first, second = map(Row, specs)
        yield (replace(first, progress=CardProgress("decode", 0.5)), second)
        while not self._go.wait(0.01):
            if stop.is_set():
                return
        yield (replace(first, card=CARD), second)
        yield (replace(first, card=CARD), replace(second, failed=FAILED))


Made = Callable[..., Measurements]


@pytest.fixture
def go() -> threading.Event:
    return threading.Event()


@pytest.fixture
def made(tmp_path: Path, go: threading.Event) -> Iterator[Made]:
    all: list[Measurements] = []

    def make() -> Measurements:
        all.append(Measurements(tmp_path / "cards.json", tmp_path, Bench(go)))
        return all[-1]

    yield make
    for one in all:
        one.close()


def test_it_goes_on_by_itself_and_one_at_a_time(made: Made, go: threading.Event) -> None:
    one = made()
    assert one.present.board == () and not one.present.running
    one.begin(SPECS, "text", ASKED)
    until(lambda: one.present.board[0].progress is not None)
    assert one.present.running
    with pytest.raises(AlreadyMeasuring):
        one.begin(SPECS, "text", ASKED)
    go.set()
    until(lambda: not one.present.running)
    assert [row.card for row in one.present.board] == [CARD, None]
    assert one.present.board[1].failed == FAILED and one.present.ended is not None


def test_it_is_there_after_a_restart(made: Made, go: threading.Event) -> None:
    one = made()
    go.set()
    one.begin(SPECS, "text", ASKED)
    until(lambda: not one.present.running)
    assert made().present == one.present


def test_stopped_it_keeps_what_was_measured(made: Made) -> None:
    one = made()
    one.begin(SPECS, "text", ASKED)
    until(lambda: one.present.board[0].progress is not None)
    one.stop()
    until(lambda: not one.present.running)
    assert one.present.board == tuple(map(Row, SPECS))
    one.begin(SPECS, "text", ASKED)  # and another may begin
    assert one.present.running


def test_what_breaks_is_said_in_the_row(tmp_path: Path) -> None:
    def breaks(*_: object) -> Iterator[Board]:
        yield (Row(SPECS[0], card=CARD), Row(SPECS[1]))
        raise OSError("no processes left")

    one = Measurements(tmp_path / "cards.json", tmp_path, breaks)
    one.begin(SPECS, "text", ASKED)
    until(lambda: not one.present.running)
    first, second = one.present.board
    assert first.card == CARD and second.failed and "no processes left" in second.failed.reason["en"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 9, "ended": 0, "rows": []}', '{"version": 1}'])
def test_a_damaged_file_is_left_out(made: Made, tmp_path: Path, text: str) -> None:
    (tmp_path / "cards.json").write_text(text)
    assert made().present.board == ()

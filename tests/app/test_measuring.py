"""Cards of several choices: which are measured, what each is compared with, and what the table says."""

import re
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.card import Card, CardProgress
from adapters.card_process import CardFailed
from adapters.card_text import Question
from adapters.spec import ModelSpec
from app.card_section import NO_ADAPTER, specs_of
from app.errors import BadChoices, TooManyQuestions, TooShort
from app.measurement import Measurement
from app.measuring import Row, combinations, measured, reference
from app.model_texts import questions_of, text_of
from app.show_card import cards

QUESTIONS = (Question("2 + 3?", "5"), Question("<b>Why</b>?"))
FULL = Card(
    "m", "float32", None, "transformers", 20.0, None, 100, 50, 500.0, 0.1, 96, 20.0, 700_000_000,
    QUESTIONS, ("It is 5.", "Because."), (1, 2),
)  # fmt: skip
SMALL = replace(FULL, precision="bfloat16", perplexity=20.2, decode_per_s=40.0, memory_bytes=400_000_000)


def row(card: Card, adapter: str | None = None) -> Row:
    return Row(ModelSpec(card.model, card.precision, adapter), card=replace(card, adapter=adapter))


def test_full_precision_comes_first_and_nothing_comes_twice():
    specs = combinations(["a", "a"], ["bfloat16", "float32"], [None, "poet"])
    assert [(one.precision, one.adapter) for one in specs] == [
        ("float32", None),
        ("float32", "poet"),
        ("bfloat16", None),
        ("bfloat16", "poet"),
    ]


def test_a_choice_is_compared_with_full_precision_of_its_own_adapter_where_there_is_one():
    full, poet, small = row(FULL), row(FULL, "poet"), row(SMALL, "poet")
    assert reference(small, (full, poet, small)) is poet.card
    assert reference(small, (full, small)) is full.card
    assert reference(small, (small,)) is None
    assert reference(full, (full, small)) is None
    assert reference(poet, (full, poet)) is full.card
    other = row(replace(SMALL, model="other"))
    assert reference(other, (full, other)) is None
    assert reference(Row(small.spec), (full, poet)) is None


def test_where_float32_was_not_measured_bfloat16_is_the_reference():
    half, quarter = row(SMALL), row(replace(SMALL, precision="nf4"))
    assert reference(quarter, (half, quarter)) is half.card
    assert reference(half, (half, quarter)) is None
    assert reference(quarter, (half, row(FULL), quarter)).precision == "float32"


def test_the_table_shows_figures_differences_and_changed_answers():
    changed = replace(SMALL, answers=("It is <i>4</i>.", "Because."))
    html = cards(Measurement((row(FULL), row(changed))), "en")
    for said in ("20.00", "20.20 (+1.0%)", "<strong>40</strong>", "400 MB", "1 / 1", "0 / 1", "1 / 2"):
        assert said in html
    assert "<i>" not in html and "&lt;i&gt;4" in html
    assert '<span class="good">right' in html and '<span class="bad">wrong' in html
    assert "Changed answers of m · bfloat16 against float32 (1)" in html
    assert "measured right after loading" in html


def test_every_row_says_what_it_is_counted_against():
    poet = row(replace(SMALL, answers=("No.", "No.")), "poet")
    board = (row(FULL), row(FULL, "poet"), row(SMALL), poet)
    html = cards(Measurement(board), "en")
    told = re.findall(r"<small>(against [^<]*)</small>", html)
    assert told == ["against float32 · no adapter", "against float32", "against float32 · poet"]
    assert "m · bfloat16 · poet against float32 · poet (2)" in html
    assert "<dt>float32 · poet" in html
    assert "어댑터 없음 대비" in cards(Measurement(board), "ko")


def test_what_was_stopped_says_so_and_when_the_others_were_measured():
    board = (row(FULL), Row(ModelSpec("y"), progress=CardProgress("decode", 0.5)))
    html = cards(Measurement(board, ended=datetime(2026, 3, 1, 9, tzinfo=UTC)), "en")
    assert "it was stopped" in html and "<progress" not in html and "aria-busy" not in html
    assert '<time datetime="2026-03-01T09:00:00+00:00">' in html


def test_what_is_running_failed_or_waits_is_said():
    reason = {"en": "no memory <b>", "ko": "메모리 부족"}
    board = (row(FULL), Row(ModelSpec("x"), failed=CardFailed("E", reason)), Row(ModelSpec("y")))
    html = cards(Measurement(board, running=True), "en")
    assert "no memory &lt;b&gt;" in html and "Waiting" in html and 'aria-busy="true"' in html
    assert cards(Measurement(), "en") == ""


@pytest.mark.parametrize("chosen", [([], ["float32"], None), (["a"], [], None), (["a"] * 9, ["x"] * 9, None)])
def test_nothing_and_too_much_is_refused(chosen):
    if len(chosen[0]) == 9:
        chosen = ([f"m{n}" for n in range(9)], ["float32", "bfloat16"], None)
    with pytest.raises(BadChoices):
        specs_of(*chosen)


def test_no_adapter_is_a_choice():
    assert specs_of(["a"], ["float32"], [NO_ADAPTER, "poet"])[0].adapter is None


def test_own_texts_are_checked_and_ours_stand_in():
    assert len(text_of("", "ko").split()) > 50
    assert questions_of(" one?\n\ntwo? ", "en") == (Question("one?"), Question("two?"))
    assert questions_of("", "en")
    with pytest.raises(TooShort):
        text_of("too short", "en")
    with pytest.raises(TooManyQuestions):
        questions_of("q\n" * 1000, "en")


@pytest.mark.model
def test_a_model_that_cannot_be_measured_does_not_stop_the_board(tmp_path):
    boards = list(measured([ModelSpec("no-such-model")], tmp_path, "text", QUESTIONS, threading.Event()))
    last = boards[-1][0]
    assert last.card is None and last.failed is not None
    assert "no-such-model" in last.failed.reason["en"]

"""Runs as HTML: every state in both languages; names are texts."""

from dataclasses import replace

import pytest

from app.compare.run_folders import Run
from app.compare.show_runs import adding, duration, estimated, head, runs, state
from tests.chains.compare.report.test_report import HOSTILE, Elements

RUN = Run("0" * 16, "Mine", "2026-11-23T18:00:00+00:00", 200, "XQuAD", ("zero", "few"), "running")
TOLD = {
    "state": "running",
    "columns": {
        "zero": {"done": 200, "total": 200, "kept": 40, "failed": 0},
        "few": {"done": 16, "total": 200, "kept": 0, "failed": 3},
    },
    "left_s": 260.0,
    "tokens_per_s": 812.4,
    "column": "few",
}
NOTHING = {
    "cells": 20,
    "kept": 0,
    "calls": 0,
    "prompt_tokens": 0,
    "completion_tokens": 0,
    "most_completion_tokens": 0,
    "seconds": 0.0,
    "measured": False,
    "problem": None,
}
SOME = {"column": "zero", "calls": 20, "prompt_tokens": 900, "completion_tokens": 100, "seconds": 90.0}
COST = {
    "estimate": [{**NOTHING, **SOME}, {**NOTHING, "column": "bad", "problem": "no memory"}],
    "seconds": 90.0,
}


def test_progress_is_said_in_words():
    assert state(RUN, TOLD, "en") == "216 of 400 answers · 4 min left · 812 tokens a second"
    assert state(RUN, TOLD, "ko") == "답변 400개 중 216개 · 4분 남음 · 초당 812토큰"
    assert state(RUN, {}, "en") == "Beginning…"
    assert state(RUN, {"loading": 0.41, "model": "small"}, "en") == "Loading small: 41 %"
    assert state(RUN, {"state": "scoring"}, "en") == "Computing the scores…"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (99, "99 s"), (150, "2 min"), (3540, "59 min"), (12_000, "3 h 20 min")],
)
def test_durations(seconds, words):
    assert duration(seconds, "en") == words


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(
    ("one", "offers"),
    [
        ("new", {"resume", "add", "rename", "delete", "close"}),
        ("waiting", {"stop", "rename", "close"}),
        ("running", {"stop", "rename", "close"}),
        ("stopped", {"resume", "add", "rename", "delete", "close"}),
        ("interrupted", {"resume", "add", "rename", "delete", "close"}),
        ("failed", {"resume", "add", "rename", "delete", "close"}),
        ("finished", {"resume", "add", "rename", "delete", "close"}),
    ],
)
def test_what_can_be_done_depends_on_the_state(one, offers, language):
    shown = head(replace(RUN, state=one), TOLD, "python -m app compare x", False, language)
    buttons = [values for tag, values in Elements(shown).found if tag == "button"]
    assert {values["data-do"] for values in buttons} == offers | {"copy"}
    assert ("<progress" in shown) == (one != "finished")
    assert f"is-{one}" in runs([replace(RUN, state=one)], {}, "", language)


def test_results_bring_downloads_and_failures_their_reason():
    shown = head(replace(RUN, state="finished", remarks=("few: 3 failed",)), {}, "x", True, "en")
    assert 'data-id="report.html"' in shown and "few: 3 failed" in shown
    failed = replace(RUN, state="failed", reason={"en": "killed", "ko": "끝남"})
    assert "killed" in head(failed, {}, "x", False, "en") and "끝남" in head(failed, {}, "x", False, "ko")


def test_nothing_yet_says_what_to_do():
    assert "Start" in runs([], {}, "", "en") and "시작" in runs([], {}, "", "ko")


def test_an_estimate_is_a_sum_and_a_row_for_each_column():
    shown = estimated(COST, "en")
    assert "About 90 s on this machine: 20 calls, 1,000 tokens." in shown and "no memory" in shown
    assert "few questions only" in shown
    judged = estimated({**COST, "judge": {**COST["estimate"][0], "column": ""}}, "en")
    assert "(the judge)" in judged and judged.count("<tr>") == shown.count("<tr>") + 1
    kept = {"estimate": [{**COST["estimate"][0], "calls": 0, "kept": 20}], "seconds": 0.0}
    assert "Everything is answered already" in estimated(kept, "en")


@pytest.mark.parametrize("text", HOSTILE)
def test_names_are_texts(text):
    def shape(text):
        run = replace(
            RUN, name=text, asked=text, columns=(text,), reason={"en": text, "ko": text}, remarks=(text,)
        )
        told = {**TOLD, "columns": {text: TOLD["columns"]["few"]}, "model": text}
        cost = {**COST, "estimate": [{**COST["estimate"][0], "column": text}]}
        shown = (runs([run], told, run.id, "en"), head(run, told, text, True, "en"), adding(run, "en"),
                 estimated(cost, "en"))  # fmt: skip
        return [[(tag, sorted(values)) for tag, values in Elements(one).found] for one in shown]

    assert shape(text) == shape("harmless")

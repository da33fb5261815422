"""Runs as folders: made, changed, renamed, deleted, cut off; hostile ids and names reach no other place."""

import json
import resource
import shutil
from contextlib import contextmanager
from dataclasses import replace

import pytest

from app.compare.child import Child, Ended, command, environment
from app.compare.run_errors import NoRun, RunActive
from app.compare.run_folders import FILE, named
from app.compare.running import Runs, _after, _reason
from app.settings import Settings
from app.terminal.comparing import SPECIFICATION
from chains.compare.example_sets import example_questions
from chains.compare.experiment import GREEDY, Column, Experiment
from chains.compare.faults import BadSpecification

TWO = (Column("zero"), Column("own", passage=True))


@pytest.fixture
def runs(tmp_path):
    def no_store():
        raise AssertionError("nobody searches")

    runs = Runs(Settings(tmp_path / "home"), no_store)
    yield runs
    runs.close()


@contextmanager
def full_disk():
    """Files can be made, and nothing be written to them."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def experiment(columns=TWO, metrics=("token_f1",)):
    return Experiment(example_questions()["reading_ko"].questions, columns, metrics, columns[0].name)


def test_a_run_is_what_its_folder_says(runs):
    run = runs.make(experiment(), "  My\nrun ")
    assert (run.name, run.questions, run.columns, run.state) == ("My run", 20, ("zero", "own"), "new")
    assert runs.list() == [run] == [runs.get(run.id)]
    read = runs.experiment(run.id)
    assert (read.questions.name, read.questions.language) == (run.asked, "ko")
    assert read.questions.items == experiment().questions.items
    assert read.columns == TWO
    assert run.id in runs.command(run.id) and SPECIFICATION in runs.command(run.id)


def test_what_the_command_would_refuse_is_refused_before_a_folder_is_made(runs):
    with pytest.raises(BadSpecification, match="at least 2"):
        runs.make(experiment(TWO[:1]))
    with pytest.raises(BadSpecification, match="last_number"):
        runs.make(experiment(metrics=("last_number",)))
    assert runs.list() == []


def test_columns_are_added_to_a_run(runs):
    run = runs.make(experiment())
    changed = runs.add(run.id, (Column("zero", "few_shot"), Column("zero", options=GREEDY)))
    assert changed.columns == ("zero", "own", "zero (2)")
    assert [one.technique for one in runs.experiment(run.id).columns] == [
        "zero_shot",
        "zero_shot",
        "few_shot",
    ]


def test_names_and_ids_are_no_paths(runs, tmp_path):
    run = runs.make(experiment(), "../../evil\x00\u202e" + "x" * 500)
    assert len(run.name) <= 100 and "\x00" not in run.name and "\u202e" not in run.name
    (tmp_path / "home" / FILE).write_text(json.dumps({"version": 1}))
    for id in ("", "..", "../runs", run.id + "/..", run.id.upper() + "x", "0" * 16, "가" * 16):
        for do in (runs.get, runs.delete, runs.command, runs.experiment, runs.folders.progress):
            with pytest.raises(NoRun):
                do(id)
        with pytest.raises(NoRun):
            runs.rename(id, "x")
    runs.rename(run.id, "Better")
    runs.rename(run.id, "  ")
    assert runs.get(run.id).name == "Better"
    runs.delete(run.id)
    assert runs.list() == [] and not list((tmp_path / "home" / "runs").iterdir())


def test_a_damaged_run_is_none(runs, tmp_path):
    run = runs.make(experiment())
    (tmp_path / "home" / "runs" / run.id / FILE).write_text("{")
    assert runs.list() == []
    with pytest.raises(NoRun):
        runs.get(run.id)


def test_what_was_going_on_when_the_page_ended_was_cut_off(runs):
    run = runs.make(experiment())
    runs.folders.note(runs.get(run.id).__class__(**{**run.__dict__, "state": "running"}))
    assert runs.get(run.id).state == "interrupted"
    runs.delete(run.id)


def test_a_run_that_goes_on_is_neither_changed_nor_deleted(runs):
    run = runs.make(experiment())
    runs._waiting.append((run.id, "en"))
    runs.folders.note(run.__class__(**{**run.__dict__, "state": "waiting"}))
    with pytest.raises(RunActive):
        runs.delete(run.id)
    with pytest.raises(RunActive):
        runs.add(run.id, TWO)
    runs.stop(run.id)
    assert runs.get(run.id).state == "stopped" and not runs.active()


def test_what_a_full_disk_does_not_take_is_known_all_the_same(runs, caplog):
    run = runs.make(experiment())
    with full_disk():
        runs.folders.note_if_possible(replace(run, state="finished"))
        with pytest.raises(OSError, match="too large"):
            runs.rename(run.id, "x")
    assert runs.get(run.id).state == runs.list()[0].state == "finished"
    assert run.id in caplog.text and "too large" in caplog.text
    runs.delete(run.id)
    assert runs.list() == []


def test_a_run_that_goes_wrong_ends_no_other(runs, caplog):
    gone, broken, last = (runs.make(experiment()) for _ in range(3))
    shutil.rmtree(runs.folders.of(gone.id))
    (runs.folders.of(broken.id) / "progress.json").mkdir()  # it cannot be removed like a file
    (runs.folders.of(last.id) / SPECIFICATION).unlink()
    runs._waiting += [(gone.id, "en"), (broken.id, "en")]
    runs.start(last.id, "en")
    if worker := runs._worker:
        worker.join()
    assert gone.id in caplog.text
    assert runs.get(broken.id).state == "failed" and "progress.json" in runs.get(broken.id).reason["en"]
    assert runs.get(last.id).state == "failed" and SPECIFICATION in runs.get(last.id).reason["en"]
    assert runs._worker is None and not runs.active()


def test_how_a_process_ended_is_said_in_words(runs):
    run = runs.make(experiment())
    done = _after(run, Ended(1, "", (f"in {run.id}", "zero: failed")), False, {"state": "finished"})
    assert (done.state, done.remarks) == ("finished", ("zero: failed",))
    assert _after(run, Ended(1, "", ()), True, {"state": "running"}).state == "stopped"
    killed = _after(run, Ended(-9, "", ()), False, {"state": "running"})
    assert killed.state == "failed" and "memory" in killed.reason["en"] and "메모리" in killed.reason["ko"]
    assert _reason(Ended(1, "", ("first", "last")))["en"] == "last"


def test_the_child_has_the_same_home_and_the_persons_language(tmp_path, monkeypatch):
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    settings = Settings(tmp_path / "a home")
    found = environment(settings, "ko")
    assert (found["MARU_HOME"], found["LC_MESSAGES"]) == (str(tmp_path / "a home"), "ko_KR.UTF-8")
    assert "LC_ALL" not in found
    assert command(settings, tmp_path / "a home").startswith(
        f"MARU_HOME='{tmp_path}/a home' python -m app compare '"
    )


def test_what_was_stopped_before_it_began_never_begins(tmp_path):
    child = Child(Settings(tmp_path), lambda: None, "en")
    child.stop()
    assert child.run(["nothing"], print) == Ended(0, "", ())
    assert child.stopping


def test_a_name_is_one_line():
    assert named("a\tb\n c ") == "a b c" and named("\x00") == ""

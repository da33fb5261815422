"""`compare` as a command: faults are said before a model is loaded; progress for a person and for a page."""

import argparse
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.commands.compare import repeated
from app.comparing.machine import LocalMachine
from app.comparing.names import LocalNames
from app.settings import Settings
from app.terminal.comparing import PROGRESS, Teller
from app.terminal.console import Console
from chains.compare.experiment import Experiment
from chains.compare.faults import BadSpecification
from chains.compare.progress import Progress
from chains.compare.question_set import Item, QuestionSet
from chains.compare.rates import FILE, note_rates
from chains.compare.saved_sets import SavedSets
from chains.compare.specification import read_specification
from chains.question import Example
from tests.chains.compare.test_run import SHORT, ZERO
from tests.commanding import run

TWO = "columns: [{name: a}, {name: b, technique: few_shot}]\n"
RUNNING = Progress({"a": 4, "b": 4}, {"a": 4, "b": 1}, {"a": 4}, {}, 9.0, 125.0, 40.0, "b", "default")


@pytest.fixture
def names(tmp_path):
    settings = Settings(tmp_path / "home")
    machine = LocalMachine(settings)
    yield LocalNames(settings, machine)
    machine.close()


def test_a_bad_specification_is_one_sentence_and_nothing_is_written(tmp_path):
    spec = tmp_path / "SPEC.yaml"
    spec.write_text("questions: none.jsonl\nmetrics: [exact_match]\n" + TWO, encoding="utf-8")
    found = run(tmp_path / "home", "compare", spec, "--out", tmp_path / "out")
    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr.strip() == (
        "line 1, questions: there is no file none.jsonl. Paths count from the folder of the specification."
    )
    assert not (tmp_path / "out").exists()


def test_without_a_folder_it_is_wrong_usage(tmp_path):
    found = run(tmp_path, "compare", tmp_path / "SPEC.yaml")
    assert found.returncode == 2
    assert "--out DIR, or --estimate" in found.stderr


def test_names_of_this_machine(names, tmp_path):
    assert "default" in names.known("model")
    assert {"auto", "float32", "nf4"} <= set(names.known("precision"))
    assert names.known("retriever") == ["dense", "hybrid", "lexical"]
    assert "gsm8k" in names.known("public")
    assert names.known("collection") == []
    SavedSets(tmp_path / "home" / "sets").save(QuestionSet("mine", "exact", (Item("1", "1+1?", ("2",)),)))
    text = "questions: mine\nmetrics: [exact_match]\n" + TWO
    assert read_specification(text, names).questions.items[0].answers == ("2",)


def test_files_examples_templates_and_adapters_of_this_machine(names, tmp_path):
    (tmp_path / "q.jsonl").write_text('{"id": "1", "question": "1+1?", "answers": ["2"]}\n', encoding="utf-8")
    spec = tmp_path / "SPEC.yaml"
    shown = names.examples("Short answers")
    assert shown and isinstance(shown[0], Example)
    text = "questions: q.jsonl\nanswer_type: exact\nmetrics: [exact_match]\ncolumns:\n  - {name: a}\n"
    spec.write_text(text + "  - {name: b, adapter: pirate}\n", encoding="utf-8")
    with pytest.raises(BadSpecification, match=r"line 6.*pirate") as caught:
        read_specification(spec, names)
    assert caught.value.fault == "refused"
    spec.write_text(text + "  - {name: b, template: nobodys, technique: template}\n", encoding="utf-8")
    with pytest.raises(BadSpecification, match="nobodys"):
        read_specification(spec, names)


def console(as_json: bool = False) -> tuple[Console, io.StringIO]:
    err = io.StringIO()
    return Console(io.StringIO(), err, "ko", as_json), err


def test_progress_for_a_person(tmp_path):
    said, err = console()
    Teller(said, tmp_path / PROGRESS, as_json=False).tell(RUNNING)
    assert err.getvalue().strip() == "5/8 · b · 2분 남음  62%"


def test_the_calls_of_what_is_answered_together_are_told(tmp_path):
    said, err = console()
    Teller(said, tmp_path / PROGRESS, as_json=False).tell(replace(RUNNING, asked=64, calls=1200))
    assert "5/8 · b · 다음 64개를 위해 1,200번 호출 · 2분 남음" in err.getvalue()


def test_progress_for_a_page_is_in_the_lines_and_in_the_file(tmp_path):
    said, err = console()
    teller = Teller(said, tmp_path / PROGRESS, as_json=True)
    teller.tell(RUNNING)
    teller.tell(replace(RUNNING, done={"a": 4, "b": 2}))  # too soon for the file
    lines = [json.loads(line) for line in err.getvalue().splitlines()]
    kept = json.loads((tmp_path / PROGRESS).read_text(encoding="utf-8"))
    assert [line["columns"]["b"]["done"] for line in lines] == [1, 2]
    assert kept == lines[0]
    assert kept["state"] == "running" and kept["columns"]["a"]["kept"] == 4
    teller.end()
    assert json.loads((tmp_path / PROGRESS).read_text(encoding="utf-8"))["state"] == "finished"


def test_the_command_that_is_repeated_names_no_path():
    args = argparse.Namespace(
        spec=Path("/home/someone/my museum.yaml"), out=Path("/mnt/x"), without_texts=True
    )
    assert repeated(args) == "python -m app compare 'my museum.yaml' --out DIR --without-texts"


def test_a_disk_that_cannot_be_written_to_ends_no_run_and_is_said_once(tmp_path):
    said, err = console()
    teller = Teller(said, tmp_path / "gone" / PROGRESS, as_json=False)
    teller.tell(RUNNING, now=True)
    teller.step("scoring", None)
    (tmp_path / FILE).mkdir()  # where the rates belong
    teller.attempt(lambda: note_rates(tmp_path, Experiment(SHORT, (ZERO,), (), "zero"), ()))
    teller.end()
    assert err.getvalue().count("진행 상황을 쓰지 못했어요") == 1
    assert [path.name for path in tmp_path.iterdir()] == [FILE]

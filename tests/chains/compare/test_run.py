"""Running an experiment: order, batches, what is kept, what fails, stopping and going on."""

import json
import shutil
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.errors import AdapterNotFound, ModelNotFound
from adapters.spec import GenerationOptions, ModelSpec
from chains.compare.cell import AnsweredBy, Cell, Generation
from chains.compare.cell_json import cell_from_json, cell_to_json
from chains.compare.experiment import Column, Experiment
from chains.compare.kept import Kept
from chains.compare.keys import chunk_keys, code_version, column_part, embeds, question_part, searches
from chains.compare.plan import CHUNK, blocks, chunks, questions_of
from chains.compare.question_set import Item, QuestionSet
from chains.compare.run import run
from chains.question import Citation, Message, Sentence
from chains.techniques import techniques
from tests.fakes import FixedRetriever, PretendModel, passage

ROOT = Path(__file__).parents[3]
ITEMS = tuple(
    Item(str(n), f"What is in drawer {n}?", (f"thing {n}",), passage=f"Drawer {n} holds thing {n}.")
    for n in range(CHUNK + 6)
)
SHORT = replace(QuestionSet("drawers", "text", ITEMS), items=ITEMS[:3])
LONG = QuestionSet("drawers", "text", ITEMS)
ZERO, FEW = Column("zero"), Column("few", "few_shot")


def experiment(*columns: Column, questions: QuestionSet = SHORT, repeats: int = 1) -> Experiment:
    chosen = columns or (ZERO, FEW)
    return Experiment(questions, chosen, ("exact_match",), chosen[0].name, repeats)


class Bench:
    """A machine whose models write the same words; remembers what was loaded, attached and forgotten."""

    def __init__(self) -> None:
        self.loaded: list[ModelSpec] = []
        self.closed: list[str] = []
        self.models: list[PretendModel] = []
        self.script: list[Any] = ["a ", "thing"]
        self.prints = "1"
        self.missing: set[str] = set()
        self.found = [passage("Drawer 1 holds thing 1.", relevance=0.9)]
        self.state = "state"
        self.embedders = "one"
        self.begun = (0, 0)
        self.gate = threading.Event()
        self.gate.set()

    def fingerprint(self, spec: ModelSpec) -> str:
        return f"{spec.id} {spec.precision} {spec.adapter} {self.prints}"

    def load(self, spec, report, cancelled):
        report("loading", 0.5)
        if spec.id in self.missing:
            raise ModelNotFound(id=spec.id, known="default")
        while not self.gate.wait(0.01):
            if cancelled.is_set():
                raise RuntimeError("cancelled")
        self.loaded.append(spec)
        model = Recording(spec=spec, script=self.script, on_close=lambda: self.closed.append(spec.id))
        self.models.append(model)
        return model

    def retriever(self, collection, key, k):
        return FixedRetriever(passages=self.found)

    def collection_state(self, collection):
        return self.state

    def embedders_state(self):
        return self.embedders

    def begin_memory(self) -> None:
        self.begun = len(self.loaded), self.asked

    def peak_memory(self) -> int:
        """Tells since when the peak counts: how many models were loaded, how many calls were made by then."""
        return 1000 + 100 * self.begun[0] + self.begun[1]

    @property
    def asked(self) -> int:
        return sum(len(model.asked) for model in self.models)


class Recording(PretendModel):
    """A pretended model that knows one adapter and cannot answer what it is told not to."""

    def serving(self, adapter, owner=""):
        if adapter not in (None, "poet"):
            raise AdapterNotFound(adapter=adapter, known="poet")
        return super().serving(adapter, owner)


@pytest.fixture
def kept(tmp_path):
    with Kept(tmp_path) as kept:
        yield kept


def answers(experiment, bench, kept, **rest):
    """The last Progress, its cells as a tuple; checks that all before it only grow."""
    seen = list(run(experiment, bench, kept, **rest))
    done = [sum(one.done.values()) for one in seen]
    assert done == sorted(done)
    assert all(not one.cells for one in seen[:-1])
    return replace(seen[-1], cells=tuple(seen[-1].cells))


def test_every_cell_is_answered_once_and_placed(kept):
    bench = Bench()
    last = answers(experiment(), bench, kept)
    assert last.finished
    assert [(one.column, one.item, one.repeat) for one in last.cells] == [
        (column, item, 0) for column in ("zero", "few") for item in "012"
    ]
    assert {one.text for one in last.cells} == {"a thing"}
    assert [one.peak_memory_bytes for one in last.cells] == [1100] * 3 + [1103] * 3, "begun anew by column"
    assert all(
        one.generations[0].messages and one.prompt_tokens and one.completion_tokens for one in last.cells
    )
    assert (len(bench.loaded), bench.closed) == (1, ["default"])
    assert last.total == last.done == {"zero": 3, "few": 3}


def test_it_says_how_many_calls_have_ended_before_the_chunk_has(kept):
    gates = [threading.Event() for _ in range(3)]

    class Gated(Recording):
        def _told(self, messages, seed):
            gates[len(self.asked) - 1].wait(60)
            yield from super()._told(messages, seed)

    class Gate(Bench):
        def load(self, spec, report, cancelled):
            return Gated(spec=spec, script=self.script)

    calls = []
    gates[0].set()
    for progress in run(experiment(ZERO), Gate(), kept):
        if progress.calls:
            calls.append((progress.calls, progress.asked, progress.done))
            gates[progress.calls].set() if progress.calls < 3 else None
    assert calls[:2] == [(1, 3, {}), (2, 3, {})]


def test_a_second_run_asks_nothing_and_loads_nothing(kept):
    first = answers(experiment(), Bench(), kept)
    again = Bench()
    second = answers(experiment(), again, kept)
    assert (again.loaded, second.kept) == ([], {"zero": 3, "few": 3})
    assert second.cells == first.cells


def test_fresh_asks_again(kept):
    answers(experiment(), Bench(), kept)
    again = Bench()
    answers(experiment(), again, kept, fresh=True)
    assert again.asked == 6


def test_a_column_that_is_added_later_alone_runs(kept):
    answers(experiment(), Bench(), kept)
    again = Bench()
    last = answers(experiment(ZERO, FEW, Column("cot", "chain_of_thought")), again, kept)
    assert (again.asked, last.kept) == (3, {"zero": 3, "few": 3})


def test_the_name_of_a_column_is_no_part_of_what_is_kept(kept):
    answers(experiment(), Bench(), kept)
    last = answers(experiment(replace(ZERO, name="plain"), FEW), Bench(), kept)
    assert last.kept == {"plain": 3, "few": 3}
    assert last.cells[0].column == "plain"


CHANGES = {
    "question": lambda one: replace(
        one, questions=replace(SHORT, items=(*ITEMS[:2], replace(ITEMS[2], question="Why?")))
    ),
    "choices": lambda one: replace(
        one, questions=replace(SHORT, items=(*ITEMS[:2], replace(ITEMS[2], choices=("a", "b"))))
    ),
    "company": lambda one: replace(one, questions=replace(SHORT, items=ITEMS[:4])),
    "language": lambda one: replace(one, questions=replace(SHORT, language="ko")),
    "system": lambda one: replace(one, columns=(replace(ZERO, system="Be brief."), FEW)),
    "options": lambda one: replace(one, columns=(replace(ZERO, options=GenerationOptions(9, 0.0)), FEW)),
    "technique": lambda one: replace(one, columns=(replace(ZERO, technique="plan_and_solve"), FEW)),
    "precision": lambda one: replace(one, columns=(replace(ZERO, precision="float32"), FEW)),
    "adapter": lambda one: replace(one, columns=(replace(ZERO, adapter="poet"), FEW)),
    "passage": lambda one: replace(one, columns=(replace(ZERO, passage=True), FEW)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_determines_an_answer_gives_it_another_key(kept, name):
    answers(experiment(), Bench(), kept)
    last = answers(CHANGES[name](experiment()), Bench(), kept)
    assert last.kept.get("zero", 0) == 0


def test_other_weights_give_all_cells_other_keys(kept):
    answers(experiment(), Bench(), kept)
    bench = Bench()
    bench.prints = "2"
    assert answers(experiment(), bench, kept).kept == {}


def test_a_changed_collection_changes_the_cells_that_it_touches(kept):
    searching = experiment(replace(ZERO, collection="papers"), FEW)
    first = answers(searching, Bench(), kept)
    assert first.cells[0].passages[0].text == "Drawer 1 holds thing 1."
    same = Bench()
    same.state = "other documents, but the same passages"
    assert answers(searching, same, kept).kept == {"zero": 3, "few": 3}
    changed = Bench()
    changed.found = [passage("Drawer 1 is empty.", relevance=0.9)]
    assert answers(searching, changed, kept).kept == {"few": 3}


def test_what_searches_while_it_works_is_handed_the_search(kept):
    bench = Bench()
    last = answers(experiment(replace(ZERO, technique="step_back", collection="papers"), FEW), bench, kept)
    queries = [one.query for one in last.cells[0].generations if one.query]
    assert len(queries) == 1
    bench.state = "another"
    assert answers(
        experiment(replace(ZERO, technique="step_back", collection="papers"), FEW), bench, kept
    ).kept == {"few": 3}


def test_what_searches_while_it_works_depends_on_the_whole_collection():
    assert searches("react") and not searches("zero_shot")
    column = Column("r", "react", collection="papers")
    assert column_part(column, "f", False, "one") != column_part(column, "f", False, "two")


def test_another_embedder_asks_anew_where_examples_are_chosen_by_it_and_nowhere_else(kept):
    assert [key for key in techniques() if embeds(key)] == ["few_shot_similar"]
    grid = experiment(ZERO, Column("similar", "few_shot_similar"))
    answers(grid, Bench(), kept)
    assert answers(grid, Bench(), kept).kept == {"zero": 3, "similar": 3}
    other = Bench()
    other.embedders = "two"
    assert answers(grid, other, kept).kept == {"zero": 3}


def test_repeats_draw_their_own_samples(kept):
    warm = replace(ZERO, options=GenerationOptions(9, 0.8, seed=1))
    bench = Bench()
    last = answers(experiment(warm, FEW, repeats=3), bench, kept)
    seeds = [options["seed"] for options in bench.models[0].options]
    assert len(set(seeds)) == len(seeds) == 18
    assert [one.repeat for one in last.cells[:3]] == [0, 1, 2]
    again = Bench()
    answers(experiment(warm, FEW, repeats=3), again, kept)
    assert again.asked == 0


def test_one_model_is_loaded_once_and_adapters_stand_together():
    columns = (
        Column("a", model="one", adapter="poet"),
        Column("b", model="two"),
        Column("c", "few_shot", model="one"),
        Column("d", model="one", precision="float32"),
        Column("e", model="one"),
        Column("f", model="one", adapter="poet"),
    )
    order = [(one.spec, [column.name for column in one.columns]) for one in blocks(experiment(*columns))]
    assert order == [
        (ModelSpec("one"), ["e", "c", "a", "f"]),
        (ModelSpec("two"), ["b"]),
        (ModelSpec("one", "float32"), ["d"]),
    ]


def test_chunks_depend_on_the_experiment_alone():
    first, second = chunks(experiment(questions=LONG), ZERO)
    assert (len(first.items), [item.id for item in second.items]) == (CHUNK, [i.id for i in ITEMS[CHUNK:]])
    parts = [question_part(one) for one in questions_of(second, LONG, [None] * 6)]
    assert len(set(chunk_keys("c", parts))) == 6
    assert set(chunk_keys("c", parts)).isdisjoint(chunk_keys("c", parts[:5]))


def test_equal_questions_keep_their_own_cells(kept):
    twins = replace(SHORT, items=(ITEMS[0], replace(ITEMS[0], id="twin")))
    greedy = replace(ZERO, options=replace(ZERO.options, seed=None))
    answers(experiment(greedy, FEW, questions=twins), Bench(), kept)
    assert answers(experiment(greedy, FEW, questions=twins), Bench(), kept).kept == {"zero": 2, "few": 2}


class Telling(Recording):
    """Finds all choices alike."""

    def log_likelihood(self, messages: Any, continuation: str) -> float:
        return -1.0


def test_the_search_and_the_likelihoods_count_among_the_seconds(kept):
    class Machine(Bench):
        def load(self, spec, report, cancelled):
            return Telling(spec=spec, script=self.script)

    chosen = replace(SHORT, items=tuple(replace(one, choices=("a", "b")) for one in SHORT.items))
    grid = replace(
        experiment(ZERO, replace(FEW, collection="papers"), questions=chosen), metrics=("choice_likelihood",)
    )
    last = answers(grid, Machine(), kept)
    assert all(one.log_likelihoods == (-1.0, -1.0) and 0 < one.beside_s < one.seconds for one in last.cells)
    plain = answers(replace(grid, metrics=("exact_match",)), Machine(), kept)
    spent = {one.column: one.beside_s for one in plain.cells}
    assert spent["zero"] == 0 < spent["few"]


def test_an_answer_without_the_model_takes_none_of_its_groups_seconds(kept):
    """Of two questions, one finds nothing: the other's writing is not counted again for it."""

    class Half(FixedRetriever):
        def _get_relevant_documents(self, query, *, run_manager):
            return super()._get_relevant_documents(query, run_manager=run_manager) if "0" in query else []

    class Machine(Bench):
        def retriever(self, collection, key, k):
            return Half(passages=self.found)

    column = replace(ZERO, collection="papers")
    last = answers(experiment(column, questions=replace(SHORT, items=ITEMS[:2])), Machine(), kept)
    written, refused = last.cells
    assert (written.finish_reason, refused.finish_reason) == ("stop", "nothing_found")
    assert refused.seconds == refused.beside_s < written.seconds


def test_a_model_that_cannot_be_loaded_costs_its_own_columns(kept):
    bench = Bench()
    bench.missing = {"gone"}
    last = answers(experiment(ZERO, Column("b", model="gone"), Column("c", "few_shot")), bench, kept)
    assert last.finished
    assert last.failed == {"b": 3}
    (said,) = {cell.error["ko"] for cell in last.cells if cell.error}
    assert "gone" in said
    assert {cell.passing for cell in last.cells if cell.error} == {True}
    bench.missing = set()
    assert answers(experiment(ZERO, Column("b", model="gone")), bench, kept).failed == {}


def test_an_adapter_that_is_gone_costs_its_own_column(kept):
    last = answers(experiment(ZERO, Column("b", adapter="pirate")), Bench(), kept)
    assert last.failed == {"b": 3}
    assert "pirate" in last.cells[-1].error["en"]


def test_a_question_that_cannot_be_asked_costs_its_own_cell_and_is_kept(kept):
    odd = replace(SHORT, items=(*ITEMS[:2], replace(ITEMS[2], question="   ")))
    last = answers(experiment(ZERO, FEW, questions=odd), Bench(), kept)
    assert last.failed == {"zero": 1, "few": 1}
    assert "empty" in last.cells[2].error["en"] and not last.cells[2].passing
    assert answers(experiment(ZERO, FEW, questions=odd), Bench(), kept).kept == {"zero": 3, "few": 3}


class Untelling(Recording):
    """A model that answers, but breaks when it is asked how likely it finds something."""

    def log_likelihood(self, messages, continuation):
        raise RuntimeError("the engine tripped")


def test_likelihoods_that_may_come_another_time_are_asked_again(kept):
    class Choosing(Bench):
        def load(self, spec, report, cancelled):
            return Untelling(spec=spec, script=self.script, on_close=lambda: None)

    chosen = replace(SHORT, items=tuple(replace(one, choices=("thing", "other")) for one in SHORT.items))
    of = replace(experiment(ZERO, questions=chosen), metrics=("choice_likelihood",))
    last = answers(of, Choosing(), kept)
    assert last.failed == {"zero": 3} and all(cell.passing for cell in last.cells)
    assert answers(of, Bench(), kept).kept == {}


def test_what_may_pass_is_asked_again(kept):
    bench = Bench()
    bench.script = ["a ", RuntimeError("the engine tripped")]
    assert answers(experiment(), bench, kept).failed == {"zero": 3, "few": 3}
    last = answers(experiment(), Bench(), kept)
    assert (last.failed, last.kept) == ({}, {})


def test_a_stopped_run_keeps_what_is_done_and_goes_on(kept):
    grid, stop, bench = experiment(questions=LONG), threading.Event(), Bench()
    for progress in run(grid, bench, kept, stop):
        if progress.done.get("zero") == CHUNK:
            stop.set()
    assert not progress.finished
    assert (len(progress.cells), bench.closed) == (CHUNK, ["default"])
    again = Bench()
    last = answers(grid, again, kept)
    assert (last.kept, again.asked) == ({"zero": CHUNK}, 2 * len(ITEMS) - CHUNK)
    assert [replace(cell, seconds=0, peak_memory_bytes=0) for cell in last.cells] == [
        replace(cell, seconds=0, peak_memory_bytes=0)
        for cell in answers(grid, Bench(), kept, fresh=True).cells
    ]


def test_stopping_while_a_model_loads(kept):
    bench, stop = Bench(), threading.Event()
    bench.gate.clear()
    for progress in run(experiment(), bench, kept, stop):
        if progress.loading is not None:
            assert (progress.step, progress.loading) == ("loading", 0.5)
            stop.set()
    assert (list(progress.cells), progress.finished) == ([], False)


def test_time_left_and_rate(kept):
    seen = list(run(experiment(questions=LONG), Bench(), kept))
    assert seen[0].left_s is None
    middle = [one.left_s for one in seen if one.left_s is not None]
    assert middle[0] > 0 and middle[-1] == 0
    assert seen[-1].tokens_per_s > 0


def test_a_cell_comes_back_to_the_last_digit():
    cell = Cell(
        "c", "i", 2, "k", "text", "why", 0.1 + 0.2, (passage("one", page=3, score=1 / 3),),
        (Citation(1, "s", None, "t", 0, 1, 0.5, ((0, 1),), None),), (Sentence(0, 4, (1,), True),),
        (Generation("a", (Message("user", "hi \ud83c\udf89"),), "raw", 1, 2, "q"),), 5, 6, 1 / 7, 9, "stop",
        ("history_trimmed",), (-0.1, -1e-17), (-3.3,), None, AnsweredBy("m", "int8", "openvino", "weights=1"),
    )  # fmt: skip
    text = cell_to_json(cell)
    assert cell_from_json(text, "c", "i", 2, "k") == cell


def test_a_cell_that_was_kept_before_it_was_noted_what_answered_is_still_read():
    before = json.loads(cell_to_json(Cell("c", "i", 0, "k", "text")))
    del before["answered_by"]
    assert cell_from_json(json.dumps(before), "c", "i", 0, "k") == Cell("c", "i", 0, "k", "text")


def test_a_cell_says_what_really_answered_also_when_it_was_kept(kept):
    bench = Bench()
    poet = Column("poet", adapter="poet")
    for _ in range(2):
        cells = answers(experiment(ZERO, poet), bench, kept).cells
        prints = {"zero": "default auto None 1", "poet": "default auto poet 1"}
        assert {(cell.column, cell.answered_by) for cell in cells} == {
            (name, AnsweredBy("default", "auto", "pretend", told)) for name, told in prints.items()
        }
    assert len(bench.loaded) == 1


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A copy of the code, to change."""
    folder = tmp_path_factory.mktemp("code")
    for package in ("adapters", "chains", "vectorstore"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def version_there(folder, technique):
    asks = f"from chains.compare.keys import code_version; print(code_version({technique!r}))"
    told = subprocess.run(
        [sys.executable, "-c", asks], cwd=folder, capture_output=True, check=True, text=True
    )
    return told.stdout.strip()


@pytest.mark.parametrize(
    ("technique", "file", "before", "after", "counts"),
    [
        ("role", "techniques/role.py", "\n\n\ndef build(", "\n\n\n# Said anew.\n\ndef build(", False),
        ("role", "techniques/role.py", "order = 130", "order = 131", True),
        ("role", "prompting.py", "import", "SAID_HERE = 1\nimport", True),
        ("role", "templates/built_in/teacher.en.yaml", "e", "E", True),
        ("few_shot", "examples/many_kinds.en.json", "e", "E", True),
        ("few_shot", "techniques/role.py", "order = 130", "order = 131", False),
        ("zero_shot", "templates/built_in/teacher.en.yaml", "e", "E", False),
    ],
)
def test_code_and_data_behind_a_technique_count_and_comments_do_not(
    copied, technique, file, before, after, counts
):
    path = copied / "chains" / file
    text, first = path.read_text(encoding="utf-8"), version_there(copied, technique)
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    try:
        assert (version_there(copied, technique) != first) == counts
    finally:
        path.write_text(text, encoding="utf-8")


def test_likelihoods_count_among_the_code():
    assert code_version("zero_shot") != code_version("zero_shot", likelihood=True)


def test_a_damaged_file_is_set_aside(tmp_path):
    with Kept(tmp_path) as kept:
        kept.put({"a": "1"})
        place = kept.path
    place.write_bytes(b"nonsense" * 1000)
    with Kept(tmp_path) as kept:
        assert kept.get(["a"]) == {}
        kept.put({"a": "2"})
        assert (kept.get(["a"]), len(kept.notices)) == ({"a": "2"}, 1)
        assert "set aside" in kept.notices[0]["en"]
    assert len(list(tmp_path.glob("*.damaged-*.sqlite"))) == 1


def test_damage_inside_is_found_when_it_is_read(tmp_path):
    with Kept(tmp_path) as kept:
        kept.put({"a": "1"})
        with sqlite3.connect(kept.path) as connection:
            connection.execute("UPDATE cells SET content = x'00'")
        connection.close()
        assert kept.get(["a"]) == {}
        kept.put({"b": "2"})
        assert kept.get(["a", "b"]) == {"b": "2"}


def test_a_folder_that_cannot_be_written_is_said_and_the_run_goes_on(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with Kept(tmp_path / "file") as kept:
        last = answers(experiment(), Bench(), kept)
    assert last.finished and len(last.notices) == 1


def test_the_oldest_leave_first(tmp_path):
    with Kept(tmp_path) as kept:
        for key in "abc":
            kept.put({key: key * 10})
        assert kept.clean(most_bytes=25) == 1
        assert set(kept.get(list("abc"))) == {"b", "c"}
        assert kept.clean(unused_s=-1) == 2


def test_two_may_keep_at_once(tmp_path):
    def write(name):
        with Kept(tmp_path) as kept:
            for number in range(50):
                kept.put({f"{name}{number}": "x"})
            notices.extend(kept.notices)

    notices: list[Any] = []
    threads = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Kept(tmp_path) as kept:
        assert len(kept.get([f"{name}{number}" for name in "ab" for number in range(50)])) == 100
    assert notices == []

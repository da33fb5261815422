"""A comparison searches documents that another process owns: it asks that process, line by line."""

import io
import json
import os
import threading

import numpy as np
import pytest

from app.comparing.documents import AskedDocuments, OwnDocuments, SearchFailed, replied
from chains.compare.experiment import Column, Experiment
from chains.compare.kept import Kept
from chains.compare.question_set import Item, QuestionSet
from chains.compare.scores import score_all
from tests.chains.compare.test_run import Bench, answers
from vectorstore.ingest import add
from vectorstore.passage import from_document
from vectorstore.store import Store


@pytest.fixture
def store(tmp_path):
    (tmp_path / "gate.txt").write_text("Old Min keeps the northern gate.", encoding="utf-8")
    with Store(tmp_path / "store") as store:
        store.create("town")
        list(add(store, "town", [tmp_path / "gate.txt"]))
        yield store


@pytest.fixture
def asked(store):
    """Documents over two real pipes; a thread answers as the page would."""
    wishes_out, wishes_in = os.pipe()
    replies_out, replies_in = os.pipe()
    reader, writer = os.fdopen(wishes_out, encoding="utf-8"), os.fdopen(replies_in, "w", encoding="utf-8")

    def answer():
        with reader, writer:
            for line in reader:
                writer.write(replied(line, store) or "")
                writer.flush()

    thread = threading.Thread(target=answer)
    thread.start()
    with (
        os.fdopen(wishes_in, "w", encoding="utf-8") as asks,
        os.fdopen(replies_out, encoding="utf-8") as told,
    ):
        yield AskedDocuments(asks, told)
    thread.join(10)


def test_what_is_asked_for_is_what_the_store_finds(asked, store):
    assert asked.collections() == ["town"]
    assert asked.state("town") == OwnDocuments.state(_owning(store), "town")
    queries = ["Who keeps the gate?", "문을 지키는 사람"]
    found = asked.retriever("town", "lexical", 2).batch(queries, {"max_concurrency": 1})
    own = store.retriever("town", "lexical", 2).batch(queries, {"max_concurrency": 1})
    assert [list(map(from_document, one)) for one in found] == [list(map(from_document, one)) for one in own]
    assert found[0][0].page_content == "Old Min keeps the northern gate."


def test_a_failed_search_says_why(asked):
    with pytest.raises(SearchFailed, match="village"):
        asked.retriever("village", "lexical", 2)


def test_nobody_there():
    with pytest.raises(SearchFailed, match="does not answer"):
        AskedDocuments(io.StringIO(), io.StringIO()).collections()


@pytest.mark.parametrize("line", ["plain words", "{", "[]", json.dumps({"state": "running"})])
def test_other_lines_are_no_wishes(store, line):
    assert replied(line, store) is None


class Town(Bench):
    """A machine that asks for passages. Where it is `losing`, the collection is deleted before a search."""

    def __init__(self, documents, store, losing):
        super().__init__()
        self.script = ["Thought: who?\n", "Action: search[northern gate]"]
        self.documents, self.store, self.losing = documents, store, losing

    def retriever(self, collection, key, k):
        return self.documents.retriever(collection, key, k)

    def collection_state(self, collection):
        return self.documents.state(collection)

    def fingerprint(self, spec):
        if self.losing and "town" in self.documents.collections():
            self.store.delete("town")  # after the column has begun, before anything is searched for it
        return super().fingerprint(spec)


@pytest.mark.parametrize("technique", ["zero_shot", "step_back", "react"])
def test_a_search_that_failed_scores_nothing_and_is_asked_again(asked, store, tmp_path, technique):
    gate = QuestionSet("gate", "span", (Item("1", "Who keeps the northern gate?", ("Old Min",)),))
    column = Column("searching", technique, collection="town", retriever="lexical", k=2)
    grid = Experiment(gate, (column,), ("exact_match",), "searching")
    with Kept(tmp_path / "kept") as kept:
        lost = answers(grid, Town(asked, store, losing=True), kept)
        (cell,) = lost.cells
        assert lost.failed == {"searching": 1} and "town" in cell.error["ko"] and cell.passing
        assert np.isnan(score_all(grid, lost.cells).values["exact_match"]["searching"]).all()
        store.create("town")
        list(add(store, "town", [tmp_path / "gate.txt"]))
        found = answers(grid, Town(asked, store, losing=False), kept)
        assert (found.failed, found.kept) == ({}, {})
        assert "Old Min" in found.cells[0].passages[0].text


def _owning(store):
    documents = OwnDocuments.__new__(OwnDocuments)
    documents._store = store
    return documents

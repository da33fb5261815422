"""A comparison searches documents that another process owns: it asks that process, line by line."""

import io
import json
import os
import threading

import pytest

from app.comparing.documents import AskedDocuments, OwnDocuments, SearchFailed, replied
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


def _owning(store):
    documents = OwnDocuments.__new__(OwnDocuments)
    documents._store = store
    return documents

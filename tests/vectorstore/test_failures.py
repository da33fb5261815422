"""What goes wrong underneath the store arrives as one of its own errors, and names the mend that helps."""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.vectorstore.embedders import OtherWeights
from vectorstore import errors, retrievers
from vectorstore.ingest import add
from vectorstore.store import Store

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "quick", embedder=OtherWeights()) as opened:
        yield opened


@pytest.mark.parametrize("key", retrievers.keys())
def test_a_collection_deleted_after_the_retriever_was_made_is_not_found(
    store: Store, write: Write, key: str
) -> None:
    list(add(store, "c", [write("a.txt", "Penguins eat fish.")]))
    retriever = store.retriever("c", key)
    assert retriever.invoke("What do penguins eat?")
    store.delete("c")
    store.create("d")
    with pytest.raises(errors.CollectionNotFound, match='"c"') as raised:
        retriever.invoke("What do penguins eat?")
    assert "Known collections: d" in str(raised.value)


def test_searching_while_collections_come_and_go(quick: Store, write: Write) -> None:
    """Every search of a collection that is being deleted finds something, or says that it is gone."""
    path = write("a.txt", "Penguins eat fish.")
    strange: list[BaseException] = []
    done = threading.Event()
    keys = retrievers.keys()

    def ask() -> None:
        while not done.is_set():
            try:
                for key in keys:
                    quick.search("c", "What do penguins eat?", 2, key)
            except errors.CollectionNotFound:
                pass
            except BaseException as error:
                strange.append(error)

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    for _ in range(25):
        list(add(quick, "c", [path]))
        quick.delete("c")
    done.set()
    for asker in askers:
        asker.join()
    assert not strange


def test_an_unusable_vector_folder_is_named(store: Store, write: Write, tmp_path: Path) -> None:
    (tmp_path / "store" / "chroma").write_text("a file where a folder should be", "utf-8")
    path = write("a.txt", "Penguins eat fish.")
    (event,) = [event for event in add(store, "c", [path]) if event.status == "failed"]
    assert isinstance(event.error, errors.StoreFailed)
    assert "chroma" in str(event.error)
    assert store.documents("c") == []
    (tmp_path / "store" / "chroma").unlink()
    assert [event.status for event in add(store, "c", [path])][-1] == "added", "and mended while Maru runs"


def test_a_damaged_vector_database_is_a_store_error(tmp_path: Path, write: Write) -> None:
    path = write("a.txt", "Penguins eat fish.")
    with Store(tmp_path / "s") as store:
        list(add(store, "c", [path]))
    (tmp_path / "s" / "chroma" / "chroma.sqlite3").write_bytes(os.urandom(20_000))
    with Store(tmp_path / "s") as store:
        with pytest.raises(errors.StoreFailed):
            store.search("c", "What do penguins eat?", 1, "dense")
        assert store.search("c", "penguins", 1, "lexical")[0].source == "a.txt"


@pytest.mark.parametrize("damage", ["not a database", "a folder", "tables of something else"])
def test_a_damaged_manifest_is_a_store_error(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "s" / "manifest.sqlite3"
    file.parent.mkdir()
    if damage == "a folder":
        file.mkdir()
    elif damage == "not a database":
        file.write_bytes(os.urandom(20_000))
    else:
        with sqlite3.connect(file) as connection:
            connection.executescript("CREATE TABLE collections (x)")
        connection.close()
    for _ in range(2):  # the second time too: the lock was let go
        with pytest.raises(errors.StoreFailed) as raised:
            Store(tmp_path / "s")
        assert "manifest.sqlite3" in raised.value.text("ko")

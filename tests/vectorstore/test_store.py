import json
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.vectorstore.embedders import OtherWeights
from vectorstore import embedders, errors
from vectorstore.ingest import add
from vectorstore.store import Store

Write = Callable[[str, str | bytes], Path]

IN_ANOTHER_PROCESS = """
import json, sys
from pathlib import Path
from vectorstore.errors import StoreInUse
from vectorstore.store import Store
try:
    with Store(Path(sys.argv[1])) as store:
        names = [c.name for c in store.collections()]
        found = {name: [(d.source, d.passages) for d in store.documents(name)] for name in names}
        hits = [p.source for p in store.search("마루 문서", "What do penguins eat?", 2)]
        served = [name for name in sys.modules if name.startswith("chromadb.server")]
        print(json.dumps([found, hits, served]))
except StoreInUse as error:
    print(json.dumps(type(error).__name__))
"""


def in_another_process(folder: Path) -> str:
    command = [sys.executable, "-c", IN_ANOTHER_PROCESS, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def fill(store: Store, write: Write, collection: str = "마루 문서") -> None:
    files = [
        write("penguins.txt", "Penguins eat fish and krill. They swim under the ice."),
        write("볼.md", "# 서울\n\n서울은 대한민국의 수도이다. 한강이 도시를 지난다."),
    ]
    assert {event.status for event in add(store, collection, files)} == {"reading", "embedding", "added"}


@pytest.mark.slow
def test_what_is_kept_is_there_for_the_next_process(tmp_path: Path, write: Write) -> None:
    with Store(tmp_path / "s") as store:
        fill(store, write)
        assert in_another_process(tmp_path / "s") == '"StoreInUse"'
    found, hits, served = json.loads(in_another_process(tmp_path / "s"))
    assert found == {"마루 문서": [["penguins.txt", 1], ["볼.md", 1]]}
    assert hits[0] == "penguins.txt"
    assert served == [], "CVE-2026-45829: Chroma's FastAPI server is never imported"


def test_a_second_store_in_this_process_is_refused_too(store: Store, tmp_path: Path) -> None:
    with pytest.raises(errors.StoreInUse):
        Store(tmp_path / "store")
    store.close()
    Store(tmp_path / "store").close()


def test_records(store: Store, write: Write) -> None:
    fill(store, write)
    (collection,) = store.collections()
    assert (collection.name, collection.documents, collection.passages) == ("마루 문서", 2, 2)
    assert collection.problem is None and "English" in collection.embedder
    first, second = store.documents("마루 문서")
    assert (first.source, first.kind, first.pages, first.encoding) == ("penguins.txt", ".txt", None, "utf-8")
    assert second.bytes > second.characters == len(store.text("마루 문서", second.id))
    for document in (first, second):
        text = store.text("마루 문서", document.id)
        for passage in store.passages("마루 문서", document.id):
            assert passage.text == text[passage.start : passage.end]


def test_names_in_any_script_composed_or_not(store: Store) -> None:
    for name in (
        "우리 문서",
        "مستندات",
        "文書",
        "a/b",
        "../../etc",
        "$(x)",
        "%2e%2e",
        "'; DROP TABLE passages; --",
    ):
        store.create(name)
        with pytest.raises(errors.CollectionExists):
            store.create(unicodedata.normalize("NFD", name))
        assert store.documents(unicodedata.normalize("NFD", f" {name} ")) == []
    assert len(store.collections()) == 8
    store.delete(unicodedata.normalize("NFD", "우리 문서"))
    assert "우리 문서" not in [collection.name for collection in store.collections()]


@pytest.mark.parametrize("name", ["", "  ", "a\0b", "x" * 4096, "a\nb", "\u202egpj.exe", "\ud800", "\u200b"])
def test_names_that_are_none(store: Store, name: str) -> None:
    with pytest.raises(errors.BadCollectionName):
        store.create(name)
    with pytest.raises(errors.CollectionNotFound) as raised:
        store.documents(name)
    raised.value.text("ko").encode("utf-8")


def test_nothing_is_written_outside_the_folder(store: Store, write: Write, tmp_path: Path) -> None:
    fill(store, write, "../outside")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["files", "store"]
    names = {path.name for path in (tmp_path / "store").rglob("*")}
    assert not any("outside" in name for name in names)


def test_deleting_a_document_and_a_collection(store: Store, write: Write) -> None:
    fill(store, write)
    fill(store, write, "other")
    (document,) = [d for d in store.documents("마루 문서") if d.kind == ".txt"]
    store.delete_document("마루 문서", document.id)
    assert [d.source for d in store.documents("마루 문서")] == ["볼.md"]
    assert all(hit.source != "penguins.txt" for hit in store.search("마루 문서", "penguins eat fish"))
    with pytest.raises(errors.DocumentNotFound):
        store.text("마루 문서", document.id)
    with pytest.raises(errors.DocumentNotFound):
        store.delete_document("other", document.id)
    store.delete("마루 문서")
    with pytest.raises(errors.CollectionNotFound, match="Known collections: other"):
        store.search("마루 문서", "penguins")
    assert store.search("other", "What do penguins eat?")[0].source == "penguins.txt"
    fill(store, write)
    assert store.search("마루 문서", "What do penguins eat?")[0].source == "penguins.txt"


def test_no_vector_outlives_its_passage(store: Store, write: Write) -> None:
    fill(store, write)
    slug = store.open_collection("마루 문서")[0]["slug"]
    (document,) = [d for d in store.documents("마루 문서") if d.kind == ".txt"]
    assert list(store.vectors.get(slug, [f"{document.id}-0"])) == [f"{document.id}-0"]
    store.delete_document("마루 문서", document.id)
    assert store.vectors.get(slug, [f"{document.id}-0"]) == {}
    store.delete("마루 문서")
    assert store.vectors.nearest(slug, embedders.get("minilm").embed_query("x"), 1) == []


def test_other_weights_are_noticed(tmp_path: Path, write: Write) -> None:
    with Store(tmp_path / "s") as store:
        fill(store, write, "made with the real one")
    with Store(tmp_path / "s", embedder=OtherWeights()) as store:
        store.create("made with others")
        problems = {collection.name: collection.problem for collection in store.collections()}
        assert problems["made with others"] is None
        problem = problems["made with the real one"]
        assert isinstance(problem, errors.CollectionUnusable)
        assert "all-MiniLM-L6-v2" in str(problem) and "Other weights" in problem.text("ko")
        with pytest.raises(errors.CollectionUnusable):
            store.search("made with the real one", "penguins")
        with pytest.raises(errors.CollectionUnusable):
            list(add(store, "made with the real one", [write("new.txt", "new")]))
        assert len(store.documents("made with the real one")) == 2
    with Store(tmp_path / "s") as store:
        assert store.search("made with the real one", "What do penguins eat?")[0].source == "penguins.txt"
        store.delete("made with others")


def test_an_embedder_nobody_knows_is_named_in_both_languages(store: Store) -> None:
    store.create("c")
    with store.manifest.writing() as connection:
        connection.execute("UPDATE collections SET embedder = 'gone', embedder_label = 'Gone'")
    (collection,) = store.collections()
    assert isinstance(collection.problem, errors.CollectionUnusable)
    assert 'There is no embedder called "gone"' in str(collection.problem)
    korean = collection.problem.text("ko")
    assert "'gone' 임베딩 모델이 없어요" in korean and "There is" not in korean


def test_an_embedder_that_is_not_here_blocks_only_its_collection(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with Store(tmp_path / "s") as store:
        fill(store, write)
        with pytest.raises(errors.EmbedderUnavailable, match="cannot be reached"):
            store.create("한국어", embedder="multilingual-e5-small")
        with pytest.raises(errors.EmbedderNotFound, match="multilingual-e5-small"):
            store.create("x", embedder="no-such")
        with store.manifest.writing() as connection:
            connection.execute("UPDATE collections SET embedder = 'bge-m3', embedder_label = 'BGE-M3'")
        fill(store, write, "fine")
        problems = {collection.name: collection.problem for collection in store.collections()}
        assert problems["fine"] is None
        problem = problems["마루 문서"]
        assert isinstance(problem, errors.CollectionUnusable)
        assert str(problem).endswith("it is not downloaded, and the model hub cannot be reached.")
        assert "the embedder BGE-M3 (" in str(problem) and "here there is" not in str(problem)
        korean = problem.text("ko")
        assert korean.endswith("아직 내려받지 않았고, 모델 허브에 연결할 수 없어요.") and "{" not in korean
        assert "cannot" not in korean and "downloaded" not in korean


def test_a_newer_folder_is_left_alone(tmp_path: Path) -> None:
    with Store(tmp_path / "s") as store, store.manifest.writing() as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(errors.StoreTooNew):
        Store(tmp_path / "s")
    with pytest.raises(errors.StoreTooNew):  # and not StoreInUse: the lock was let go
        Store(tmp_path / "s")


def test_unknown_retriever(store: Store, write: Write) -> None:
    fill(store, write)
    for key in ("no-such", "../hybrid", "__init__", ""):
        with pytest.raises(errors.RetrieverNotFound, match="dense, hybrid, lexical"):
            store.retriever("마루 문서", key)

import random
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.vectorstore.embedders import OtherWeights
from tests.vectorstore.test_loaders import make_pdf
from vectorstore import errors
from vectorstore.ingest import AddEvent, add
from vectorstore.store import Store

Write = Callable[[str, str | bytes], Path]


def last(events: Iterable[AddEvent]) -> dict[str, AddEvent]:
    return {event.source: event for event in events}


def sources(store: Store, collection: str = "c") -> list[str]:
    return [document.source for document in store.documents(collection)]


def test_the_same_file_twice_changes_nothing(store: Store, write: Write) -> None:
    path = write("a.txt", "Penguins eat fish.")
    assert last(add(store, "c", [path]))["a.txt"].status == "added"
    before = store.documents("c")
    again = last(add(store, "c", [path, str(path)]))["a.txt"]
    assert (again.status, again.passages, again.fraction) == ("unchanged", 1, 1.0)
    assert store.documents("c") == before


def test_changed_content_replaces_and_the_old_one_stays_until_then(store: Store, write: Write) -> None:
    path = write("a.txt", "Penguins eat fish.")
    list(add(store, "c", [path]))
    write("a.txt", "Camels drink water.")
    for event in add(store, "c", [path]):
        expected = "Camels" if event.status == "updated" else "Penguins"
        (document,) = store.documents("c")
        assert store.text("c", document.id).startswith(expected)
    assert event.status == "updated"
    assert [hit.text for hit in store.search("c", "What do penguins eat?")] == ["Camels drink water."]


def test_one_bad_file_does_not_stop_the_others(store: Store, write: Write, tmp_path: Path) -> None:
    good, bad = write("good.txt", "A good text."), write("bad.pdf", b"no pdf")
    events = last(add(store, "c", [bad, tmp_path / "missing.txt", good, write("x.exe", b"MZ")]))
    assert {name: event.status for name, event in events.items()} == {
        "bad.pdf": "failed",
        "missing.txt": "failed",
        "good.txt": "added",
        "x.exe": "failed",
    }
    assert isinstance(events["bad.pdf"].error, errors.WrongKind)
    assert isinstance(events["missing.txt"].error, errors.FileMissing)
    assert isinstance(events["x.exe"].error, errors.UnsupportedKind)
    assert sources(store) == ["good.txt"]


def test_a_bad_new_version_leaves_the_old_one(store: Store, write: Write) -> None:
    path = write("a.html", "<p>Good.</p>")
    list(add(store, "c", [path]))
    write("a.html", "<p></p>")
    assert last(add(store, "c", [path]))["a.html"].status == "failed"
    assert store.search("c", "good")[0].text == "Good."


def test_folders_go_in_whole(store: Store, write: Write) -> None:
    write("docs/a.txt", "one")
    write("docs/sub/b.md", "two")
    write("docs/.hidden.txt", "no")
    folder = write("docs/.git/c.txt", "no").parents[1]
    list(add(store, "c", [folder]))
    assert sources(store) == ["docs/a.txt", "docs/sub/b.md"]


def test_names_that_clash(store: Store, write: Write) -> None:
    paths = [write("x/same.txt", "one"), write("y/same.txt", "two"), write("z/copy.txt", "three")]
    list(add(store, "c", paths))
    assert sources(store) == ["copy.txt", "x/same.txt", "y/same.txt"]
    twins = [write("p/twin.txt", "same"), write("q/twin.txt", "same")]
    events = [event for event in add(store, "c", twins) if event.status in ("added", "unchanged")]
    assert sorted(event.status for event in events) == ["added", "unchanged"]
    assert "twin.txt" in sources(store)


def test_uploads_keep_the_name_they_are_given(store: Store, write: Write) -> None:
    path = write("tmp8f2c.txt", "uploaded")
    decomposed = "\u1112\u1161\u11ab\u1100\u1173\u11af.txt"
    list(add(store, "c", [(path, decomposed), (path, "../../etc/passwd.txt")]))
    assert sources(store) == ["../../etc/passwd.txt", "한글.txt"]


def test_progress_is_told_for_each_file(store: Store, write: Write) -> None:
    path = write(
        "long.txt", "\n\n".join(f"Paragraph {n}. " + "Words and more words. " * 40 for n in range(70))
    )
    events = list(add(store, "c", [path]))
    fractions = [event.fraction for event in events if event.status == "embedding"]
    assert fractions == sorted(fractions) and fractions[0] == 0.0 and fractions[-1] == 1.0
    assert len(fractions) >= 3
    assert events[-1].status == "added" and events[-1].passages == len(
        store.passages("c", store.documents("c")[0].id)
    )


def test_stop_leaves_no_half_file(store: Store, write: Write) -> None:
    first = write("first.txt", "Short.")
    list(add(store, "c", [first]))
    path = write("long.txt", "\n\n".join(f"Paragraph {n}. " + "Words and words. " * 80 for n in range(200)))
    stop = threading.Event()
    for event in add(store, "c", [path, write("later.txt", "never read")], stop):
        if event.status == "embedding" and event.fraction > 0:
            stop.set()
    assert sources(store) == ["first.txt"]
    with store.manifest.reading() as connection:
        assert connection.execute("SELECT count(*) FROM documents").fetchone()[0] == 1
        assert connection.execute("SELECT count(*) FROM waste").fetchone()[0] == 0


def test_leaving_the_iterator_leaves_no_half_file(store: Store, write: Write) -> None:
    events = add(store, "c", [write("a.txt", "text")])
    assert next(events).status == "reading"
    assert next(events).status == "embedding"
    events.close()  # type: ignore[attr-defined]
    assert sources(store) == []


def test_a_long_file_stops_between_two_pages(store: Store, write: Write) -> None:
    class SetAtTheTenthLook(threading.Event):
        looks = 0

        def is_set(self) -> bool:
            self.looks += 1
            return self.looks >= 10

    stop = SetAtTheTenthLook()
    long = write("long.pdf", make_pdf(*(f"Page {n}." for n in range(60))))
    assert {event.status for event in add(store, "c", [long], stop)} == {"reading"}
    assert stop.looks < 20, "the other pages were not read"
    assert sources(store) == []
    assert last(add(store, "c", [long]))["long.pdf"].status == "added", "PDFium is free again"
    assert store.documents("c")[0].pages == 60


def test_a_collection_deleted_meanwhile(store: Store, write: Write) -> None:
    events = add(store, "c", [write("a.txt", "text"), write("b.txt", "text")])
    assert next(events).status == "reading"
    assert next(events).status == "embedding"
    store.delete("c")
    rest = last(events)
    assert {event.status for event in rest.values()} == {"failed"}
    assert all(isinstance(event.error, errors.CollectionNotFound) for event in rest.values())
    assert store.collections() == []


def test_many_small_files_are_embedded_together(tmp_path: Path, write: Write) -> None:
    class Counting(OtherWeights):
        calls = 0

        def embed_passages(self, texts):  # type: ignore[no-untyped-def]
            Counting.calls += 1
            return super().embed_passages(texts)

    paths = [write(f"{n}.txt", f"A paragraph about number {n}.") for n in range(300)]
    with Store(tmp_path / "s", embedder=Counting()) as store:
        assert len(last(add(store, "c", paths))) == 300
    assert Counting.calls <= 6


def test_asking_and_adding_side_by_side(store: Store, write: Write) -> None:
    list(add(store, "c", [write("penguins.txt", "Penguins eat fish and krill.")]))
    paths = [write(f"{n}.txt", f"Chapter {n}. " + "Something about camels. " * 30) for n in range(60)]
    problems: list[BaseException] = []
    done = threading.Event()

    def ask() -> None:
        try:
            while not done.is_set():
                assert store.search("c", "What do penguins eat?")[0].source == "penguins.txt"
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    writers = [
        threading.Thread(target=lambda part=part: list(add(store, "c", part)))
        for part in (paths[:30], paths[30:])
    ]
    for thread in threads + writers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in threads:
        thread.join()
    assert not problems
    assert len(store.documents("c")) == 61


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_offsets_cut_the_file_as_decoded(encoding: str, store: Store, write: Write) -> None:
    draw = random.Random(encoding)
    lines = ["서울은 대한민국의 수도이다.", "Penguins eat fish.", "", "  들여쓰기", "끝.\t", "값: 3,000원"]
    text = "\r\n".join(draw.choice(lines) for _ in range(600))
    path = write("a.txt", text.encode(encoding))
    list(add(store, "c", [path]))
    (document,) = store.documents("c")
    decoded = path.read_bytes().decode(encoding)
    passages = store.passages("c", document.id)
    assert len(passages) > 5
    assert all(decoded[passage.start : passage.end] == passage.text for passage in passages)
    assert "".join("".join(p.text.split()) for p in passages) == "".join(decoded.split())
    for found in store.search("c", "수도는 어디인가?", 3):
        assert decoded[found.start : found.end] == found.text


def test_a_mistyped_file_leaves_no_new_collection_behind(store: Store, tmp_path: Path) -> None:
    (event,) = [event for event in add(store, "new", [tmp_path / "nosuch.txt"]) if event.status == "failed"]
    assert event.error is not None
    assert store.collections() == []
    store.create("old")
    list(add(store, "old", [tmp_path / "nosuch.txt"]))
    assert [one.name for one in store.collections()] == ["old"]

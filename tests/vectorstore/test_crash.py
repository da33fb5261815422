"""A process that is killed while it adds files loses nothing that was there and shows nothing half."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vectorstore.store import Store

ADDING = """
import sys
from pathlib import Path
from tests.vectorstore.embedders import OtherWeights
from vectorstore import ingest
from vectorstore.store import Store
ingest.BATCH_PASSAGES, ingest.SLICE = 8, 4
with Store(Path(sys.argv[1]), embedder=OtherWeights()) as store:
    for event in ingest.add(store, "c", [Path(sys.argv[2])]):
        if event.status in ("added", "updated", "unchanged"):
            print(event.source, flush=True)
"""
FILES = 40
SECTIONS = 12


def write_files(folder: Path, version: int) -> None:
    folder.mkdir(exist_ok=True)
    for n in range(FILES):
        sections = (f"word{n} version{version} section{s} " * 60 for s in range(SECTIONS))
        (folder / f"{n:02}.txt").write_text("\n\n".join(sections))


@pytest.mark.timeout(240)
def test_killed_while_adding(tmp_path: Path) -> None:
    from tests.vectorstore.embedders import OtherWeights

    files, folder = tmp_path / "files", tmp_path / "store"
    draw = random.Random(7)
    acknowledged: dict[str, int] = {}
    for version in range(6):
        write_files(files, version)
        command = [sys.executable, "-c", ADDING, str(folder), str(files)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        done = [child.stdout.readline().strip()]  # it is at work now
        time.sleep(draw.uniform(0, 0.4))
        child.kill()
        done += child.stdout.read().split()
        child.wait()
        child.stdout.close()
        acknowledged.update({name: version for name in done if name})
        with Store(folder, embedder=OtherWeights()) as store:
            check(store, acknowledged, version)


def check(store: Store, acknowledged: dict[str, int], version: int) -> None:
    documents = {document.source: document for document in store.documents("c")}
    assert set(acknowledged) <= set(documents)
    for source, document in documents.items():
        text = store.text("c", document.id)
        passages = store.passages("c", document.id)
        assert len(passages) == document.passages >= SECTIONS
        assert all(text[passage.start : passage.end] == passage.text for passage in passages)
        kept = int(text.split("version", 1)[1].split(maxsplit=1)[0])
        assert acknowledged.get(source, 0) <= kept <= version
        row = store.open_collection("c")[0]
        ids = [passage.id for passage in passages]
        assert set(store.vectors.get(row["slug"], ids)) == set(ids), "every passage has its vector"
        word = f"word{int(source[6:8])}"
        found = store.search("c", word, SECTIONS * 3, "lexical")
        assert {passage.id for passage in found} == set(ids), "found by its words, once, in one version"
    with store.manifest.reading() as connection:
        assert connection.execute("SELECT count(*) FROM documents WHERE NOT ready").fetchone()[0] == 0
        assert connection.execute("SELECT count(*) FROM waste").fetchone()[0] == 0

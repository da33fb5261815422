"""Uploads keep the names they had on the person's machine, and leave nothing behind."""

import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from gradio.data_classes import FileData, ListFiles

from app.uploads import Uploads, named
from tests.app.test_client import dependencies, send, upload
from tests.serving import GRADIO_WARNS, Site

pytestmark = GRADIO_WARNS


def put_in(site: Site, collection: str, *files: tuple[str, bytes]) -> dict[str, Any]:
    """What a browser does with files dropped together."""
    uploads = [one for one in dependencies(site) if one["targets"][0][1] == "upload"]
    index = next(one["id"] for one in uploads if len(one["inputs"]) == 4)
    data = [
        {"path": upload(site, name, content), "orig_name": name, "meta": {"_type": "gradio.FileData"}}
        for name, content in files
    ]
    return send(site, index, [data, collection, "en", None])


def rows(message: dict[str, Any]) -> list[str]:
    """The names in the table of files, whatever shape the last message has."""
    assert message["success"], message
    return re.findall(r'<th scope="row">(.*?)</th>', str(message["output"]["data"]))


def sources(site: Site, collection: str) -> list[str]:
    return sorted(one.source for one in site.services.store.documents(collection))


@pytest.mark.model
def test_a_decomposed_name_is_one_row_and_goes_in_composed(site: Site) -> None:
    site.services.store.create("decomposed")
    name = unicodedata.normalize("NFD", "나무.txt")
    message = put_in(site, "decomposed", (name, b"a maru is made of wood"))
    assert rows(message) == sources(site, "decomposed") == ["나무.txt"]


@pytest.mark.model
def test_namesakes_are_numbered(site: Site) -> None:
    site.services.store.create("namesakes")
    message = put_in(site, "namesakes", ("notes.txt", b"the first"), ("notes.txt", b"the second"))
    assert sorted(rows(message)) == sources(site, "namesakes") == ["notes (2).txt", "notes.txt"]


@pytest.mark.model
def test_the_same_file_twice_goes_in_once(site: Site) -> None:
    site.services.store.create("twice")
    message = put_in(site, "twice", ("notes.txt", b"the same"), ("notes.txt", b"the same"))
    assert rows(message) == sources(site, "twice") == ["notes.txt"]


@pytest.mark.model
def test_a_name_keeps_the_signs_that_the_path_loses(site: Site) -> None:
    site.services.store.create("signs")
    put_in(site, "signs", ("wow! ${plan}.txt", b"some words"))
    assert sources(site, "signs") == ["wow! ${plan}.txt"]


@pytest.mark.model
def test_a_file_of_another_kind_does_not_stop_the_others(site: Site) -> None:
    site.services.store.create("kinds")
    message = put_in(site, "kinds", ("a.exe", b"MZ"), ("b.txt", b"some words"))
    assert rows(message) == ["a.exe", "b.txt"]
    assert sources(site, "kinds") == ["b.txt"]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("../../etc/x.txt", "x.txt"),
        ("C:\\Users\\me\\x.txt", "x.txt"),
        ("x" * 300 + ".txt", "kept.txt"),
        ("folder/", "kept.txt"),
        ("", "kept.txt"),
        (None, "kept.txt"),
    ],
)
def test_the_browsers_name_is_never_a_path(said: str | None, name: str, tmp_path: Path) -> None:
    file = tmp_path / "kept.txt"
    file.touch()
    payload = ListFiles(root=[FileData(path=str(file), orig_name=said)])
    assert Uploads(file_count="multiple").preprocess(payload) == [(file, name)]


def test_reading_the_uploads_leaves_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "cache"))
    file = tmp_path / "a.txt"
    file.touch()
    drop = Uploads(file_count="multiple", file_types=[".txt"])
    drop.preprocess(ListFiles(root=[FileData(path=str(file), orig_name="a.txt")]))
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_nothing_dropped_is_nothing() -> None:
    assert Uploads(file_count="multiple").preprocess(None) == []


def test_a_number_that_is_taken_is_passed_over(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in "abc"]
    for path in paths:
        path.write_text(path.name)
    given = ["n.txt", "n (2).txt", "n.txt"]
    assert [name for _, name in named(zip(paths, given, strict=True))] == ["n.txt", "n (2).txt", "n (3).txt"]


def test_a_file_that_is_gone_is_left_for_the_reader(tmp_path: Path) -> None:
    gone = [(tmp_path / "a", "n.txt"), (tmp_path / "b", "n.txt")]
    assert [name for _, name in named(gone)] == ["n.txt", "n (2).txt"]

"""Files broken in ways nobody thought of: each has a reason, and none takes the others along."""

import csv
import io
import logging
import random
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.vectorstore.test_loaders import make_docx, make_pdf
from vectorstore import errors, loaders
from vectorstore.ingest import add
from vectorstore.store import Store

Write = Callable[[str, str | bytes], Path]

HTML = "<html><head><title>마루</title></head><body><h1>하나</h1><p>둘 <b>셋</b> &amp; four</p></body></html>"
CSV = '이름;나이;메모\n김;30;"첫 줄\n둘째 줄"\n이;;없음\n'


def broken_docx() -> bytes:
    """One byte in the middle of the packed text is turned over: the package opens, unpacking fails."""
    data = bytearray(make_docx())
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        member = package.getinfo("word/document.xml")
    at = member.header_offset + 30 + len(member.filename)
    data[at : at + 4] = b"\xff\xff\xff\xff"
    return bytes(data)


def locked_docx() -> bytes:
    """Every member is marked as protected by a password, as zip programs do."""
    data = bytearray(make_docx())
    for sign, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(sign)
        while at >= 0:
            data[at + flags] |= 1
            at = data.find(sign, at + 4)
    return bytes(data)


def mutants(original: bytes, seed: int, count: int) -> Iterator[bytes]:
    """Bytes turned over, cut out and repeated, the same ones every time."""
    chance = random.Random(seed)
    for _ in range(count):
        data = bytearray(original)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(data))
            kind = chance.random()
            if kind < 0.7:
                data[at] = chance.randrange(256)
            elif kind < 0.85:
                del data[at : at + chance.randint(1, 40)]
            else:
                data[at:at] = data[at : at + chance.randint(1, 40)]
        yield bytes(data)


@pytest.mark.parametrize(
    ("name", "original"),
    [
        ("a.docx", make_docx()),
        ("a.pdf", make_pdf("The first page.", "The second page.")),
        ("a.html", HTML.encode("euc-kr")),
        ("a.xhtml", b'<?xml version="1.0"?>' + HTML.encode()),
        ("a.csv", CSV.encode("cp949") * 10),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_whatever_is_broken_has_a_reason(
    write: Write, caplog: pytest.LogCaptureFixture, name: str, original: bytes
) -> None:
    read, refused = 0, 0
    for data in mutants(original, seed=7, count=250):
        path = write(name, data)
        try:
            loaders.read(path, name)
            read += 1
        except errors.UnreadableDocument as error:
            assert not isinstance(error, errors.FileForbidden), "no permission is missing"
            assert name in str(error) and name in error.text("ko")
            refused += 1
    assert read + refused == 250 and read, "some damage hits nothing that matters"
    assert not caplog.records, "the loaders know these failures by name"


def test_a_broken_package_fails_alone(store: Store, write: Write) -> None:
    paths = [
        write("a.txt", "First."),
        write("flipped.docx", broken_docx()),
        write("locked.docx", locked_docx()),
        write("z.txt", "Last."),
    ]
    events = {event.source: event for event in add(store, "c", paths)}
    assert {name: event.status for name, event in events.items()} == {
        "a.txt": "added",
        "flipped.docx": "failed",
        "locked.docx": "failed",
        "z.txt": "added",
    }
    assert isinstance(events["flipped.docx"].error, errors.DamagedDocument)
    assert isinstance(events["locked.docx"].error, errors.EncryptedDocument)


def test_a_failure_no_loader_knows_is_logged_and_fails_alone(
    store: Store, write: Write, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Unforeseen(Exception):
        pass

    def explode(*_: object) -> type:
        raise Unforeseen("a parser's surprise")

    monkeypatch.setattr(csv, "Sniffer", explode)  # a library's part, not ours
    with caplog.at_level(logging.ERROR):
        events = {e.source: e for e in add(store, "c", [write("a.csv", CSV), write("b.txt", "Here.")])}
    assert (events["a.csv"].status, events["b.txt"].status) == ("failed", "added")
    assert isinstance(events["a.csv"].error, errors.DamagedDocument)
    (record,) = caplog.records
    assert "a.csv" in record.getMessage() and record.exc_info and record.exc_info[0] is Unforeseen

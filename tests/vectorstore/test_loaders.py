import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pypdfium2
import pytest
from fpdf import FPDF

from vectorstore import errors, loaders

Write = Callable[[str, str | bytes], Path]


def read(path: Path) -> loaders.Loaded:
    return loaders.read(path, path.name)


def make_pdf(*pages: str, password: str | None = None) -> bytes:
    pdf = FPDF()
    pdf.set_font("helvetica", size=12)
    for text in pages:
        pdf.add_page()
        if text:
            pdf.multi_cell(0, 8, text)
    if password:
        pdf.set_encryption(owner_password="owner", user_password=password)
    return bytes(pdf.output())


def make_docx() -> bytes:
    document = docx.Document()
    document.add_heading("Report")
    document.add_paragraph("Before the table.")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        (c for row in table.rows for c in row.cells), ["이름", "값", "마루", "42"], strict=True
    ):
        cell.text = text
    document.add_paragraph("After the table.")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def test_every_loader_keeps_its_contract() -> None:
    assert set(loaders.suffixes()) >= {".txt", ".md", ".markdown", ".text", ".html", ".pdf", ".docx", ".csv"}
    for suffix, loader in loaders._loaders().items():
        assert suffix == suffix.lower() and suffix.startswith(".")
        assert callable(loader.load)
        assert loader.__doc__


def test_text_is_the_decoded_file(write: Write) -> None:
    text = "\r\n  One\r\n\r\ntwo   three \x0c four\n\n"
    loaded = read(write("a.txt", "\ufeff" + text))
    assert loaded.text == text
    assert (loaded.kind, loaded.encoding, loaded.page_count) == (".txt", "utf-8", None)


def test_html_keeps_blocks_and_drops_machinery(write: Write) -> None:
    html = """<html><head><title>마루 안내</title><meta charset="euc-kr"><style>p {color: red}</style></head>
    <body><nav>menu</nav><h1>첫째</h1><p>하나 <b>둘</b>
    셋</p><script>alert(1)</script><ul><li>사과</li><li>배</li></ul>
    <table><tr><td>a</td><td>b</td></tr></table><p hidden>secret</p></body></html>"""
    loaded = read(write("a.html", html.encode("euc-kr")))
    lines = [line for line in loaded.text.split("\n") if line]
    assert lines == ["마루 안내", "첫째", "하나 둘 셋", "사과", "배", "a\tb"]
    assert loaded.encoding == "cp949"


def test_xhtml_keeps_its_declarations_out_of_the_text(write: Write) -> None:
    xhtml = """<?xml version="1.0" encoding="UTF-8"?>
    <!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
    <?xml-stylesheet href="a.css"?>
    <html xmlns="http://www.w3.org/1999/xhtml"><head><title>마루 안내</title></head>
    <body><!-- a comment --><p>하나<!-- inside -->둘</p><?php echo 1 ?><![CDATA[raw]]><p>셋</p>
    </body></html>"""
    for name in ("a.xhtml", "a.html"):
        assert read(write(name, xhtml)).text.split() == ["마루", "안내", "하나둘", "셋"]
    assert read(write("address.html", "https://example.org/a.html")).text == "https://example.org/a.html"


def test_pdf_has_pages(write: Write) -> None:
    loaded = read(write("a.pdf", make_pdf("The first page.", "", "The third page.")))
    assert loaded.page_count == 3
    texts = {page.number: loaded.text[page.start : page.end] for page in loaded.pages}
    assert texts == {1: "The first page.", 2: "", 3: "The third page."}


def test_docx_reads_tables_where_they_stand(write: Write) -> None:
    loaded = read(write("a.docx", make_docx()))
    assert loaded.text == "Report\n\nBefore the table.\n\n이름 | 값\n마루 | 42\n\nAfter the table."


def test_csv_rows_keep_their_header(write: Write) -> None:
    loaded = read(write("a.csv", '이름;나이;메모\n김;30;"첫 줄\n둘째 줄"\n이;;없음\n'.encode("cp949")))
    assert loaded.text == "이름: 김\n나이: 30\n메모: 첫 줄\n둘째 줄\n\n이름: 이\n메모: 없음"


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.xlsx", b"anything", errors.UnsupportedKind),
        ("noending", b"anything", errors.UnsupportedKind),
        ("empty.txt", b"", errors.EmptyDocument),
        ("blank.txt", b" \n\t\n", errors.EmptyDocument),
        ("mark.txt", b"\xef\xbb\xbf", errors.EmptyDocument),
        ("scripts.html", b"<html><script>1</script></html>", errors.EmptyDocument),
        ("scan.pdf", make_pdf("", ""), errors.NoTextFound),
        ("locked.pdf", make_pdf("secret", password="pw"), errors.EncryptedDocument),
        ("cut.pdf", make_pdf("some text")[:200], errors.DamagedDocument),
        ("zip.pdf", make_docx(), errors.WrongKind),
        ("text.pdf", b"just words", errors.WrongKind),
        ("pdf.docx", make_pdf("some text"), errors.WrongKind),
        ("text.docx", b"just words", errors.WrongKind),
        ("cut.docx", make_docx()[:2000], errors.DamagedDocument),
        ("pdf.txt", make_pdf("some text"), errors.WrongKind),
        ("zip.md", make_docx(), errors.WrongKind),
        ("picture.txt", b"\x89PNG\r\n\x1a\n" + bytes(100), errors.WrongKind),
        ("binary.txt", os.urandom(5000), errors.UnknownEncoding),
        ("old.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), errors.WrongKind),
        (
            "locked.docx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            errors.EncryptedDocument,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_read_says_why(
    write: Write, name: str, content: bytes, error: type[errors.UnreadableDocument]
) -> None:
    with pytest.raises(errors.UnreadableDocument) as raised:
        read(write(name, content))
    assert type(raised.value) is error
    for language in ("en", "ko"):
        assert name in raised.value.text(language)
        assert "{" not in raised.value.text(language)


def test_missing_and_forbidden_files(write: Write, tmp_path: Path) -> None:
    with pytest.raises(errors.FileMissing):
        read(tmp_path / "nowhere.txt")
    with pytest.raises(errors.FileForbidden):
        read(tmp_path / "nul\0.txt")
    folder = tmp_path / "folder.txt"
    folder.mkdir()
    with pytest.raises(errors.FileForbidden):
        read(folder)


def test_a_pdf_without_pages(write: Write) -> None:
    file = io.BytesIO()
    pypdfium2.PdfDocument.new().save(file)
    with pytest.raises(errors.NoPages):
        read(write("none.pdf", file.getvalue()))


def test_too_large_is_refused_before_reading(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(loaders.MAX_BYTES + 1)
    with pytest.raises(errors.DocumentTooLarge, match="at most 50 MB"):
        read(path)


def test_an_ordinary_zip_is_no_word_document(write: Write) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("notes.txt", "hello")
    with pytest.raises(errors.WrongKind, match="ordinary zip"):
        read(write("renamed.docx", file.getvalue()))


def test_a_zip_bomb_is_not_opened(write: Write) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", bytes(60 * 2**20))
    with pytest.raises(errors.UnpacksTooLarge):
        read(write("bomb.docx", file.getvalue()))


def test_odd_characters_do_not_break_anything(write: Write) -> None:
    loaded = read(write("odd.html", "<p>&#xD800; a &#0; \x00 b</p>"))
    loaded.text.encode("utf-8")
    assert "a" in loaded.text and "b" in loaded.text
    assert read(write("nul.csv", b"a,b\n1,\x002\n")).text == "a: 1\nb: 2"


def test_deep_html_and_long_cells(write: Write) -> None:
    assert "deep" in read(write("deep.html", "<div>" * 3000 + "deep" + "</div>" * 3000)).text
    assert len(read(write("long.csv", "name\n" + "x" * 300_000)).text) > 300_000

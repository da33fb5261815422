"""What a file of questions consists of before it is understood: rows of named values, and decoded text."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from chains.compare.set_faults import refused, shown
from vectorstore.encoding import decode

MOST_BYTES = 50_000_000
MOST_QUESTIONS = 100_000

Kind = Literal["json", "yaml", "table"]
"""Where a row stood. In JSON a value has a type; in YAML every scalar is taken as the text that stands there
(so that `no` and `1.10` stay what they are); in a table a list, too, is written as one text."""


@dataclass(frozen=True)
class Row:
    """One question as it stands in the file; `line` is its first line, from 1."""

    line: int
    values: Mapping[str, Any]
    kind: Kind


class Twice(ValueError):
    """A key that stands twice in one object."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


_READ_ENCODINGS = {"euc_kr", "cp949", "utf-16-le", "utf-16-be"}
_NO_FILE = {"en": "there is no such file. Check the path.", "ko": "파일이 없어요. 경로를 확인해 주세요."}
_FORBIDDEN = {
    "en": "it could not be opened ({cause}). Check the path and the file's permissions.",
    "ko": "파일을 열지 못했어요({cause}). 경로와 파일 권한을 확인해 주세요.",
}
_TOO_LARGE = {
    "en": "the file has {size} MB; at most {limit} MB can be read. Split it.",
    "ko": "파일이 {size}MB예요. {limit}MB까지 읽을 수 있으니 나눠 주세요.",
}
_BINARY = {
    "en": "this is no text file (a workbook, an archive?). Save it as UTF-8 text and read that.",
    "ko": "글자로 된 파일이 아니에요(엑셀 통합 문서나 압축 파일인가요?). UTF-8 텍스트로 저장해 주세요.",
}
_BAD_BYTES = {
    "en": "these bytes are not {encoding} text. Save the file as UTF-8.",
    "ko": "{encoding} 글자가 아닌 바이트가 있어요. 파일을 UTF-8로 저장해 주세요.",
}
_BROKEN = {
    "en": "broken JSON at column {column}: {cause}. Check the quotes, commas and brackets there.",
    "ko": "{column}번째 글자에서 JSON이 깨졌어요({cause}). 그 부분의 따옴표, 쉼표, 괄호를 확인해 주세요.",
}
_TWICE = {
    "en": 'the key "{key}" stands twice in one question. Keep one of them.',
    "ko": "한 질문에 '{key}' 키가 두 번 있어요. 하나만 남겨 주세요.",
}
_TOO_DEEP = {
    "en": "the values are nested too deeply, or a number is too long. A question is a flat object.",
    "ko": "값이 너무 깊게 겹쳐 있거나 숫자가 너무 길어요. 질문 하나는 단순한 객체로 적어 주세요.",
}


def read_text(path: Path, name: str) -> tuple[str, str]:
    """The text of a file and its encoding. Raises BadSet: missing, too large, binary, or broken at a line."""
    if not path.is_file():
        raise refused(name, _NO_FILE)
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            limit = MOST_BYTES // 1_000_000
            raise refused(name, _TOO_LARGE, size=round(size / 1e6, 1), limit=limit)
        data = path.read_bytes()
    except OSError as error:
        raise refused(name, _FORBIDDEN, cause=error.strerror or error) from error
    text, encoding = _decoded(data, name)
    if "\x00" in text:
        raise refused(name, _BINARY)
    return text, encoding


def _decoded(data: bytes, name: str) -> tuple[str, str]:
    """As `vectorstore.encoding` does, but without guessing over what is broken."""
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
    ):
        if data.startswith(mark):
            return _strict(data[len(mark) :], encoding, name), encoding
    if not _mostly_utf8(data):
        guessed = decode(data)
        if guessed is not None and guessed.encoding in _READ_ENCODINGS:
            return guessed.text, guessed.encoding
        if guessed is None:
            raise refused(name, _BINARY)
    return _strict(data, "utf-8", name), "utf-8"


def _strict(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].decode(encoding, "replace").count("\n") + 1
        raise refused(name, _BAD_BYTES, line, encoding=encoding.upper()) from error


def _mostly_utf8(data: bytes) -> bool:
    """Whether what is not ASCII mostly reads as UTF-8: a broken byte is then a fault, not an encoding."""
    if data.isascii():
        return b"\x00" not in data
    text = data.decode("utf-8", "surrogateescape")
    strange = sum("\udc80" <= letter <= "\udcff" for letter in text)
    return sum(not letter.isascii() for letter in text) > 2 * strange and "\x00" not in text


DECODER = json.JSONDecoder(object_pairs_hook=lambda pairs: _once(pairs))


def json_fault(error: Exception) -> tuple[dict[str, str], dict[str, object]]:
    """What to say of an error that DECODER raised: the text and the values that fill it."""
    if isinstance(error, json.JSONDecodeError):
        return _BROKEN, {"column": error.colno, "cause": error.msg}
    if isinstance(error, Twice):
        return _TWICE, {"key": shown(error.key)}
    return _TOO_DEEP, {}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        raise Twice(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return found


def lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines with their numbers from 1; only "\\n" ends one, as JSON allows the others in texts."""
    start = 0
    number = 1
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield number, text[start:end]
        start, number = end + 1, number + 1

"""Text as the lexical leg counts it: stemmed words, and character bigrams where words are not spaced.

Latin and other spaced scripts: lower-cased words through Porter's stemmer (the one in SQLite's FTS5). Korean:
words without their closing particle, as overlapping syllable pairs, which find 임종석 in 임종석이 and in
임종석은 alike without a dictionary. Chinese and Japanese: overlapping character pairs of each run.
"""

import re
import sqlite3
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from vectorstore.scripts import HAN_KANA, HANGUL

MAX_WORD = 64
"""Longer runs (base64, hashes) are cut here: nobody types them."""

_RUN = re.compile(f"(?P<hangul>[{HANGUL}]+)|(?P<han>[{HAN_KANA}]+)|(?P<word>[^\\W_{HANGUL}{HAN_KANA}]+)")

_CLOSING = (
    "은 는 이 가 을 를 의 에 에서 에게 에게서 와 과 도 로 으로 만 까지 부터 라고 이라고 라는 이라는 이다 "
    "이었다 였다 에서의 에서는 으로는 로는 에는 이며 이나 나 하고 보다 처럼 인가 이란 란 께서 마다 조차 "
    "밖에 인가요 이에요 예요 입니까 입니다 인지"
)
_PARTICLES = sorted(_CLOSING.split(), key=len, reverse=True)
_KOREAN_STOP = (
    "무엇 무엇인 뭐 누구 누구인 어디 어디인 언제 언제인 어떤 어느 어떻게 왜 몇 얼마 무슨 이름 것 수 때 "
    "때문 위해 대한 대해 있는 있다 하는 하다 되는 된 한 했던 있었던 하였는가 하는가 있는가 되었는가 했는가 "
    "였는가 인가요 무엇일까 그 이 저 및 또는 그리고 알려줘 알려주세요 설명해줘 설명해주세요"
)
_ENGLISH_STOP = (
    "a an the of to in on at by for from with as is are was were be been being am do does did has have had "
    "having and or not no but if then than that this these those it its he his she her they their them we "
    "our you your i my me who whom whose which what when where why how many much can could will would "
    "shall should may might must there here into about so such s t tell please also"
)


STOP_WORDS = frozenset(_KOREAN_STOP.split() + _ENGLISH_STOP.split())
"""Words that ask or join, in Korean without their particle: they say nothing about what is asked for."""


class Terms(NamedTuple):
    """`words` are stems, `grams` are character pairs (or a single character that stands alone)."""

    words: list[str]
    grams: list[str]


def terms(text: str) -> Terms:
    """All terms of a passage, in order, repeats kept."""
    words, grams = [], []
    for kind, run in _runs(text):
        if kind == "word":
            words.append(stem(run))
        else:
            grams.extend(_pairs(without_particle(run) if kind == "hangul" else run))
    return Terms(words, grams)


def content_terms(query: str) -> list[str]:
    """The distinct terms of a query that carry its content; all its terms when there are only stop words."""
    found: dict[str, None] = {}
    for kind, run in _runs(query):
        root = without_particle(run) if kind == "hangul" else run
        if root in STOP_WORDS:
            continue
        found.update(dict.fromkeys([stem(run)] if kind == "word" else _pairs(root)))
    return list(found) or list(dict.fromkeys(term for kind in terms(query) for term in kind))


def without_particle(word: str) -> str:
    """A Korean word without its closing particle, as long as two syllables stay."""
    for particle in _PARTICLES:
        if word.endswith(particle) and len(word) - len(particle) >= 2:
            return word[: -len(particle)]
    return word


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """Porter's stem of a lower-case word (Porter, 1980), accents removed, as FTS5 makes it."""
    with _STEMMER_LOCK:
        _STEMMER.execute("INSERT INTO one(rowid, word) VALUES (1, ?)", [word])
        row = _STEMMER.execute("SELECT term FROM seen").fetchone()
        _STEMMER.execute("DELETE FROM one")
    return str(row[0]) if row else word


def _runs(text: str) -> Iterator[tuple[str, str]]:
    for match in _RUN.finditer(unicodedata.normalize("NFKC", text).lower()):
        yield str(match.lastgroup), match.group() if match.lastgroup != "word" else match.group()[:MAX_WORD]


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]


def _open_stemmer() -> sqlite3.Connection:
    database = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    database.execute(
        "CREATE VIRTUAL TABLE one USING fts5(word, tokenize='porter unicode61 remove_diacritics 2')"
    )
    database.execute("CREATE VIRTUAL TABLE seen USING fts5vocab(one, 'row')")
    return database


_STEMMER_LOCK = threading.Lock()
_STEMMER = _open_stemmer()

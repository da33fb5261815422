"""How many tokens a text has: the server's own tokenizer where it offers one, else an estimate that errs on
the long side."""

import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from hashlib import blake2b
from threading import Lock
from typing import Any

from adapters.errors import ServerFailed
from adapters.server.connection import Connection

Dialect = tuple[str, str, dict[str, Any]]
DIALECTS: tuple[Dialect, ...] = (
    ("/tokenize", "prompt", {"add_special_tokens": False}),  # vLLM
    ("/tokenize", "content", {"add_special": False}),  # llama.cpp's server
    ("/tokenize", "inputs", {"add_special_tokens": False}),  # text-generation-inference
    ("/extras/tokenize", "input", {}),  # llama-cpp-python
)
"""Where a tokenizer is asked, which field takes the text, and what else is sent."""

SAMPLE = "How many tokens is this?"
REMEMBERED = 4096
QUIET_S = 60.0
"""After a failure the server is not asked to count for so long: a prompt has many texts to count."""

LETTERS_PER_TOKEN = 3
_WORD, _WORD_AFTER_SPACE = re.compile(r"[A-Za-z]+"), re.compile(r" ?[A-Za-z]+")


class Counter:
    """Counts tokens, and remembers what it has counted: a conversation is counted again with every turn."""

    def __init__(self, connection: Connection, model: str) -> None:
        self._connection, self._model = connection, model
        self._dialect: Dialect | None = None
        self._known: OrderedDict[bytes, int] = OrderedDict()
        self._quiet_until = 0.0
        self._lock = Lock()

    @property
    def exact(self) -> bool:
        """Whether the server itself counts."""
        return self._dialect is not None

    async def find(self) -> None:
        """Looks for a tokenizer on the server."""
        for dialect in DIALECTS:
            if await self._ask(dialect, SAMPLE):
                self._dialect = dialect
                return

    def count(self, text: str) -> int:
        """The tokens of a text without template marks; estimated when the server does not answer."""
        dialect = self._dialect
        if dialect is None or not text:
            return estimate(text)
        key = blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()
        with self._lock:
            known = self._known.get(key)
        if known is None:
            known = self._counted(dialect, text)
            if known is None:
                return estimate(text)
            self._remember(key, known)
        return known

    def _counted(self, dialect: Dialect, text: str) -> int | None:
        if time.monotonic() < self._quiet_until:
            return None
        tokens = self._connection.wait(lambda: self._ask(dialect, text))
        if tokens is None:
            self._quiet_until = time.monotonic() + QUIET_S
        return tokens

    def _remember(self, key: bytes, tokens: int) -> None:
        with self._lock:
            self._known[key] = tokens
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)

    async def _ask(self, dialect: Dialect, text: str) -> int | None:
        path, name, more = dialect
        body = {"model": self._model, name: text, **more}
        try:
            answer = await self._connection.post(self._connection.beside(path), body)
        except ServerFailed:
            return None
        tokens = answer.get("tokens") if isinstance(answer, Mapping) else answer
        count = answer.get("count") if isinstance(answer, Mapping) else None
        if isinstance(count, int):
            return count
        return len(tokens) if isinstance(tokens, list) and tokens else None


def estimate(text: str) -> int:
    """At least as many tokens as a byte-level tokenizer makes of ordinary text: three English letters a
    token, and one for every byte of anything else (a Hangul syllable has three)."""
    letters = sum(-(-len(word) // LETTERS_PER_TOKEN) for word in _WORD.findall(text))
    return letters + len(_WORD_AFTER_SPACE.sub("", text).encode("utf-8", "replace"))

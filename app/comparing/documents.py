"""Where a comparison finds passages: in this process's own store, or through whoever started this process.

One process at a time owns the documents. While the page does, it starts a comparison with `--search asked`:
the comparison then writes {"wanted": N, "do": …} as a line on standard error and reads the reply, a line
{"wanted": N, "reply": …} or {"wanted": N, "error": {"en", "ko"}}, from standard input; `replied` makes it.
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableConfig

from adapters.spec import Text
from vectorstore.errors import VectorstoreError
from vectorstore.passage import Passage, from_document, to_document

if TYPE_CHECKING:
    from vectorstore.store import Store


class Documents(Protocol):
    """Collections, and how they are searched."""

    def collections(self) -> list[str]:
        """Their names."""

    def state(self, collection: str) -> str:
        """Another text whenever other documents are in it, or another embedder reads them."""

    def retriever(self, collection: str, key: str, k: int) -> BaseRetriever:
        """Finds passages."""

    def close(self) -> None:
        """Lets everything go."""


class SearchFailed(VectorstoreError):
    """Whoever owns the documents could not search. It passes, as the store's own errors do: it says nothing
    of the question, so it counts as no wrong answer and is not kept."""

    en = "{reason}"
    ko = "{reason}"


class OwnDocuments:
    """The store of the data home, opened at first use. Raises StoreInUse and other VectorstoreErrors."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._store: Store | None = None

    @property
    def store(self) -> "Store":
        """The store."""
        if self._store is None:
            from vectorstore.store import Store

            self._store = Store(self._folder)
        return self._store

    def collections(self) -> list[str]:
        """Their names."""
        return names(self.store)

    def state(self, collection: str) -> str:
        """Its documents and its embedder."""
        return state(self.store, collection)

    def retriever(self, collection: str, key: str, k: int) -> BaseRetriever:
        """The store's own, ready to search."""
        return ready(self.store, collection, key, k)

    def close(self) -> None:
        """Lets the store go."""
        if self._store is not None:
            self._store.close()
            self._store = None


class SharedDocuments(OwnDocuments):
    """The documents of this process, opened by `store` at first use; they stay open for others."""

    def __init__(self, store: Callable[[], "Store"]) -> None:
        self._opened = store

    @property
    def store(self) -> "Store":
        """The store."""
        return self._opened()

    def close(self) -> None:
        """Nothing is held."""


class AskedDocuments:
    """The documents of whoever started this process. Raises SearchFailed."""

    def __init__(self, asks: TextIO, replies: TextIO) -> None:
        self._asks, self._replies = asks, replies
        self._count = 0
        self._lock = threading.Lock()

    def collections(self) -> list[str]:
        """Their names."""
        return list(self.ask("collections"))

    def state(self, collection: str) -> str:
        """As it is told."""
        return str(self.ask("state", collection=collection))

    def retriever(self, collection: str, key: str, k: int) -> BaseRetriever:
        """Asks for every search; whether there is such a collection is asked at once."""
        self.ask("search", collection=collection, retriever=key, k=k, queries=[])
        return AskedRetriever(documents=self, collection=collection, key=key, k=k)

    def close(self) -> None:
        """Nothing is held."""

    def ask(self, do: str, **what: Any) -> Any:
        """The reply to one wish."""
        with self._lock:
            self._count += 1
            wish = {"wanted": self._count, "do": do} | what
            self._asks.write(json.dumps(wish, ensure_ascii=False) + "\n")
            self._asks.flush()
            line = self._replies.readline()
        found = json.loads(line) if line.strip() else {}
        if "reply" not in found:
            raise SearchFailed(reason=found.get("error") or GONE)
        return found["reply"]


GONE: Text = {
    "en": "Whoever owns the documents does not answer any more.",
    "ko": "문서를 관리하는 쪽에서 응답이 없어요.",
}


class AskedRetriever(BaseRetriever):
    """Has somebody else search."""

    documents: Any
    collection: str
    key: str
    k: int

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        return self._found([query])[0]

    def batch(
        self,
        inputs: list[str],
        config: RunnableConfig | list[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> list[Any]:
        """All searches in one wish."""
        try:
            return self._found(inputs)
        except SearchFailed as error:
            if not return_exceptions:
                raise
            return [error] * len(inputs)

    def _found(self, queries: Sequence[str]) -> list[list[Document]]:
        wish = {"collection": self.collection, "retriever": self.key, "k": self.k, "queries": list(queries)}
        found = self.documents.ask("search", **wish)
        return [[to_document(Passage(**one)) for one in passages] for passages in found]


def replied(line: str, store: "Store") -> str | None:
    """The reply to a line of a comparison's standard error; None where the line is no wish."""
    try:
        wish = json.loads(line)
    except ValueError:
        return None
    if not isinstance(wish, dict) or "wanted" not in wish:
        return None
    try:
        reply: dict[str, Any] = {"reply": _done(wish, store)}
    except Exception as error:
        text = getattr(error, "text", None)
        said = {one: str(text(one)) if callable(text) else type(error).__name__ for one in ("en", "ko")}
        reply = {"error": said}
    return json.dumps({"wanted": wish["wanted"]} | reply, ensure_ascii=False) + "\n"


def names(store: "Store") -> list[str]:
    """The names of the collections."""
    return [one.name for one in store.collections()]


def state(store: "Store", collection: str) -> str:
    """Another text whenever other documents are in it, or another embedder reads them."""
    embedder = next((one.embedder for one in store.collections() if one.name == collection), "")
    documents = sorted((one.source, one.sha256, one.passages) for one in store.documents(collection))
    return repr((embedder, documents))


def ready(store: "Store", collection: str, key: str, k: int) -> BaseRetriever:
    """The store's retriever after a first search: what is loaded at first use costs no column its seconds."""
    made = store.retriever(collection, key, k)
    made.invoke(collection)
    return made


def _done(wish: Mapping[str, Any], store: "Store") -> Any:
    if wish["do"] == "collections":
        return names(store)
    if wish["do"] == "state":
        return state(store, wish["collection"])
    retriever = ready(store, wish["collection"], wish["retriever"], int(wish["k"]))
    found = retriever.batch(wish["queries"], {"max_concurrency": 1}) if wish["queries"] else []
    return [[asdict(from_document(one)) for one in documents] for documents in found]

"""One file per way of finding passages; the file's name is the key.

Contract of a file: `label` and `help` ({"en": …, "ko": …}), and `make(index, k) -> BaseRetriever`, whose
documents carry what `passage.to_document` writes.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol, cast

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from vectorstore.errors import RetrieverNotFound
from vectorstore.index import CollectionIndex, Hits, Search
from vectorstore.passage import Passage, to_document

SPARE = 20
"""A single leg fetches more than k, because the same text is returned once."""


class Retrieval(Protocol):
    """A file of this folder."""

    label: Mapping[str, str]
    help: Mapping[str, str]

    def make(self, index: CollectionIndex, k: int) -> BaseRetriever:
        """A retriever of the k best passages."""
        ...


class PassageRetriever(BaseRetriever):
    """A function from a question to passages, as LangChain's port."""

    find: Callable[[str], list[Passage]]

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        return [to_document(passage) for passage in self.find(query)]


def one_leg(
    index: CollectionIndex,
    k: int,
    hits: Callable[[Search, int], Hits],
    relevances: Callable[[Search, Sequence[Passage]], Mapping[str, float]],
) -> BaseRetriever:
    """The k best of one way of finding: `hits(search, n)`, with what `relevances` says of them."""

    def find(query: str) -> list[Passage]:
        search = index.search(query)
        return search.passages(hits(search, k + SPARE), k, partial(relevances, search))

    return PassageRetriever(find=find)


def keys() -> list[str]:
    """All retrievers by file name."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def get(key: str) -> Retrieval:
    """The retriever's file. Raises RetrieverNotFound."""
    if key not in keys():
        raise RetrieverNotFound(key=key, known=", ".join(keys()))
    return cast(Retrieval, importlib.import_module(f"{__name__}.{key}"))

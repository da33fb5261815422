"""One file per way of finding passages; the file's name is the key.

Contract of a file: `label` and `help` ({"en": …, "ko": …}), and `make(index, k) -> BaseRetriever`, whose
documents carry what `passage.to_document` writes.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from typing import Protocol, cast

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from vectorstore.errors import RetrieverNotFound
from vectorstore.index import CollectionIndex
from vectorstore.passage import Passage, to_document


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


def keys() -> list[str]:
    """All retrievers by file name."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def get(key: str) -> Retrieval:
    """The retriever's file. Raises RetrieverNotFound."""
    if key not in keys():
        raise RetrieverNotFound(key=key, known=", ".join(keys()))
    return cast(Retrieval, importlib.import_module(f"{__name__}.{key}"))

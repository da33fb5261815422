"""This machine, as a run of a comparison sees it; see chains.compare.run.Machine."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.spec import ModelSpec
from app.comparing.documents import Documents, OwnDocuments
from app.settings import Settings

if TYPE_CHECKING:
    from langchain_core.retrievers import BaseRetriever

    from adapters.served import ServedModel
    from chains.compare.run import Report
    from chains.compare.tools import Tools


class LocalMachine:
    """Models from the data home, and `documents` from its store unless others are given."""

    def __init__(self, settings: Settings, documents: Documents | None = None) -> None:
        self._settings = settings
        self.documents = documents or OwnDocuments(settings.vectorstore)

    @property
    def folder(self) -> Path:
        """Where answers are kept from run to run."""
        return self._settings.home / "compare"

    def fingerprint(self, spec: ModelSpec) -> str:
        """What determines the model's answers."""
        from adapters.fingerprint import fingerprint

        return fingerprint(spec, self._settings.models)

    def load(self, spec: ModelSpec, report: "Report", cancelled: threading.Event) -> "ServedModel":
        """The model, ready to answer. Raises AdapterError."""
        from adapters.load import load

        return load(spec, self._settings.models, report, cancelled)

    def retriever(self, collection: str, key: str, k: int) -> "BaseRetriever":
        """Finds passages. Raises VectorstoreError."""
        return self.documents.retriever(collection, key, k)

    def collection_state(self, collection: str) -> str:
        """Another text whenever other documents are in it, or another embedder reads them."""
        return self.documents.state(collection)

    def embedders_state(self) -> str:
        """Another text whenever another embedder may choose the examples."""
        from vectorstore.nearest import fingerprint

        return fingerprint()

    def begin_memory(self) -> None:
        """From here on the peak counts."""
        from adapters.peak import begin

        begin()

    def peak_memory(self) -> int | None:
        """The most memory since then, in bytes."""
        from adapters.peak import peak

        return peak()

    def tools(self, embedding: bool) -> "Tools":
        """What metrics need; the packaged embedder where one of them embeds."""
        from chains.compare.tools import Tools

        if not embedding:
            return Tools()
        from vectorstore import embedders

        embedder = embedders.get(embedders.DEFAULT)
        return Tools(embed=embedder.embed_passages, script=embedder.script)

    def close(self) -> None:
        """Lets the documents go."""
        self.documents.close()

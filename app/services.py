"""What lives as long as the process: the model, the documents, the example sets.

Built once, closed over by the tabs, used alike by the command line. Knows no gradio.
"""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.progress import Report
from adapters.spec import ModelSpec
from app.line import Line
from app.settings import DEFAULT_PASSAGES, DEFAULT_RETRIEVER, Settings
from app.slot import ModelSlot
from chains.examples import ExampleSets
from chains.question import Answer, Question
from vectorstore.store import Store

if TYPE_CHECKING:
    from adapters.lora import AdapterEntry
    from adapters.served import ServedModel


class Services:
    """The process's model slot, document store and example sets, and the one way to ask them."""

    def __init__(self, settings: Settings, spec: ModelSpec | None = None) -> None:
        self.settings = settings
        self.model = ModelSlot(self._load_model, spec)
        self.line = Line(self._at_once)
        self.examples = ExampleSets(settings.examples)
        self._store: Store | None = None
        self._store_lock = threading.Lock()

    @property
    def store(self) -> Store:
        """The document store, opened at first use: a plain chat need not wait for it."""
        with self._store_lock:
            if self._store is None:
                self._store = Store(self.settings.vectorstore)
            return self._store

    def ask(
        self,
        question: Question,
        retriever: str = DEFAULT_RETRIEVER,
        k: int = DEFAULT_PASSAGES,
        stop: threading.Event | None = None,
        adapter: str | None = None,
        owner: str = "",
    ) -> Iterator[Answer]:
        """Growing answers, the last with `done=True`. Waits for the model; `stop` ends it early.

        `adapter` names a LoRA adapter of the model, or a mix; what was read for one `owner` is not reused for
        another.
        """
        from chains.answer import ask

        found_by = self.store.retriever(question.collection, retriever, k) if question.collection else None
        with self.model.using(stop) as model:
            if model is not None:
                yield from ask(question, model.serving(adapter, owner), found_by, stop=stop)

    @property
    def adapters_folder(self) -> Path:
        """Where LoRA adapters lie."""
        from adapters.lora import adapters_folder

        return adapters_folder(self.settings.models)

    def adapters(self) -> "list[AdapterEntry] | None":
        """Every adapter here, with what it lacks to fit the model that answers; None while none does."""
        from adapters.lora import list_adapters

        if self.model.state.answering is None:
            return None
        checkpoint = getattr(self.model.get(), "checkpoint", None)
        return list_adapters(self.adapters_folder, checkpoint) if checkpoint is not None else []

    def fitting_adapters(self) -> list[str] | None:
        """The names of the adapters that fit the model that answers; a server's own, where one answers; None
        while none does."""
        entries = self.adapters()
        if entries is None:
            return None
        served = getattr(self.model.get(), "served_adapters", ())
        return [*served, *(entry.name for entry in entries if entry.adapter is not None)]

    def attached_adapters(self) -> list[str]:
        """The adapters that are in memory with the model that answers."""
        if self.model.state.answering is None:
            return []
        return list(getattr(getattr(self.model.get(), "engine", None), "adapters", ()))

    def attach(self, name: str) -> None:
        """Has the model read an adapter before the first question needs it. Raises AdapterUnusable."""
        with self.model.using() as model:
            if model is not None:
                model.serving(name)

    def detach(self, name: str) -> None:
        """Lets an adapter go; it is read again when somebody asks through it."""
        with self.model.using() as model:
            if model is not None and name in self.attached_adapters():
                model.engine.detach(name)  # type: ignore[attr-defined]

    def import_adapter(self, source: Path, name: str) -> None:
        """Copies an adapter that fits the model that answers. Raises AdapterUnusable, ModelFailed."""
        from adapters.lora import import_adapter

        with self.model.using() as model:
            checkpoint = getattr(model, "checkpoint", None)
            if model is not None and checkpoint is not None:
                import_adapter(source, name, self.adapters_folder, checkpoint, base=model.spec.id)

    def remove_model(self, id: str) -> None:
        """Takes an added model off the list; its files stay. Raises ModelNotFound, SourceRefused."""
        from adapters.sources import remove_model

        remove_model(id, self.settings.models)

    def close(self) -> None:
        """Lets the model go, and releases the store's lock, so that another process may open it."""
        self.model.close()
        with self._store_lock:
            if self._store is not None:
                self._store.close()
                self._store = None

    def _at_once(self) -> int:
        answering = self.model.state.answering
        return answering.capacity if answering else 1

    def _load_model(self, spec: ModelSpec, report: Report, cancelled: threading.Event) -> "ServedModel":
        from adapters.load import load

        model = load(spec, self.settings.models, report, cancelled)
        if spec.context is not None:
            model.context_length = min(spec.context, model.context_length)
        return model

"""What lives as long as the process: the model, the documents, the example sets.

Built once, closed over by the tabs, used alike by the command line. Knows no gradio.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from adapters.spec import ModelSpec
from app.line import Line
from app.settings import DEFAULT_PASSAGES, DEFAULT_RETRIEVER, Settings
from chains.examples import ExampleSets
from chains.question import Answer, Question
from vectorstore.store import Store

if TYPE_CHECKING:
    from adapters.chat_model import LocalChatModel


@dataclass(frozen=True)
class ModelState:
    """What the screen says about the model: `step` names what is being done, `fraction` is in 0..1."""

    status: Literal["loading", "ready", "failed"]
    step: str = ""
    fraction: float = 0.0
    error: Exception | None = None


class ModelSlot:
    """The one model in memory; it loads behind the page, and whoever needs it waits for it."""

    def __init__(self, load: "Callable[[Callable[[str, float], None]], LocalChatModel]") -> None:
        self._load = load
        self._starting = threading.Lock()
        self._loading: Future[LocalChatModel] | None = None
        self.state = ModelState("loading", "waiting")

    def start(self) -> None:
        """Begins to load, once."""
        self._begin()

    def retry(self) -> None:
        """Begins again where loading failed; does nothing otherwise."""
        self._begin(again=True)

    def loaded(self) -> "LocalChatModel":
        """The model, waited for. Raises what loading raised."""
        return self._begin().result()

    def get(self, stop: threading.Event | None = None) -> "LocalChatModel | None":
        """The model, as soon as it is there; None when `stop` was set first. Raises what loading raised."""
        loading = self._begin()
        while not wait([loading], timeout=0.1).done:
            if stop is not None and stop.is_set():
                return None
        return loading.result()

    def _begin(self, again: bool = False) -> "Future[LocalChatModel]":
        """The load whose result everybody waits for; a failed one is followed by another only `again`."""
        with self._starting:
            loading = self._loading
            if loading is None or (again and loading.done() and loading.exception() is not None):
                loading = self._loading = Future()
                self.state = ModelState("loading", "waiting")
                threading.Thread(target=self._run, args=[loading], name="model-loader", daemon=True).start()
            return loading

    def _run(self, loading: "Future[LocalChatModel]") -> None:
        try:
            model = self._load(self._report)
        except Exception as error:
            self.state = ModelState("failed", error=error)
            loading.set_exception(error)
        else:
            self.state = ModelState("ready", fraction=1.0)
            loading.set_result(model)

    def _report(self, step: str, fraction: float) -> None:
        self.state = ModelState("loading", step, fraction)


class Services:
    """The process's model slot, document store and example sets, and the one way to ask them."""

    def __init__(self, settings: Settings, spec: ModelSpec | None = None) -> None:
        self.settings = settings
        self.spec = spec or ModelSpec()
        self.model = ModelSlot(self._load_model)
        self.line = Line()
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
    ) -> Iterator[Answer]:
        """Growing answers, the last with `done=True`. Waits for the model; `stop` ends it early."""
        from chains.answer import ask

        found_by = self.store.retriever(question.collection, retriever, k) if question.collection else None
        model = self.model.get(stop)
        if model is not None:
            yield from ask(question, model, found_by, stop=stop)

    def close(self) -> None:
        """Releases the store's lock, so that another process may open it."""
        with self._store_lock:
            if self._store is not None:
                self._store.close()
                self._store = None

    def _load_model(self, report: Callable[[str, float], None]) -> "LocalChatModel":
        from adapters.load import load

        return load(self.spec, self.settings.models, report)

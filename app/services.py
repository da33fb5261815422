"""What lives as long as the process: the model, the documents, the example sets.

Built once, closed over by the tabs, used alike by the command line. Knows no gradio.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from adapters.spec import ModelSpec
from app.settings import Settings
from chains.examples import ExampleSets
from chains.question import Answer, Question
from vectorstore.store import Store

if TYPE_CHECKING:
    from adapters.chat_model import LocalChatModel

DEFAULT_RETRIEVER = "hybrid"
DEFAULT_PASSAGES = 4


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
        self._model: LocalChatModel | None = None
        self._finished = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self.state = ModelState("loading", "waiting")

    def start(self) -> None:
        """Begins to load, once; a failed load may be started again."""
        with self._starting:
            if self._thread is not None and self.state.status != "failed":
                return
            self._finished.clear()
            self.state = ModelState("loading", "waiting")
            self._thread = threading.Thread(target=self._run, name="model-loader", daemon=True)
            self._thread.start()

    def loaded(self) -> "LocalChatModel":
        """The model, waited for. Raises what loading raised."""
        model = self.get()
        if model is None:  # only a stop flag leads here
            raise RuntimeError("the model slot is empty")
        return model

    def get(self, stop: threading.Event | None = None) -> "LocalChatModel | None":
        """The model, as soon as it is there; None when `stop` was set first. Raises what loading raised."""
        self.start()
        while not self._finished.wait(timeout=0.1):
            if stop is not None and stop.is_set():
                return None
        if self.state.error is not None:
            raise self.state.error
        return self._model

    def _run(self) -> None:
        try:
            self._model = self._load(self._report)
            self.state = ModelState("ready", fraction=1.0)
        except Exception as error:
            self.state = ModelState("failed", error=error)
        finally:
            self._finished.set()

    def _report(self, step: str, fraction: float) -> None:
        self.state = ModelState("loading", step, fraction)


class Services:
    """The process's model slot, document store and example sets, and the one way to ask them."""

    def __init__(self, settings: Settings, spec: ModelSpec | None = None) -> None:
        self.settings = settings
        self.spec = spec or ModelSpec()
        self.model = ModelSlot(self._load_model)
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

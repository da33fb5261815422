"""What lives as long as the process: the model, the documents, the example sets, the templates, the
question sets.

Built once, closed over by the tabs, used alike by the command line. Knows no gradio.
"""

import logging
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.progress import Report
from adapters.spec import ModelSpec, Text
from app.in_use import InUse
from app.line import Line
from app.remembered import LastChoice
from app.settings import DEFAULT_CONTEXT, DEFAULT_PASSAGES, DEFAULT_RETRIEVER, Settings
from app.slot import ModelSlot
from chains.compare.saved_sets import SavedSets
from chains.examples import ExampleSets
from chains.question import Answer, Question
from chains.templates import TemplateStore
from vectorstore.store import Store

if TYPE_CHECKING:
    from adapters.lora import AdapterEntry
    from adapters.own_files import Removed
    from adapters.served import ServedModel
    from app.compare.running import Runs
    from app.measurement import Measurements


SERVER = "server"
ON_A_SERVER: Text = {
    "en": "a model server answers, and has adapters of its own. Serve it there by a name: vLLM takes "
    "--lora-modules NAME=FOLDER.",
    "ko": "지금은 모델 서버가 답하고, 어댑터는 그 서버에 있는 것만 쓸 수 있어요. 서버에서 이름을 붙여 "
    "띄워 주세요. vLLM에서는 --lora-modules 이름=폴더예요.",
}
log = logging.getLogger(__name__)


class Services:
    """The process's model slot, document store, example sets and templates, and the one way to ask them.

    Without a `spec` the operator's last choice answers, or the default model; it is remembered when another
    one is chosen. `adapters_version` is another number whenever an adapter came, went or was loaded.
    """

    def __init__(self, settings: Settings, spec: ModelSpec | None = None) -> None:
        self.settings = settings
        self._choice = LastChoice(settings.chosen if spec is None else None)
        usual = ModelSpec(context=DEFAULT_CONTEXT)
        first = spec or self._choice.spec or usual
        self.model = ModelSlot(self._load_model, first, usual if spec is None else None, self._choice.choose)
        self.adapters_version = 0
        self._languages: dict[str, tuple[str, ...]] = {}
        self._in_use = InUse()
        self.line = Line(self._at_once)
        self.examples = ExampleSets(settings.examples)
        self.templates = TemplateStore(settings.templates)
        self.question_sets = SavedSets(settings.question_sets)
        self._store: Store | None = None
        self._store_lock = threading.Lock()
        self._runs: Runs | None = None
        self._measurements: Measurements | None = None

    @property
    def store(self) -> Store:
        """The document store, opened at first use: a plain chat need not wait for it."""
        with self._store_lock:
            if self._store is None:
                self._store = Store(self.settings.vectorstore)
            return self._store

    @property
    def runs(self) -> "Runs":
        """Comparisons over whole sets; only who wants one waits for what that imports."""
        with self._store_lock:
            if self._runs is None:
                from app.compare.running import Runs

                self._runs = Runs(self.settings, lambda: self.store)
            return self._runs

    @property
    def measurements(self) -> "Measurements":
        """What the card measures and measured last; only who wants one waits for what that imports."""
        with self._store_lock:
            if self._measurements is None:
                from app.measurement import Measurements

                self._measurements = Measurements(self.settings.cards, self.settings.models)
            return self._measurements

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
        with self._in_use.through(adapter), self.model.using(stop) as model:
            if model is not None:
                yield from ask(question, model.serving(adapter, owner), found_by, stop=stop)

    def through(self, adapter: str | None) -> AbstractContextManager[None]:
        """Within the block nobody deletes that adapter, or those of that mix. Raises AdapterUnusable while
        one of them is being deleted."""
        return self._in_use.through(adapter)

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

    def takes_adapters(self) -> bool:
        """Whether adapters are brought in here for what answers: a server has its own."""
        answering = self.model.state.answering
        return answering is None or answering.engine != SERVER

    def attached_adapters(self) -> list[str]:
        """The adapters that are in memory with the model that answers, their files deleted or not."""
        if self.model.state.answering is None:
            return []
        return _attached(self.model.get())

    def attach(self, name: str) -> None:
        """Has the model read an adapter before the first question needs it. Raises AdapterUnusable."""
        with self._in_use.through(name), self.model.using() as model:
            if model is not None:
                model.serving(name)
                self._choice.keep(model.spec.id, lambda names: dict.fromkeys([*names, name]))
                self.adapters_version += 1

    def detach(self, name: str) -> None:
        """Lets an adapter go; it is read again when somebody asks through it."""
        with self.model.using() as model:
            if model is not None:
                _let_go(model, name)
                self._choice.keep(model.spec.id, lambda names: [one for one in names if one != name])
                self.adapters_version += 1

    def import_adapter(self, source: Path, name: str) -> None:
        """Copies an adapter that fits the model that answers. Raises AdapterUnusable, also where a server
        answers, ModelFailed."""
        from adapters.errors import AdapterUnusable
        from adapters.lora import import_adapter

        with self.model.using() as model:
            checkpoint = getattr(model, "checkpoint", None)
            if model is None or checkpoint is None:
                raise AdapterUnusable(adapter=name, reason=ON_A_SERVER)
            import_adapter(source, name, self.adapters_folder, checkpoint, base=model.spec.id)
            self.adapters_version += 1

    def remove_adapter(self, name: str) -> None:
        """Deletes an adapter's files, and lets it go from the memory first.

        Raises AdapterBusy while an answer is written through it, AdapterNotFound, AdapterUnusable.
        """
        from adapters.lora import find_adapter, remove_adapter

        # as everybody else calls it: a folder's name may be decomposed
        name = unicodedata.normalize("NFC", find_adapter(name, self.adapters_folder).name)
        with self._in_use.leaving(name):
            if self.model.state.answering is not None:
                self.detach(name)
            remove_adapter(name, self.adapters_folder)
            self._choice.forget(name)
            self.adapters_version += 1

    def languages(self) -> tuple[str, ...]:
        """The languages of the model that answers or is on its way, by their codes; () where nobody knows."""
        state = self.model.state
        one = state.answering or state.loading
        if one is None:
            return ()
        if one.spec.id not in self._languages:
            self._languages[one.spec.id] = self._languages_of(one.spec.id)
        return self._languages[one.spec.id]

    def remove_model(self, id: str, converted: bool = False) -> "Removed":
        """Takes an added model off the list, with `converted` also what Maru converted for it. Returns what
        became of that. Raises ModelBusy while it answers or is on its way, ModelNotFound, SourceRefused."""
        from adapters.errors import ModelBusy
        from adapters.own_files import CONVERTED
        from adapters.sources import remove_model

        state = self.model.state
        if id in {one.spec.id for one in (state.answering, state.loading) if one is not None}:
            raise ModelBusy(id=id)
        removed = remove_model(id, self.settings.models, CONVERTED if converted else ())
        self._choice.forget_model(id)
        return removed

    def close(self) -> None:
        """Stops a comparison and a measurement, lets the model go, and releases the store's lock, so that
        another process may open it."""
        if self._runs is not None:
            self._runs.close()
        if self._measurements is not None:
            self._measurements.close()
        self.model.close()
        with self._store_lock:
            if self._store is not None:
                self._store.close()
                self._store = None

    def _at_once(self) -> int:
        answering = self.model.state.answering
        return answering.capacity if answering else 1

    def _languages_of(self, id: str) -> tuple[str, ...]:
        from adapters.errors import AdapterError
        from adapters.models import find_model

        try:
            return find_model(id, self.settings.models).languages
        except AdapterError:
            return ()

    def _attach_again(self, model: "ServedModel", cancelled: threading.Event) -> None:
        """The adapters that were loaded with this model before; one that is gone or broken is left out,
        whatever it is that breaks: the model answers nonetheless."""
        for name in self._choice.adapters(model.spec.id):
            if cancelled.is_set():
                return
            try:
                with self._in_use.through(name):
                    model.serving(name)
            except Exception as error:
                log.warning("the adapter %s is not loaded again: %s", name, error)

    def _load_model(self, spec: ModelSpec, report: Report, cancelled: threading.Event) -> "ServedModel":
        from adapters.load import load

        model = load(spec, self.settings.models, report, cancelled)
        if spec.context is not None:
            if spec.context > model.context_length:
                model.notes = (*model.notes, _shorter(spec.context, model.context_length))
            model.context_length = min(spec.context, model.context_length)
        self._attach_again(model, cancelled)
        return model


def _shorter(asked: int, reads: int) -> Text:
    numbers = {"asked": f"{asked:,}", "reads": f"{reads:,}"}
    return {language: words.format(**numbers) for language, words in SHORTER.items()}


SHORTER: Text = {
    "en": "A context of {asked} tokens was asked for; the model's own length, or the memory, allows {reads}.",
    "ko": "컨텍스트를 {asked}토큰으로 골랐지만, 모델이나 메모리 때문에 {reads}토큰까지만 읽어요.",
}


def _attached(model: "ServedModel | None") -> list[str]:
    return list(getattr(getattr(model, "engine", None), "adapters", ()))


def _let_go(model: "ServedModel", name: str) -> None:
    if name in _attached(model):
        model.engine.detach(name)  # type: ignore[attr-defined]

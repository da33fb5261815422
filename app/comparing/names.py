"""What a specification may name on this machine; see chains.compare.named.Resolve."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.settings import Settings
from app.terminal.flags import keys
from chains.compare.named import Kind
from chains.compare.question_set import AnswerType, QuestionSet
from chains.question import Example, Template

if TYPE_CHECKING:
    from app.comparing.machine import LocalMachine
    from chains.compare.saved_sets import SavedSets


class LocalNames:
    """The names on this machine. The document store is opened only where a collection is named."""

    def __init__(self, settings: Settings, machine: "LocalMachine") -> None:
        self._settings, self._machine = settings, machine

    def known(self, kind: Kind) -> Sequence[str]:
        """All names of that kind. Raises StoreInUse."""
        if kind == "model":
            from adapters.models import known_models
            from adapters.spec import DEFAULT_MODEL

            return [DEFAULT_MODEL, *(entry.id for entry in known_models(self._settings.models))]
        if kind == "precision":
            return ["auto", *keys("adapters.precision")]
        if kind == "retriever":
            return keys("vectorstore.retrievers")
        if kind == "collection":
            return self._machine.documents.collections()
        if kind == "public":
            return keys("chains.compare.public")
        return self._saved().names()

    def check_adapter(self, adapter: str, model: str) -> None:
        """Raises AdapterNotFound, AdapterUnusable; a server has adapters of its own."""
        from adapters.lora import adapters_folder, find_adapter, read_mix
        from adapters.models import find_model

        if find_model(model, self._settings.models).kind == "server":
            return  # it may call them what it likes; whether it has one it says itself
        for name, _ in read_mix(adapter):
            find_adapter(name, adapters_folder(self._settings.models))

    def file(self, path: Path, answer_type: AnswerType | None) -> QuestionSet:
        """The set in a file. Raises BadSet."""
        from chains.compare.reading import read_set

        return read_set(path, answer_type=answer_type)

    def saved(self, name: str) -> QuestionSet:
        """A set that was saved earlier. Raises BadSet."""
        return self._saved().get(name)

    def _saved(self) -> "SavedSets":
        from chains.compare.saved_sets import SavedSets

        return SavedSets(self._settings.question_sets)

    def public(self, key: str, folder: Path | None, limit: int | None, seed: int) -> QuestionSet:
        """A public set. Raises PublicSetMissing."""
        from chains.compare.public import load

        return load(key, folder, limit, seed)

    def examples(self, name: str) -> tuple[Example, ...]:
        """A set of few-shot examples. Raises BadExampleSet."""
        from chains.examples import ExampleSets

        return ExampleSets(self._settings.examples).get(name)

    def template(self, name: str, version: int | None) -> Template:
        """A person's own template, or one that comes with Maru. Raises ChainError."""
        from chains.templates.store import TemplateStore

        return TemplateStore(self._settings.home / "templates").get(name, version)

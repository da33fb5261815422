"""Stand-ins for a model and a retriever, where the real ones would hide the logic that is tested."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Self

from langchain_core.callbacks import CallbackManagerForLLMRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.retrievers import BaseRetriever
from pydantic import Field

from adapters.errors import LoadCancelled, NotEnoughMemory
from adapters.progress import Bytes, Report
from adapters.served import ServedModel
from adapters.spec import ModelSpec
from vectorstore.passage import Passage, to_document


class ScriptedModel(BaseChatModel):
    """Writes the pieces of `script` and remembers what it was asked. An exception in the script is raised.

    Like a local model it opens with an empty chunk of facts, and ends with a chunk that says why. `closed`
    counts the streams that were ended before their script was.
    """

    script: Sequence[Any] = ()
    reason: str = "stop"
    asked: list[list[BaseMessage]] = Field(default_factory=list)
    options: list[dict[str, Any]] = Field(default_factory=list)
    batches: list[int] = Field(default_factory=list)
    closed: int = 0

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def batch(
        self, inputs: Any, config: Any = None, *, return_exceptions: bool = False, **kwargs: Any
    ) -> Any:
        self.batches.append(len(inputs))
        return [self._answered(one, return_exceptions, **kwargs) for one in inputs]

    def _answered(self, one: Any, keep: bool, **kwargs: Any) -> Any:
        try:
            return self.invoke(one, **kwargs)
        except Exception as error:
            if not keep:
                raise
            return error

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        chunks = list(self._stream(messages, stop, run_manager, **kwargs))
        whole = chunks[0]
        for chunk in chunks[1:]:
            whole = whole + chunk
        return ChatResult(generations=[whole])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        self.asked.append(messages)
        self.options.append(kwargs | ({"stop": stop} if stop else {}))
        try:
            yield from self._told(messages, kwargs.get("seed"))
        except GeneratorExit:
            self.closed += 1
            raise

    def _told(self, messages: list[BaseMessage], seed: int | None) -> Iterator[ChatGenerationChunk]:
        counts = [len(str(message.content).split()) for message in messages]
        opening = {
            "prompt_text": "\n".join(str(message.content) for message in messages),
            "prompt_tokens_by_message": counts,
            "seed": 4711 if seed is None else seed,
            "model": "scripted-1",
            "precision": "float32",
        }
        yield _chunk("", opening, sum(counts), 0)
        for piece in self.script:
            if isinstance(piece, Exception):
                raise piece
            yield _chunk(piece)
        yield _chunk("", {"finish_reason": self.reason}, 0, sum(bool(piece) for piece in self.script))


class AnsweringModel(ScriptedModel):
    """Writes what `answers(last message, seed)` says, word by word; an exception among its words is raised.

    Reads at most `context_length` tokens; a token is a word between spaces. It says that it writes `capacity`
    answers at once; `most_open` is how many were.
    """

    answers: Callable[[str, int | None], Sequence[Any]] = lambda asked, seed: ["Yes."]
    context_length: int = 1000
    capacity: int = 8
    open: int = 0
    most_open: int = 0

    def get_token_ids(self, text: str) -> list[int]:
        return list(range(len(text.split())))

    def _told(self, messages: list[BaseMessage], seed: int | None) -> Iterator[ChatGenerationChunk]:
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            script = self.answers(str(messages[-1].content), seed)
            yield from ScriptedModel(script=script, reason=self.reason)._told(messages, seed)
        finally:
            self.open -= 1


class CountingModel(ScriptedModel):
    """A scripted model that reads at most `context_length` tokens; a token is a word between spaces."""

    context_length: int = 1000

    def get_token_ids(self, text: str) -> list[int]:
        return list(range(len(text.split())))


class FixedRetriever(BaseRetriever):
    """Finds the same passages whatever is searched, and remembers what was."""

    passages: Sequence[Passage] = ()
    searched: list[str] = Field(default_factory=list)

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        self.searched.append(query)
        return [to_document(passage) for passage in self.passages]


def passage(text: str, source: str = "notes.txt", **rest: Any) -> Passage:
    """A passage of that text, at the beginning of its document unless `start` says otherwise."""
    start = rest.pop("start", 0)
    return Passage(f"{source}:{start}", source, source, text, start, start + len(text), **rest)


def _chunk(
    text: str, told: dict[str, Any] | None = None, read: int = 0, written: int = 0
) -> ChatGenerationChunk:
    usage = UsageMetadata(input_tokens=read, output_tokens=written, total_tokens=read + written)
    message = AIMessageChunk(
        content=text, response_metadata=told or {}, usage_metadata=usage if read or written else None
    )
    return ChatGenerationChunk(message=message)


class PretendModel(ScriptedModel, ServedModel):
    """A model that is served, without weights: it writes its script, and says when it is closed."""

    spec: ModelSpec = ModelSpec("pretend-1", "float32")
    context_length: int = 1000
    engine_key: str = "pretend"
    at_once: int = 1
    owner: str = ""
    on_close: Callable[[], None] = lambda: None

    @property
    def capacity(self) -> int:
        return self.at_once

    def serving(self, adapter: str | None, owner: str = "") -> Self:
        update = {"spec": replace(self.spec, adapter=adapter), "owner": owner}
        return self.model_copy(update=update) if adapter or owner else self

    def close(self) -> None:
        self.on_close()


class Machine:
    """Loads pretended models into a memory of so many units: it is refused what does not fit.

    Loading waits for `gate`; `broken` models raise; where it is `deaf` nobody can cancel it.
    """

    def __init__(self, memory: int) -> None:
        self.memory, self.most = memory, 0
        self.sizes: dict[str, int] = {}
        self.broken: dict[str, Exception] = {}
        self.asked: list[ModelSpec] = []
        self.closed: list[str] = []
        self.open: list[str] = []
        self.deaf = False
        self.gate = threading.Event()
        self.gate.set()

    def size(self, id: str) -> int:
        return self.sizes.get(id, 4)

    def taken(self) -> int:
        return sum(map(self.size, self.open))

    def load(self, spec: ModelSpec, report: Report, cancelled: threading.Event) -> PretendModel:
        self.asked.append(spec)
        needed, free = self.size(spec.id), self.memory - self.taken()
        if needed > free:
            text = {"precision": spec.precision, "needed": needed, "free": free, "fits": "–"}
            raise NotEnoughMemory(id=spec.id, needed_bytes=needed, free_bytes=free, **text)
        report("loading", Bytes(3, 6))
        while not self.gate.wait(0.005):
            if cancelled.is_set() and not self.deaf:
                raise LoadCancelled(id=spec.id)
        if spec.id in self.broken:
            raise self.broken[spec.id]
        self.open.append(spec.id)
        self.most = max(self.most, self.taken())
        return PretendModel(spec=spec, memory_bytes=needed, on_close=lambda: self._closed(spec.id))

    def _closed(self, id: str) -> None:
        self.open.remove(id)
        self.closed.append(id)


class InterruptedModel(PretendModel):
    """A pretended model that is stopped by somebody while it writes its `last` answer."""

    event: threading.Event = Field(default_factory=threading.Event)
    last: int = 1

    def _told(self, messages: list[BaseMessage], seed: int | None) -> Iterator[ChatGenerationChunk]:
        if len(self.asked) >= self.last:
            self.event.set()
        return super()._told(messages, seed)

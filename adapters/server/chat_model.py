"""A model on an OpenAI-compatible server, as every other loaded model of Maru.

Over LangChain's client. Its stream is that of `ServedModel`: the facts first, text as it comes, empty chunks
while nothing does, the reason and the server's token counts last. What the server does not say is not made
up: without its counts there are none, and a length that had to be assumed is said in `notes`.
"""

import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Self, cast

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import RunnableConfig
from pydantic import Field

from adapters.errors import AdapterNotFound, AdapterUnusable
from adapters.lora import mix_key, read_mix
from adapters.options import read_options
from adapters.served import ServedModel, collected
from adapters.server.connection import Connection
from adapters.server.counting import Counter
from adapters.server.listing import adapters_of, listed, named
from adapters.server.stream import Ask, End, Event, Pause, Piece, answer
from adapters.spec import ModelSpec, Text

CAPACITY = 8
"""How many answers are asked for at once where the server does not say how many it writes."""

ROLES = {"human": "user", "ai": "assistant", "HumanMessageChunk": "user", "AIMessageChunk": "assistant"}
NO_MIX: Text = {
    "en": "a model server mixes no adapters; choose one of them at full weight.",
    "ko": "모델 서버에서는 어댑터를 섞을 수 없어요. 하나만 골라 주세요.",
}
TRYING: Text = {
    "en": "The server is busy or down; asking again in {seconds} s.",
    "ko": "서버가 바쁘거나 응답하지 않아요. {seconds}초 뒤에 다시 물어볼게요.",
}


class ServerChatModel(ServedModel):
    """Answers with a model of another machine (or another process of this one).

    Options are those of `GenerationOptions`, given with a call or by `bind`, and `stop`. `server_model` is
    what the server calls it, `sent_as` the name of the adapter that it is asked through, `served_adapters`
    those it listed when the model was loaded. Raises BadOption before anything is sent, ServerFailed
    whatever the server does wrong, with the text so far as `partial`.
    """

    server_model: str
    sent_as: str = ""
    served_adapters: tuple[str, ...] = ()
    writes_at_once: int = CAPACITY
    connection: Any = Field(exclude=True, repr=False)
    counter: Any = Field(exclude=True, repr=False)

    @property
    def capacity(self) -> int:
        """How many answers are asked for at the same time."""
        return self.writes_at_once

    @property
    def busy(self) -> bool:
        """Whether any answer is being written, through this model or a copy of it with an adapter."""
        return self._connection.open_answers > 0

    @property
    def address(self) -> str:
        """Where the server is; for its operator only."""
        return self._connection.url

    @property
    def trouble(self) -> Exception | None:
        """Why the server did not answer the last question; None where it did."""
        return self._connection.trouble

    @property
    def counts_exactly(self) -> bool:
        """Whether `get_num_tokens` is the server's own count, or an estimate on the long side."""
        counter: Counter = self.counter
        return counter.exact

    @property
    def _connection(self) -> Connection:
        connection: Connection = self.connection
        return connection

    @property
    def _llm_type(self) -> str:
        return "maru-server"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": self.spec.id, "server": self._connection.url, "adapter": self.spec.adapter}

    def get_num_tokens(self, text: str) -> int:
        """The tokens of a plain text: the server's count, or at least as many as there are."""
        counter: Counter = self.counter
        return counter.count(text)

    def get_num_tokens_from_messages(
        self, messages: list[BaseMessage], tools: Sequence[Any] | None = None
    ) -> int:
        """The tokens of the messages' texts; the marks of the server's template are not in it."""
        return sum(self.get_num_tokens(str(message.text)) for message in messages)

    def serving(self, adapter: str | None, owner: str = "") -> Self:
        """The same server through an adapter that it serves by name (vLLM's --lora-modules).

        Raises AdapterNotFound naming the adapters of this model that the server lists, AdapterUnusable for a
        mix. What the server keeps of one owner's prompt is its own affair; see docs/scaling.md.
        """
        name = adapter and self._served_name(adapter)
        return self._copy(replace(self.spec, adapter=name or None), name or "")

    def close(self) -> None:
        """Ends every answer and closes the connections; the server goes on."""
        self._connection.close()

    def batch(
        self,
        inputs: list[LanguageModelInput],
        config: RunnableConfig | list[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> list[AIMessage]:
        """Many prompts at once, as many as `capacity` at a time; the server batches them."""
        configs = config if isinstance(config, list) else [config or {} for _ in inputs]
        bounded: list[RunnableConfig] = [
            {**one, "max_concurrency": min(one.get("max_concurrency") or self.capacity, self.capacity)}
            for one in configs
        ]
        return super().batch(inputs, bounded, return_exceptions=return_exceptions, **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        chunks = self._stream(messages, stop, run_manager, **kwargs)
        message = collected(cast(AIMessageChunk, chunk.message) for chunk in chunks)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        limits = self._connection.limits
        fields = self._fields(stop, kwargs)
        yield ChatGenerationChunk(message=self._opening(messages, fields))
        for event in answer(self._connection, Ask(messages, fields, limits.total_s)):
            if run_manager and isinstance(event, Piece):
                run_manager.on_llm_new_token(event.text)
            yield ChatGenerationChunk(message=_message(event))

    def _fields(self, stop: Sequence[str] | None, given: dict[str, Any]) -> dict[str, Any]:
        """The fields of the request beside its messages. Raises BadOption."""
        options = read_options(given)
        fields: dict[str, Any] = {
            "model": self.sent_as or self.server_model,
            "max_tokens": options.max_tokens,
            "temperature": options.temperature,
            "top_p": options.top_p,
            "seed": secrets.randbelow(2**31) if options.seed is None else options.seed,
            "stream_usage": True,
        }
        return {**fields, "stop": list(stop)} if stop else fields

    def _opening(self, messages: Sequence[BaseMessage], fields: dict[str, Any]) -> AIMessageChunk:
        """The first chunk: no text yet, but what is sent."""
        return AIMessageChunk(
            content="",
            response_metadata={
                "prompt_text": _as_sent(messages),
                "seed": fields["seed"],
                "model": self.spec.id,
                "precision": self.spec.precision,
                "engine": self.engine_key,
                "adapter": self.spec.adapter,
            },
        )

    def _served_name(self, adapter: str) -> str:
        """The adapter's name on the server, which is asked again only for one that it has not listed yet."""
        if adapter in self.served_adapters:
            return adapter
        models = self._connection.wait(lambda: listed(self._connection))
        names = adapters_of(self.server_model, models)
        if adapter in names:
            return adapter
        mix = read_mix(adapter)
        if len(mix) != 1 or mix[0][1] != 1.0:
            raise AdapterUnusable(adapter=mix_key(mix), reason=NO_MIX)
        if mix[0][0] not in names:
            raise AdapterNotFound(adapter=mix[0][0], known=named(names))
        return mix[0][0]

    def _copy(self, spec: ModelSpec, sent: str) -> Self:
        return self.model_copy(update={"spec": spec, "sent_as": sent})


def _as_sent(messages: Sequence[BaseMessage]) -> str:
    """The messages as the server gets them, before its template, which is not known here."""
    rows = [{"role": ROLES.get(one.type, one.type), "content": str(one.text)} for one in messages]
    return json.dumps(rows, ensure_ascii=False, indent=1)


def _message(event: Event | None) -> AIMessageChunk:
    """What came, as LangChain streams it."""
    if isinstance(event, Piece):
        return AIMessageChunk(content=event.text)
    if isinstance(event, Pause):
        seconds = f"{event.seconds:.1f}".removesuffix(".0")
        waiting = {language: text.format(seconds=seconds) for language, text in TRYING.items()}
        return AIMessageChunk(content="", response_metadata={"waiting": waiting})
    if isinstance(event, End):
        return AIMessageChunk(
            content="",
            response_metadata={"finish_reason": event.reason},
            usage_metadata=_usage(event),
            chunk_position="last",
        )
    return AIMessageChunk(content="")


def _usage(end: End) -> UsageMetadata | None:
    if end.prompt_tokens is None and end.completion_tokens is None:
        return None
    prompt, completion = end.prompt_tokens or 0, end.completion_tokens or 0
    return UsageMetadata(input_tokens=prompt, output_tokens=completion, total_tokens=prompt + completion)

"""A local model as a LangChain chat model: template, streaming, stop, token counts.

The stream tells everything a screen wants to show. Its first chunk has no text but the exact prompt; then
comes text, with empty chunks while the model is still reading; the last chunk says why it ended. Closing the
stream stops the model.
"""

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Self

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import RunnableConfig, run_in_executor
from pydantic import Field

from adapters.checkpoint import Checkpoint
from adapters.errors import AdapterNotFound, PromptTooLong
from adapters.lora import LoraAdapter, Mix, adapters_folder, mix_key, read_adapter, read_mix
from adapters.options import read_options
from adapters.request import Chunk, Engine, Request
from adapters.served import ServedModel
from adapters.template import Rendered, render

TIME_LIMIT_S = 300.0


class LocalChatModel(ServedModel):
    """Answers with a model in this process, whichever engine runs it.

    Options are those of `GenerationOptions`, given with a call or by `bind`: max_tokens, temperature, top_p,
    seed; and `stop`. `spec` is resolved: the model's own id, the precision in use.
    Raises PromptTooLong and BadOption before anything runs, EngineFull and WaitedTooLong when there is no
    place for it, GenerationFailed when the model breaks, ModelClosed when it was closed.
    """

    engine_key: str = "transformers"
    folder: Path | None = None
    """The folder of converted models, beside which the adapters lie."""
    checkpoint: Checkpoint | None = None
    """What adapters are checked against."""
    mix: Mix = ()
    owner: str = ""
    time_limit_s: float = TIME_LIMIT_S
    tokenizer: Any = Field(exclude=True, repr=False)
    engine: Any = Field(exclude=True, repr=False)

    @property
    def _llm_type(self) -> str:
        return "maru-local"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": self.spec.id, "precision": self.spec.precision, "adapter": self.spec.adapter}

    @property
    def capacity(self) -> int:
        """How many answers it writes at the same time."""
        return self._engine.capacity

    def serving(self, adapter: str | None, owner: str = "") -> Self:
        """The same weights through an adapter or a mix of them, for one person.

        Attaches what is not attached yet or was replaced on disk since. Raises AdapterNotFound,
        AdapterUnusable.
        """
        mix = read_mix(adapter)
        for name, _ in mix:
            self._engine.attach(self._read_adapter(name))
        spec = replace(self.spec, adapter=mix_key(mix) or None)
        return self.model_copy(update={"spec": spec, "mix": mix, "owner": owner})

    def _read_adapter(self, name: str) -> LoraAdapter:
        if self.folder is None or self.checkpoint is None:
            raise AdapterNotFound(adapter=name, known="–")
        return read_adapter(name, adapters_folder(self.folder), self.checkpoint)

    def get_token_ids(self, text: str) -> list[int]:
        """The token ids of a plain text, without template marks."""
        return list(self.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])

    def get_num_tokens_from_messages(
        self, messages: list[BaseMessage], tools: Sequence[Any] | None = None
    ) -> int:
        """The tokens of the whole prompt, template marks and the opening of the answer included."""
        return len(render(self.tokenizer, messages).ids)

    def log_likelihood(self, messages: list[BaseMessage], continuation: str) -> float:
        """How likely the model finds an answer that begins so: the sum of the natural logarithms of the
        probabilities of its tokens, each given the prompt and those before it. Always below 0.

        Raises PromptTooLong, WaitedTooLong, GenerationFailed, and ValueError for an empty continuation.
        """
        from adapters.likelihood import log_likelihood

        return log_likelihood(self, messages, continuation)

    def forget(self) -> None:
        """See ServedModel. Raises WaitedTooLong, ModelClosed."""
        self._engine.forget(self.owner)

    def close(self) -> None:
        """Stops everything that runs and gives the memory back."""
        self._engine.close()

    @property
    def _engine(self) -> Engine:
        engine: Engine = self.engine
        return engine

    def batch(
        self,
        inputs: list[LanguageModelInput],
        config: RunnableConfig | list[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> list[AIMessage]:
        """Answers many prompts in padded batches: several times faster than one after the other.

        Up to the noise of floating point the answers are those of single calls.
        """
        from adapters.batch import answer_all

        return answer_all(self, inputs, config, return_exceptions, **kwargs)

    def batch_each(
        self,
        inputs: Sequence[LanguageModelInput],
        options: Sequence[Mapping[str, Any]],
        stop: threading.Event | None = None,
        ended: Callable[[], None] | None = None,
    ) -> list[AIMessage | Exception]:
        """See ServedModel. All inputs share the running batch, whatever their options."""
        from adapters.batch import answer_each

        return answer_each(self, inputs, options, stop, ended)

    async def abatch(
        self,
        inputs: list[LanguageModelInput],
        config: RunnableConfig | list[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> list[AIMessage]:
        """As `batch`, in a thread."""
        run = partial(self.batch, inputs, config, return_exceptions=return_exceptions, **kwargs)
        return await run_in_executor(None, run)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        prompt = render(self.tokenizer, messages)
        request = self.request(prompt, stop, **kwargs)
        yield ChatGenerationChunk(message=self.opening(prompt, request))
        for chunk in self._engine.generate([request]):
            if run_manager and chunk.text:
                run_manager.on_llm_new_token(chunk.text)
            yield ChatGenerationChunk(message=message(chunk))

    def request(self, prompt: Rendered, stop: Sequence[str] | None = None, **kwargs: Any) -> Request:
        """Checks the options and the prompt's length. Raises BadOption, PromptTooLong."""
        options = read_options(kwargs)
        if len(prompt.ids) + options.max_tokens > self.context_length:
            raise PromptTooLong(
                tokens=len(prompt.ids), limit=self.context_length, reserved=options.max_tokens
            )
        return Request(
            prompt=prompt.ids,
            max_tokens=options.max_tokens,
            temperature=options.temperature,
            top_p=options.top_p,
            seed=secrets.randbelow(2**31) if options.seed is None else options.seed,
            stop=tuple(stop or ()),
            time_limit_s=self.time_limit_s,
            mix=self.mix,
            owner=self.owner,
            copies=bool(kwargs.get("copies")),
        )

    def opening(self, prompt: Rendered, request: Request) -> AIMessageChunk:
        """The first chunk: no text yet, but everything about the prompt."""
        return AIMessageChunk(
            content="",
            response_metadata={
                "prompt_text": prompt.text,
                "prompt_tokens_by_message": list(prompt.by_message),
                "seed": request.seed,
                "model": self.spec.id,
                "precision": self.spec.precision,
                "engine": self.engine_key,
                "adapter": self.spec.adapter,
            },
            usage_metadata=_usage(prompt=len(prompt.ids)),
        )


def message(chunk: Chunk) -> AIMessageChunk:
    """A piece of the answer as LangChain streams it."""
    if chunk.finish_reason is None:
        return AIMessageChunk(content=chunk.text)
    # the prompt was counted in the first chunk: LangChain adds the counts of all chunks up
    return AIMessageChunk(
        content=chunk.text,
        response_metadata={"finish_reason": chunk.finish_reason},
        usage_metadata=_usage(completion=chunk.tokens),
        chunk_position="last",
    )


def _usage(prompt: int = 0, completion: int = 0) -> UsageMetadata:
    return UsageMetadata(input_tokens=prompt, output_tokens=completion, total_tokens=prompt + completion)

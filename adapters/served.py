"""What every loaded model is to the rest of Maru, whichever engine runs it.

Its stream keeps one contract. The first chunk has no text but, in `response_metadata`, all about the prompt
(prompt_text, prompt_tokens_by_message, seed, model, precision, engine, adapter) and the prompt's token count;
then comes text, with empty chunks while the model is still reading; the last chunk has `finish_reason`, the
count of new tokens, and `chunk_position="last"`. Closing the stream stops the model.

Beside the options of `GenerationOptions` and `stop`, a call may say `copies=True`: the answer is likely to
repeat parts of the prompt. It is a hint; a model that has no use for it ignores it.
"""

import threading
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

from langchain_core.language_models import LanguageModelInput
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages.ai import UsageMetadata, add_usage

from adapters.spec import ModelSpec, Text


class ServedModel(BaseChatModel):
    """A chat model that is loaded, with what the screen says of it.

    `spec` is resolved: the model's own id, the precision in use, the adapter. `engine_key` is the file name
    in adapters/engines. `memory_bytes` is what loading it took, measured (None where that is another
    machine's). `notes` are what a person should know of it, as that its length had to be assumed.
    `fell_back`: the precision that "auto" usually is could not be loaded, and this is the next one.
    """

    spec: ModelSpec
    context_length: int
    engine_key: str
    memory_bytes: int | None = None
    notes: tuple[Text, ...] = ()
    fell_back: bool = False

    @property
    @abstractmethod
    def capacity(self) -> int:
        """How many answers it writes at the same time."""

    @property
    def address(self) -> str:
        """Where it answers, if that is another machine or process; "" where it is this one."""
        return ""

    @property
    def trouble(self) -> Exception | None:
        """Why the last answer failed, where what answers could not be reached; None where it could."""
        return None

    @abstractmethod
    def serving(self, adapter: str | None, owner: str = "") -> Self:
        """The same weights through an adapter ("poet", or a mix: "poet:0.5+pirate:0.5") for one person.

        Attaches what is not attached yet. Raises AdapterNotFound, AdapterUnusable.
        """

    def batch_each(
        self,
        inputs: Sequence[LanguageModelInput],
        options: Sequence[Mapping[str, Any]],
        stop: threading.Event | None = None,
        ended: Callable[[], None] | None = None,
    ) -> list[AIMessage | Exception]:
        """Answers every input with its own options (those of a call, `stop` strings among them), as many at a
        time as it writes: its message, or the error that this input alone met, in their order. `ended` is
        called, from any thread, whenever one has its answer.

        When the `stop` event is set, what runs ends where it is, and what has not begun stays empty, with the
        finish_reason "stopped".
        """

        def answer(given: LanguageModelInput, of: Mapping[str, Any]) -> AIMessage | Exception:
            if stop is not None and stop.is_set():
                return AIMessage("", response_metadata={"finish_reason": "stopped"})
            try:
                return collected(self.stream(given, **of), stop)
            except Exception as error:
                return error
            finally:
                if ended is not None:
                    ended()

        with ThreadPoolExecutor(max_workers=max(1, self.capacity)) as pool:
            return list(pool.map(answer, inputs, options))

    def forget(self) -> None:
        """Lets go what was read of earlier prompts, where that could change a later answer in its rounding: a
        comparison that is resumed then answers as one that never ended. Waits until nothing runs. A server
        keeps what it likes."""

    @abstractmethod
    def close(self) -> None:
        """Stops everything that runs and gives the memory back. Closes it for everyone who is served."""


def collected(chunks: Iterator[AIMessageChunk], stop: threading.Event | None = None) -> AIMessage:
    """What a model's stream says, as one message. When `stop` is set the stream is closed where it is, with
    the finish_reason "stopped"."""
    usage: UsageMetadata | None = None
    text, told = "", dict[str, Any]()
    for chunk in chunks:
        text += str(chunk.text)
        told |= chunk.response_metadata
        if chunk.usage_metadata is not None:
            usage = add_usage(usage, chunk.usage_metadata)
        if stop is not None and stop.is_set() and chunk.chunk_position != "last":
            told["finish_reason"] = "stopped"
            break
    told.pop("waiting", None)
    return AIMessage(content=text, response_metadata=told, usage_metadata=usage)

"""What an engine is asked and what it gives back: the port between the chat model and whatever runs it.

An engine takes token ids and yields pieces of text; templates, messages and LangChain are not its business.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from adapters.lora import LoraAdapter, Mix

FinishReason = Literal["stop", "length", "time_limit", "stopped"]
"""stop: the model ended, or a stop string came; length: `max_tokens` reached; time_limit: the deadline
passed; stopped: somebody set the stop flag."""


@dataclass(frozen=True, eq=False)
class Request:
    """One generation. `prompt` is token ids; `temperature` 0 is greedy; `time_limit_s` counts from the moment
    the engine begins with it; for as long it may wait for a place, too. `stopped` is the flag that ends it
    early: set it from any thread.

    `mix` names the attached adapters it runs through, each with its weight; () is the bare model. What was
    read for one `owner` (keys and values of a prompt) is not reused for another by an engine that keeps
    owners apart; OpenVINO's cache knows tokens only, see there. `copies` says that the answer is likely to
    repeat parts of the prompt, so that guessing ahead from it may pay.
    """

    prompt: Sequence[int]
    max_tokens: int
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    stop: tuple[str, ...] = ()
    time_limit_s: float = 300.0
    stopped: threading.Event = field(default_factory=threading.Event)
    mix: Mix = ()
    owner: str = ""
    copies: bool = False


@dataclass(frozen=True)
class Chunk:
    """The next piece of the text of request number `index`; `tokens` have been generated for it so far.

    A chunk without text and without `finish_reason` only says that the engine is alive: whoever reads may
    stop reading at any time.
    """

    index: int = 0
    text: str = ""
    tokens: int = 0
    finish_reason: FinishReason | None = None


class Engine(Protocol):
    """Whatever runs a model. `generate` may be called from several threads at once: the requests of all calls
    run side by side, and each call yields only its own."""

    @property
    def busy(self) -> bool:
        """Whether anything runs or waits."""

    @property
    def capacity(self) -> int:
        """How many requests run at the same time; more wait for a place, in the order in which they came."""

    @property
    def adapters(self) -> tuple[str, ...]:
        """The names of the attached adapters."""

    def attach(self, adapter: LoraAdapter) -> None:
        """Makes an adapter usable by name, without reloading the base; does nothing when it is attached.

        Raises AdapterUnusable, and then leaves nothing of it behind. Never ignores a part of it silently.
        """

    def detach(self, name: str) -> None:
        """Lets an adapter go and gives its memory back; requests that use it end first."""

    def generate(self, requests: Sequence[Request]) -> Iterator[Chunk]:
        """Runs the requests side by side. Closing the iterator stops them.

        Raises EngineFull when too many wait already, WaitedTooLong when no place came free in time,
        GenerationFailed when the model breaks, ModelClosed; what was yielded before stays valid.
        """

    def rows(self, prompt: int, max_tokens: int) -> int:
        """How many requests with prompts of up to `prompt` tokens fit into one call of `generate`."""

    def score(self, tokens: Sequence[int], mix: Mix = ()) -> list[float]:
        """The natural logarithm of the probability of each token but the first, given those before it.

        Raises WaitedTooLong, GenerationFailed, ModelClosed.
        """

    def score_end(self, tokens: Sequence[int], count: int, mix: Mix = ()) -> list[float]:
        """The last `count` values of `score`; an engine that remembers what it read does not read that again.

        Raises what `score` raises.
        """

    def forget(self, owner: str = "") -> None:
        """Lets go what was read of that owner's earlier prompts, so that it cannot change the rounding of an
        answer to come; an engine that does not keep owners apart lets everything go, once nothing runs.

        Raises WaitedTooLong, ModelClosed.
        """

    def stop(self, request: Request) -> None:
        """Ends a request early; the iterator then yields its last chunk."""

    def close(self) -> None:
        """Stops everything and gives the memory back."""

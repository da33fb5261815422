"""The reference engine: transformers on whatever device torch has, for several people at once.

One thread owns the weights (`adapters.decoding.worker`). Requests join the batch that is running, each with
its own sampling, stop strings, deadline and adapters, and leave it when they end; what somebody asked before
is not read again (`adapters.decoding.prefix`).

What a seed promises. A request draws from its own generator, whoever else is served. Alone, and with the same
prompts read before it by the same owner, the same seed gives the same text, in every precision. In company,
or after other prompts, the sums of the same numbers are made in another order: in float32 the text stays the
same but for the rare case of two tokens that are equally likely to seven digits; in bfloat16 and quantized,
near ties are common, and the text may differ.
"""

import atexit
import threading
import weakref
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import torch

from adapters.decoding.call import Call
from adapters.decoding.line import Line
from adapters.decoding.prefix import PrefixStore
from adapters.decoding.sizes import cache_bytes_per_token
from adapters.decoding.worker import Worker
from adapters.errors import AdapterError, GenerationFailed, ModelClosed
from adapters.lora import LoraAdapter, Mix
from adapters.memory import free, give_back
from adapters.request import Chunk, Engine, Request
from adapters.spec import Text
from adapters.warm_up import warm_up

if TYPE_CHECKING:
    from adapters.chat_model import LocalChatModel
    from adapters.loading import Loading

label = {"en": "transformers (every device)", "ko": "transformers (모든 장치)"}

MOST_ROWS = 32
MOST_WAITING = 64
MOST_AT_ONCE = 1024
USUAL_TOKENS = 2048
MEMORY_SHARE = 0.25
"""The part of the memory free at the moment that the keys and values of a batch may take."""
PREFIX_SHARE = 1 / 16
"""The part of the memory free at the beginning that prompts read before may take."""


def available() -> Text | None:
    """None: this engine runs everywhere."""
    return None


class TransformersEngine:
    """Serves one loaded causal model; see `adapters.request.Engine`.

    At most `most_rows` requests run at once, `most_waiting` calls wait; `prefix_bytes` bounds the memory of
    prompts that were read before.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        most_rows: int = MOST_ROWS,
        most_waiting: int = MOST_WAITING,
        prefix_bytes: int | None = None,
    ) -> None:
        if prefix_bytes is None:
            prefix_bytes = int(free() * PREFIX_SHARE)
        self.prefixes = PrefixStore(prefix_bytes)
        rows = self._budget() // max(1, USUAL_TOKENS * cache_bytes_per_token(model))
        self.capacity = max(1, min(most_rows, rows))
        self._worker = Worker(
            model, tokenizer, self.capacity, self._budget, Line(most_waiting), self.prefixes
        )
        # a daemon thread inside torch while the interpreter goes down would crash it: it is ended before
        atexit.register(_close, weakref.ref(self))

    @property
    def model(self) -> Any:
        """transformers' model; None when it was closed."""
        return self._worker.model

    @property
    def busy(self) -> bool:
        """Whether anything runs or waits."""
        return self._worker.busy

    @property
    def adapters(self) -> tuple[str, ...]:
        """The names of the attached adapters."""
        return self._worker.loras.names

    def attach(self, adapter: LoraAdapter) -> None:
        """Makes an adapter usable by name. Raises AdapterUnusable, and then leaves nothing of it behind."""
        if not self._worker.has(adapter):
            self._worker.do(self._worker.attach(adapter)).result()

    def detach(self, name: str) -> None:
        """Lets an adapter go, once the requests that use it have ended."""
        self._worker.do(self._worker.detach(name)).result()
        give_back()

    def generate(self, requests: Sequence[Request]) -> Iterator[Chunk]:
        """Runs the requests in the batch, as many at once as there is room for; while waiting, an empty chunk
        comes every 100 ms. Closing the iterator stops the requests.

        Raises EngineFull, WaitedTooLong, AdapterNotFound, AdapterUnusable; GenerationFailed when the model
        breaks, ModelClosed.
        """
        if not requests:
            return
        call = Call(requests)
        if not self._worker.submit(call):
            raise ModelClosed()
        try:
            yield from call.chunks()
        finally:
            call.stop()

    def rows(self, prompt: int, max_tokens: int) -> int:
        """Any number up to 1,024: what does not fit into the batch waits inside the call."""
        return MOST_AT_ONCE

    def score(self, tokens: Sequence[int], mix: Mix = ()) -> list[float]:
        """The natural logarithm of the probability of each token but the first, given those before it.

        Raises AdapterNotFound, AdapterUnusable, GenerationFailed.
        """
        self._worker.loras.check(mix)
        try:
            scores: list[float] = self._worker.do(self._worker.score(list(tokens), mix), mix).result()
        except AdapterError:
            raise
        except Exception as error:
            raise GenerationFailed(cause=error, partial=()) from error
        return scores

    def score_end(self, tokens: Sequence[int], count: int, mix: Mix = ()) -> list[float]:
        """The last `count` values of `score`; everything before them is read anew."""
        return self.score(tokens, mix)[-count:]

    def forget(self, owner: str = "") -> None:
        """Lets the keys and values of that owner's earlier prompts go. Raises ModelClosed."""
        self._worker.do(self._worker.forget(owner)).result()

    def stop(self, request: Request) -> None:
        """Ends a request early."""
        request.stopped.set()

    def close(self) -> None:
        """Stops everything, ends the thread and gives the memory back."""
        self._worker.close()
        if threading.current_thread() is not self._worker.thread:
            self._worker.thread.join(timeout=10)
        give_back()

    def _budget(self) -> int:
        return int(free() * MEMORY_SHARE)


def prepare(loading: "Loading") -> None:
    """Downloads or converts the model on the first call. Raises what `prepare_folder` raises."""
    from adapters.weights import prepare_folder

    prepare_folder(loading.entry, loading.folder, loading.report, loading.cancelled)


def start(loading: "Loading") -> "LocalChatModel":
    """Loads a model to be run by this engine."""
    from adapters.chat_model import LocalChatModel
    from adapters.checkpoint import read_checkpoint
    from adapters.machine import usable_cores
    from adapters.weights import prepare_folder, read_tokenizer, read_weights

    place = prepare_folder(loading.entry, loading.folder, loading.report, loading.cancelled)
    tokenizer = read_tokenizer(place)
    model = read_weights(place, loading.precision, loading.report, loading.cancelled)
    torch.set_num_threads(min(torch.get_num_threads(), usable_cores()))
    engine = _engine(model, tokenizer)
    length = int(model.config.get_text_config().max_position_embeddings)
    return LocalChatModel(
        spec=loading.spec,
        context_length=min(length, loading.spec.context or length),
        engine_key="transformers",
        folder=loading.folder,
        checkpoint=read_checkpoint(place),
        tokenizer=tokenizer,
        engine=engine,
    )


def _engine(model: Any, tokenizer: Any) -> Engine:
    """On ZeroGPU there is no GPU yet to run anything on."""
    from adapters import zero_gpu

    if zero_gpu.active():
        return zero_gpu.ZeroGpuEngine(model, tokenizer)
    engine = TransformersEngine(model, tokenizer)
    warm_up(engine, tokenizer)
    return engine


def _close(engine: "weakref.ref[TransformersEngine]") -> None:
    if (alive := engine()) is not None:
        alive.close()

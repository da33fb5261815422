"""ZeroGPU, where a Space is lent a GPU for the length of one call: generation runs under `spaces.GPU`.

The call runs in a forked process. Requests go there as plain data, chunks come back one by one; the stop
flags stay here, and closing the stream is what stops the other side. The process may be used again for later
calls, so that what was read before is not always lost. A model that is loaded after the first call may be
unknown to it: on ZeroGPU the model is chosen when the Space starts.
"""

import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from functools import cache
from importlib.util import find_spec
from math import ceil
from typing import Any

from adapters.errors import AdapterError, AdapterNotFound, AdapterUnusable, GenerationFailed, ModelClosed
from adapters.lora import LoraAdapter, Mix, mix_names
from adapters.request import Chunk, Engine, Request

START_S, TOKENS_READ_PER_S, TOKENS_WRITTEN_PER_S = 10.0, 2000.0, 20.0
"""What a call may take: starting the process and moving the weights, then reading and writing, counted
low."""

LONGEST_S = 120
"""Longer calls are refused to most visitors."""

ROWS = 32
MOST_AT_ONCE = 1024

Job = tuple[str, Any]
"""("generate", requests as plain data) or ("score", (tokens, mix))."""

_models: dict[int, tuple[Any, Any]] = {}
_engines: dict[int, Engine] = {}
_numbers = itertools.count()


def active() -> bool:
    """Whether this is a Space with ZeroGPU."""
    return bool(os.environ.get("SPACES_ZERO_GPU")) and find_spec("spaces") is not None


@cache
def gpu_function() -> Callable[..., Iterator[Any]]:
    """The decorated function. ZeroGPU wants to meet one while the Space starts: call this then."""
    import spaces  # type: ignore[import-not-found]

    decorated: Callable[..., Iterator[Any]] = spaces.GPU(duration=seconds)(_work)
    return decorated


def seconds(number: int, job: Job, adapters: Sequence[LoraAdapter]) -> int:
    """How long a call may take, from its prompts and the tokens it may write."""
    kind, given = job
    if kind == "score":
        return min(LONGEST_S, ceil(START_S + len(given[0]) / TOKENS_READ_PER_S))
    read = sum(len(request["prompt"]) for request in given) / TOKENS_READ_PER_S
    written = float(max(request["max_tokens"] for request in given)) / TOKENS_WRITTEN_PER_S
    limit = float(max(request["time_limit_s"] for request in given))
    rounds = ceil(len(given) / ROWS)
    return min(LONGEST_S, ceil(START_S + read + min(limit, written) * rounds))


class ZeroGpuEngine:
    """Serves one model on ZeroGPU; see `adapters.request.Engine`. Every call has a GPU of its own."""

    capacity = ROWS

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self.model = model
        self._number = next(_numbers)
        self._adapters: dict[str, LoraAdapter] = {}
        self._running = 0
        _models[self._number] = (model, tokenizer)

    @property
    def busy(self) -> bool:
        """Whether any call is under way."""
        return self._running > 0

    @property
    def adapters(self) -> tuple[str, ...]:
        """The names of the adapters that calls may use."""
        return tuple(self._adapters)

    def attach(self, adapter: LoraAdapter) -> None:
        """Notes the adapter; it is read where the call runs."""
        self._adapters[adapter.name] = adapter

    def detach(self, name: str) -> None:
        """Forgets the adapter."""
        self._adapters.pop(name, None)

    def generate(self, requests: Sequence[Request]) -> Iterator[Chunk]:
        """Runs the requests in one call. Raises AdapterNotFound, AdapterUnusable, GenerationFailed."""
        if not requests:
            return
        texts, ended = [""] * len(requests), [False] * len(requests)
        self._running += 1
        chunks = self._call(("generate", [_plain(one) for one in requests]), [one.mix for one in requests])
        try:
            for chunk in chunks:
                for at, request in enumerate(requests):
                    if request.stopped.is_set() and not ended[at]:
                        ended[at] = True
                        yield Chunk(at, finish_reason="stopped")
                if not ended[chunk.index]:
                    ended[chunk.index] = chunk.finish_reason is not None
                    texts[chunk.index] += chunk.text
                    yield chunk
                if all(ended):
                    return
            raise RuntimeError("the GPU's time was over")
        except AdapterError:
            raise
        except Exception as error:
            raise GenerationFailed(cause=error, partial=tuple(texts)) from error
        finally:
            chunks.close()
            self._running -= 1

    def rows(self, prompt: int, max_tokens: int) -> int:
        """Any number up to 1,024."""
        return MOST_AT_ONCE

    def score(self, tokens: Sequence[int], mix: Mix = ()) -> list[float]:
        """As the engine's. Raises AdapterNotFound, AdapterUnusable, GenerationFailed."""
        scores: list[float] = []
        try:
            scores.extend(*self._call(("score", (list(tokens), mix)), [mix]))
        except AdapterError:
            raise
        except Exception as error:
            raise GenerationFailed(cause=error, partial=()) from error
        return scores

    def score_end(self, tokens: Sequence[int], count: int, mix: Mix = ()) -> list[float]:
        """The last `count` values of `score`: all is read, nothing stays on the GPU."""
        return self.score(tokens, mix)[-count:]

    def forget(self, owner: str = "") -> None:
        """Nothing: what a process on the GPU has read is its own, and may be gone with it at any moment."""

    def stop(self, request: Request) -> None:
        """Ends a request early."""
        request.stopped.set()

    def close(self) -> None:
        """Lets the weights go."""
        _models.pop(self._number, None)
        self.model = None

    def _call(self, job: Job, mixes: Sequence[Mix]) -> Any:
        if self.model is None:
            raise ModelClosed()
        for name in mix_names(mixes):
            if name not in self._adapters:
                raise AdapterNotFound(adapter=name, known=", ".join(self._adapters) or "–")
        used = [self._adapters[name] for name in sorted(mix_names(mixes))]
        return _results(gpu_function()(self._number, job, used))


def _results(stream: Iterator[Any]) -> Iterator[Any]:
    """What comes back; an error about an adapter becomes one again."""
    for kind, value in stream:
        if kind == "adapter":
            raise AdapterUnusable(**value)
        yield value


def _plain(request: Request) -> dict[str, Any]:
    """The request as data that can be sent to another process: all but its flag."""
    return {one.name: getattr(request, one.name) for one in fields(request) if one.name != "stopped"}


def _work(number: int, job: Job, adapters: Sequence[LoraAdapter]) -> Iterator[tuple[str, Any]]:
    """What runs on the GPU, in the forked process. Yields ("chunk", …) or ("scores", …)."""
    engine, (kind, given) = _engine(number), job
    try:
        for adapter in adapters:
            engine.attach(adapter)
        if kind == "score":
            yield "scores", engine.score(*given)
            return
        for chunk in engine.generate([Request(**plain) for plain in given]):
            yield "chunk", chunk
    except AdapterUnusable as error:
        yield "adapter", error.values


def _engine(number: int) -> Engine:
    if number not in _engines:
        import torch

        from adapters.engines.transformers import TransformersEngine

        model, tokenizer = _models[number]
        if model.device.type == "cpu":
            # the threads of OpenMP do not survive a fork: waiting for them would never end
            torch.set_num_threads(1)
        _engines[number] = TransformersEngine(model, tokenizer)
    return _engines[number]

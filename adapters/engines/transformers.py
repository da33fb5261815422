"""The reference engine: transformers on whatever device torch has. It runs one call at a time, in one thread.

The thread is the only one that touches the weights, so a generation can be left at any time: whoever reads
closes the iterator, the flag of the request is set, and the thread comes to it between two tokens or between
two pieces of a long prompt.
"""

import atexit
import logging
import queue
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from transformers import (
    DynamicCache,
    GenerationConfig,
    LogitsProcessorList,
    StoppingCriteria,
    StoppingCriteriaList,
)

from adapters.errors import AdapterError, GenerationFailed
from adapters.request import Chunk, FinishReason, Request
from adapters.sampling import Sampling
from adapters.spec import ModelSpec
from adapters.text import TokenText

if TYPE_CHECKING:
    from adapters.chat_model import LocalChatModel
    from adapters.models import ModelEntry
    from adapters.precision import Precision
    from adapters.progress import Report

PREFILL_TOKENS = 512
EVEN_DEPTH = 1250
"""A prompt is read in pieces, between which the stop flag is looked at: of 512 tokens (over all rows) at its
beginning, of fewer further down, because a token that looks back on 1,250 others costs twice as much as the
first. So each piece takes about as long: 0.3 s on two cores. The sizes never depend on the clock, or else the
same seed would not always give the same text."""

HEARTBEAT_S = 0.1
MOST_ROWS = 32
MEMORY_SHARE = 0.25
"""The part of the memory free at the moment that the caches of one batch may take."""

label = {"en": "transformers", "ko": "transformers"}

log = logging.getLogger(__name__)


def available() -> dict[str, str] | None:
    """None: this engine runs everywhere."""
    return None


class TransformersEngine:
    """Serves one loaded causal model; see `adapters.request.Engine`."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self.model = model
        self._tokenizer = tokenizer
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._open: set[_Job] = set()
        self._closed = False
        self._door = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="model", daemon=True)
        self._thread.start()
        # a daemon thread inside torch while the interpreter goes down would crash it: it is ended before
        atexit.register(_close, weakref.ref(self))

    @property
    def busy(self) -> bool:
        """Whether anything runs or waits."""
        return bool(self._open)

    def generate(self, requests: Sequence[Request]) -> Iterator[Chunk]:
        """Runs the requests as one batch; while waiting, an empty chunk comes every 100 ms.

        Raises GenerationFailed when the model breaks. Closing the iterator stops the requests.
        """
        job = _Job(tuple(requests))
        with self._door:
            if self._closed:
                raise GenerationFailed(cause="the model was closed", partial=())
            self._open.add(job)
            self._jobs.put(job)
        try:
            yield from job.chunks()
        finally:
            for request in requests:
                self.stop(request)

    def rows(self, prompt: int, max_tokens: int) -> int:
        """How many requests of that size fit into one batch, their caches in a quarter of the free memory."""
        each = (prompt + max_tokens) * _cache_bytes_per_token(self.model)
        return max(1, min(MOST_ROWS, int(_free_memory(self.model.device) * MEMORY_SHARE / max(1, each))))

    def stop(self, request: Request) -> None:
        """Ends a request early."""
        request.stopped.set()

    def close(self) -> None:
        """Stops everything, ends the thread and lets the weights go."""
        with self._door:
            self._closed = True
            for job in tuple(self._open):
                for request in job.requests:
                    self.stop(request)
            self._jobs.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=10)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                self._run(job)
            except Exception as error:
                log.exception("a generation failed")
                job.fail(error)
            finally:
                self._open.discard(job)
                del job  # the caches in it are large, and the next job may be long in coming
        self.model = None

    @torch.inference_mode()
    def _run(self, job: "_Job") -> None:
        if not job.begin(self._tokenizer._tokenizer, self._ends()):
            return
        ids, mask = self._padded(job.requests)
        cache = DynamicCache(config=self.model.config)
        if not self._prefill(job, ids, mask, cache):
            return
        self.model.generate(
            ids,
            attention_mask=mask,
            past_key_values=cache,
            generation_config=self._settings(max(request.max_tokens for request in job.requests)),
            logits_processor=LogitsProcessorList([Sampling(job.requests)]),
            stopping_criteria=StoppingCriteriaList([_Watch(job)]),
        )

    def _prefill(self, job: "_Job", ids: torch.Tensor, mask: torch.Tensor, cache: DynamicCache) -> bool:
        """Fills the cache with all of the prompt but its last token; False when nobody waits any more."""
        last = ids.shape[1] - 1
        positions = (mask.cumsum(dim=-1) - 1).clamp(min=0)
        for start, end in _pieces(last, len(ids)):
            if not job.wanted():
                return False
            self.model(
                input_ids=ids[:, start:end],
                attention_mask=mask[:, :end],
                position_ids=positions[:, start:end],
                past_key_values=cache,
                use_cache=True,
                logits_to_keep=1,
            )
        return job.wanted()

    def _padded(self, requests: Sequence[Request]) -> tuple[torch.Tensor, torch.Tensor]:
        """Token ids and mask, rows × longest prompt, padded on the left."""
        longest = max(len(request.prompt) for request in requests)
        ids = torch.full((len(requests), longest), self._pad(), dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, request in enumerate(requests):
            ids[row, longest - len(request.prompt) :] = torch.tensor(request.prompt)
            mask[row, longest - len(request.prompt) :] = 1
        return ids.to(self.model.device), mask.to(self.model.device)

    def _settings(self, max_tokens: int) -> GenerationConfig:
        return GenerationConfig(  # type: ignore[no-untyped-call]
            max_new_tokens=max_tokens,
            do_sample=False,  # `Sampling` has drawn already
            eos_token_id=sorted(self._ends()) or None,
            pad_token_id=self._pad(),
        )

    def _ends(self) -> frozenset[int]:
        """The tokens with which the model ends its answer."""
        known = self.model.generation_config.eos_token_id
        listed = known if isinstance(known, list) else [known]
        return frozenset(token for token in [*listed, self._tokenizer.eos_token_id] if token is not None)

    def _pad(self) -> int:
        pad = self._tokenizer.pad_token_id
        return min(self._ends(), default=0) if pad is None else int(pad)


class _Job:
    """One call of `generate`: its requests, their text so far, and the way of the chunks to the reader."""

    def __init__(self, requests: tuple[Request, ...]) -> None:
        self.requests = requests
        self._chunks: queue.SimpleQueue[Chunk | Exception] = queue.SimpleQueue()
        self._rows: list[_Row] = []
        self._begun = threading.Event()

    def begin(self, tokenizer: Any, ends: frozenset[int]) -> bool:
        """Starts the clocks; False when everything was stopped while it waited."""
        self._rows = [
            _Row(at, request, TokenText(tokenizer, request.stop), ends, self._chunks.put)
            for at, request in enumerate(self.requests)
        ]
        self._begun.set()
        return self.wanted()

    def fail(self, error: Exception) -> None:
        self._chunks.put(error)

    def wanted(self) -> bool:
        """Whether any request still waits for text; ends those that were stopped or have run out of time."""
        for row in self._rows:
            row.look()
        return any(row.finished is None for row in self._rows)

    def push(self, tokens: Sequence[int]) -> list[bool]:
        """One new token per row; True for each row that is finished."""
        return [row.push(token) for row, token in zip(self._rows, tokens, strict=True)]

    def chunks(self) -> Iterator[Chunk]:
        """What the reader sees, until each request has had its last chunk."""
        texts = [""] * len(self.requests)
        left = len(texts)
        while left:
            chunk = self._next()
            if self._left_the_queue():
                yield from (Chunk(at, finish_reason="stopped") for at in range(len(self.requests)))
                return
            if isinstance(chunk, Exception):
                raise GenerationFailed(cause=chunk, partial=tuple(texts)) from chunk
            texts[chunk.index] += chunk.text
            left -= chunk.finish_reason is not None
            yield chunk

    def _left_the_queue(self) -> bool:
        """Whether all requests were stopped before their turn came: nobody has to wait for it then."""
        return not self._begun.is_set() and all(request.stopped.is_set() for request in self.requests)

    def _next(self) -> Chunk | Exception:
        try:
            return self._chunks.get(timeout=HEARTBEAT_S)
        except queue.Empty:
            return Chunk()


class _Row:
    """One request while it runs."""

    def __init__(
        self,
        index: int,
        request: Request,
        text: TokenText,
        ends: frozenset[int],
        emit: Callable[[Chunk], None],
    ) -> None:
        self._index, self._request, self._text, self._ends, self._emit = index, request, text, ends, emit
        self._deadline = time.monotonic() + request.time_limit_s
        self._tokens = 0
        self.finished: FinishReason | None = None

    def look(self) -> None:
        """Ends the request when it was stopped or its time is over."""
        if self.finished is None and self._request.stopped.is_set():
            self._finish("stopped")
        elif self.finished is None and time.monotonic() >= self._deadline:
            self._finish("time_limit")

    def push(self, token: int) -> bool:
        if self.finished is None:
            self._tokens += 1
            self._take(token)
            self.look()
        return self.finished is not None

    def _take(self, token: int) -> None:
        if token in self._ends:
            return self._finish("stop")
        text, stopped = self._text.push(token)
        if stopped:
            return self._finish("stop", text)
        if self._tokens >= self._request.max_tokens:
            return self._finish("length", text)
        return self._emit(Chunk(self._index, text, self._tokens))

    def _finish(self, reason: FinishReason, text: str = "") -> None:
        self.finished = reason
        self._emit(Chunk(self._index, text + self._text.finish(), self._tokens, reason))


class _Watch(StoppingCriteria):
    """Takes each new token from transformers' loop and says which rows are finished."""

    def __init__(self, job: _Job) -> None:
        self._job = job

    def __call__(self, input_ids: torch.Tensor, scores: Any, **kwargs: Any) -> torch.Tensor:
        finished = self._job.push(input_ids[:, -1].tolist())
        return torch.tensor(finished, dtype=torch.bool, device=input_ids.device)


def _pieces(length: int, rows: int) -> Iterator[tuple[int, int]]:
    """The pieces (start, end) in which prompts of `length` tokens are read."""
    start = 0
    while start < length:
        size = PREFILL_TOKENS * EVEN_DEPTH // ((EVEN_DEPTH + start) * rows)
        end = min(start + max(1, size), length)
        yield start, end
        start = end


def _cache_bytes_per_token(model: Any) -> int:
    """Keys and values of all layers, for one token of one row."""
    config = model.config.get_text_config()
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return int(2 * config.num_hidden_layers * heads * width * model.dtype.itemsize)


def _free_memory(device: torch.device) -> int:
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    from adapters.machine import free_memory

    return free_memory()


def _close(engine: "weakref.ref[TransformersEngine]") -> None:
    if (alive := engine()) is not None:
        alive.close()


def start(
    spec: ModelSpec,
    entry: "ModelEntry",
    precision: "Precision",
    folder: Path,
    report: "Report",
    cancelled: threading.Event,
) -> "LocalChatModel":
    """Loads a model to be run by this engine; `spec` is resolved."""
    from adapters.chat_model import LocalChatModel
    from adapters.machine import usable_cores
    from adapters.weights import prepare_folder, read_tokenizer, read_weights

    place = prepare_folder(entry, folder, report, cancelled)
    tokenizer = read_tokenizer(place)
    model = read_weights(place, precision, report, cancelled)
    torch.set_num_threads(min(torch.get_num_threads(), usable_cores()))
    engine = TransformersEngine(model, tokenizer)
    _warm_up(engine, tokenizer)
    length = int(model.config.get_text_config().max_position_embeddings)
    return LocalChatModel(spec=spec, context_length=length, tokenizer=tokenizer, engine=engine)


def _warm_up(engine: TransformersEngine, tokenizer: Any) -> None:
    """Two tokens, so that a model that cannot answer fails here, and the first answer is not a slow one."""
    try:
        for _ in engine.generate([Request(tokenizer("Once upon a time")["input_ids"], max_tokens=2)]):
            pass
    except AdapterError:
        engine.close()
        raise

"""One of OpenVINO GenAI's continuous-batching pipelines: requests join while others run.

Only one thread at a time may use a pipeline. `step` holds Python's lock while it computes: that is why a step
is kept short (`STEP_TOKENS`).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from adapters.openvino import without_telemetry
from adapters.request import Request

without_telemetry()

import numpy as np  # noqa: E402
import openvino as ov  # noqa: E402
import openvino_genai as genai  # noqa: E402

STEP_TOKENS = 256
"""The most tokens of one step: of a long prompt so many are read at a time, while others write on."""

BLOCK = 32
"""Tokens whose keys and values lie together: a prompt that begins with the same blocks finds them."""

GUESSED, LOOKED_FOR = 5, 3
"""Prompt lookup: where the last up to `LOOKED_FOR` tokens stand in the prompt, so many that follow there are
guessed and checked in one step."""

PROPERTIES: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY"}


class Pipeline:
    """The model in `folder` with adapters built in: pairs of a safetensors file and what its product is
    multiplied with.

    `tokens` is how many tokens' keys and values it keeps, prompts read earlier (`remember`) included. One
    that looks tokens up in the prompt (`copies`; prompt lookup decoding,
    https://github.com/apoorvumang/prompt-lookup-decoding) is for one answer at a time. The weights are mapped
    from the file: several pipelines share them. Raises RuntimeError.
    """

    def __init__(
        self,
        folder: Path,
        loras: Sequence[tuple[Path, float]],
        tokens: int,
        remember: bool = True,
        copies: bool = False,
    ) -> None:
        self._copies = copies
        properties = dict(PROPERTIES)
        if copies:
            properties["prompt_lookup"] = True
        if loras:
            pairs = [(genai.Adapter(file), scale) for file, scale in loras]
            properties["adapters"] = genai.AdapterConfig(pairs, mode=genai.AdapterConfig.Mode.MODE_STATIC)
        self._pipeline = genai.ContinuousBatchingPipeline(
            folder, _schedule(-(-tokens // BLOCK), remember), "CPU", properties
        )
        self._count = 0

    def begin(self, request: Request, ends: frozenset[int], pad: int) -> Any:
        """Takes a request in; returns its handle."""
        config = _greedy(request.max_tokens)
        config.stop_token_ids = set(ends)
        if request.temperature > 0:
            config.do_sample = True
            config.temperature, config.top_p = request.temperature, request.top_p
            config.rng_seed = request.seed
        if self._copies:
            config.num_assistant_tokens, config.max_ngram_size = GUESSED, LOOKED_FOR
        return self._add(request.prompt or [pad], config)

    def begin_scoring(self, tokens: Sequence[int]) -> Any:
        """Takes a text in, to be read only; its log-probabilities come out (`Scores`)."""
        config = _greedy(1)
        config.echo, config.logprobs = True, 1
        return self._add(tokens, config)

    @property
    def working(self) -> bool:
        """Whether `step` has anything to do."""
        return bool(self._pipeline.has_non_finished_requests())

    def step(self) -> None:
        """Reads on in prompts, up to `STEP_TOKENS`, and writes one token in each answer."""
        self._pipeline.step()

    def _add(self, tokens: Sequence[int], config: Any) -> Any:
        self._count += 1
        ids = ov.Tensor(np.array([tokens], dtype=np.int64))
        return self._pipeline.add_request(self._count, ids, config)


def read_tokens(handle: Any) -> list[int]:
    """The tokens that came since the last call."""
    tokens: list[int] = []
    while handle.can_read():
        for output in handle.read().values():
            tokens += output.generated_ids
    return tokens


def read_log_probabilities(handle: Any) -> list[float]:
    """Of each token of the text but the first, once it is read: the first entry is a filler, and the last is
    of a token that was written."""
    found: list[float] = []
    while handle.can_read():
        for output in handle.read().values():
            found += output.generated_log_probs
    return found[1:-1]


def ended(handle: Any) -> bool:
    """Whether nothing more will come than what can be read now."""
    return bool(handle.get_status() != genai.GenerationStatus.RUNNING)


def refused(handle: Any) -> bool:
    """Whether the pipeline gave up: its cache is too small for the request."""
    return bool(handle.get_status() == genai.GenerationStatus.IGNORED)


def score(pipeline: Pipeline, tokens: Sequence[int]) -> list[float]:
    """The natural logarithm of the probability of each token but the first; for whoever owns the pipeline.

    A pipeline that remembers prompts gives them only for what it has not read before.
    """
    handle = pipeline.begin_scoring(tokens)
    while pipeline.working:
        pipeline.step()
    return read_log_probabilities(handle)


def _greedy(tokens: int) -> Any:
    config = genai.GenerationConfig()
    config.max_new_tokens, config.do_sample, config.apply_chat_template = tokens, False, False
    return config


def _schedule(blocks: int, remember: bool) -> Any:
    schedule = genai.SchedulerConfig()
    schedule.cache_size, schedule.num_kv_blocks = 0, blocks
    schedule.enable_prefix_caching = remember
    schedule.dynamic_split_fuse = True
    schedule.max_num_batched_tokens = STEP_TOKENS
    return schedule

"""One call of the model while it is written, and one search while it runs."""

import time
from collections.abc import Mapping
from typing import Any, get_args

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage

from adapters.spec import GenerationOptions, ModelSpec
from chains.fit import Fitted, token_counter
from chains.question import FinishReason, Prompt, Step, Tokens
from chains.steps import Call, Reply, Search
from vectorstore.passage import Passage

_OTHER_NAMES: dict[str, FinishReason] = {"max_tokens": "length", "end_turn": "stop", "eos": "stop"}


class Draft:
    """Takes the chunks of one call. Everything a model may tell beside its text is optional.

    `told` is what it told of itself so far; `first_s` when its first text came (`time.perf_counter`).
    """

    def __init__(self, call: Call, fitted: Fitted, options: GenerationOptions, model: BaseChatModel) -> None:
        self.call, self.fitted, self.options = call, fitted, options
        self.told: dict[str, Any] = {}
        self.first_s: float | None = None
        self.ended = False
        self._model = model
        self._asked = time.perf_counter()
        self._raw: list[str] = []
        self._usage = Tokens()
        self._seconds: float | None = None
        self._reason: FinishReason | None = None
        self._step: Step | None = None

    @property
    def prompt(self) -> Prompt:
        """What the model is asked."""
        return self.fitted.prompt

    @property
    def begun(self) -> bool:
        """Whether any text has come."""
        return bool(self._raw)

    def add(self, chunk: AIMessage, streamed: bool = True) -> None:
        """Takes in one chunk: text, facts about the generation, token counts; any of them may be missing."""
        if text := chunk.text:
            self._raw.append(text)
            if streamed and self.first_s is None:
                self.first_s = time.perf_counter()
        self.told.update(chunk.response_metadata)
        if chunk.usage_metadata:
            self._usage = Tokens(
                max(self._usage.prompt, chunk.usage_metadata["input_tokens"]),
                max(self._usage.completion, chunk.usage_metadata["output_tokens"]),
            )
        self._step = None

    def end(self, reason: FinishReason | None = None) -> None:
        """Nothing more comes; does nothing the second time. `reason` is why, where the model does not say."""
        if self.ended:
            return
        self.ended, self._seconds = True, time.perf_counter() - self._asked
        said = reason if reason == "error" else finish_reason(self.told)
        self._reason = said or reason or "stop"
        self._step = None

    def step(self) -> Step:
        """As far as it has grown."""
        if self._step is None:
            self._step = self._grown()
        return self._step

    def reply(self) -> Reply:
        """What the technique gets of it."""
        step = self.step()
        return Reply(step.text, step.reasoning, step.raw)

    def spec(self) -> ModelSpec:
        """Which model answers, as far as it says so."""
        told = self.told
        name = told.get("model") or told.get("model_name") or getattr(self._model, "model_name", None)
        return ModelSpec(
            id=str(name or self._model._llm_type),
            precision=str(told.get("precision") or "auto"),
            adapter=told.get("adapter"),
        )

    def _grown(self) -> Step:
        raw = "".join(self._raw)
        reasoning, text = self.call.read(raw, self.ended)
        return Step(
            name=self.call.name,
            prompt=self.prompt,
            prompt_text=str(self.told.get("prompt_text") or ""),
            raw=raw,
            reasoning=reasoning,
            text=text,
            tokens=self._tokens(raw),
            total_s=self._seconds,
            passages=self.fitted.passages,
            seed=self.told.get("seed"),
            finish_reason=self._reason,
            final=self.call.final,
        )

    def _tokens(self, raw: str) -> Tokens:
        by_message = tuple(self.told.get("prompt_tokens_by_message") or ())
        completion, count = self._usage.completion, token_counter(self._model)
        exact = getattr(self._model, "counts_exactly", True)  # a remote one may only estimate
        if self.ended and raw and not completion and count is not None and exact:
            completion = count(raw)
        return Tokens(self._usage.prompt, completion, by_message)


class Finding:
    """A search that was asked for, and what it found."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self._passages: tuple[Passage, ...] = ()
        self._seconds: float | None = None

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self._seconds or 0.0

    def found(self, passages: tuple[Passage, ...], seconds: float) -> None:
        """Takes in the relevant passages."""
        self._passages, self._seconds = passages, seconds

    def step(self) -> Step:
        """As it stands."""
        search = self.search
        return Step(search.name, query=search.query, passages=self._passages, total_s=self._seconds)

    def reply(self) -> Reply:
        """What the technique gets of it."""
        return Reply(passages=self._passages)


def finish_reason(told: Mapping[str, Any]) -> FinishReason | None:
    """Why the model says it ended, in our words: None when it says nothing, "stop" for unknown words."""
    reason = told.get("finish_reason") or told.get("stop_reason")
    if not reason:
        return None
    known: FinishReason
    for known in get_args(FinishReason):
        if reason == known:
            return known
    return _OTHER_NAMES.get(str(reason), "stop")

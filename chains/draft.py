"""An answer while it grows: what the model's chunks have said so far."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage

from adapters.spec import ModelSpec
from chains.cite import cite
from chains.fit import token_counter
from chains.marks import without_marks
from chains.question import Answer, FinishReason, Prompt, Timings, Tokens
from chains.steps import Read

_OTHER_NAMES: dict[str, FinishReason] = {"max_tokens": "length", "end_turn": "stop", "eos": "stop"}


class Draft:
    """Takes chunks, gives Answers. Everything a model may tell beside its text is optional."""

    def __init__(self, start: Answer, read: Read, model: BaseChatModel, started: float) -> None:
        """`start` holds what is known before the model is asked; `started` is when the story began."""
        self._start, self._read, self._model = start, read, model
        self._started, self._asked = started, time.perf_counter()
        self._raw: list[str] = []
        self._told: dict[str, Any] = {}
        self._first_token_s: float | None = None
        self._usage = Tokens()

    @property
    def grounded(self) -> bool:
        """Whether the answer is to come from passages."""
        return bool(self._start.passages)

    @property
    def prompt(self) -> Prompt:
        """What the model is asked."""
        return self._start.prompt

    def add(self, chunk: AIMessage, streamed: bool = True) -> None:
        """Takes in one chunk: text, facts about the generation, token counts; any of them may be missing."""
        text = chunk.text
        if text:
            self._raw.append(text)
            if streamed and self._first_token_s is None:
                self._first_token_s = time.perf_counter() - self._asked
        self._told.update(chunk.response_metadata)
        if chunk.usage_metadata:
            self._usage = Tokens(
                max(self._usage.prompt, chunk.usage_metadata["input_tokens"]),
                max(self._usage.completion, chunk.usage_metadata["output_tokens"]),
            )

    def answer(self) -> Answer:
        """As far as it has grown."""
        return self._answer(done=False)

    def finished(self, reason: FinishReason | None = None) -> Answer:
        """The last one, cited. `reason` is why it ended, where the model itself did not say."""
        told = reason if reason == "error" else finish_reason(self._told)
        return replace(self._answer(done=True), finish_reason=told or reason or "stop")

    def _answer(self, done: bool) -> Answer:
        raw = "".join(self._raw)
        reasoning, text = self._read(raw, done)
        if self._start.passages:
            text = without_marks(text, len(self._start.passages), done).lstrip()
        grown = replace(
            self._start,
            text=text,
            raw=raw,
            reasoning=reasoning,
            prompt_text=str(self._told.get("prompt_text") or ""),
            model=self._spec(),
            engine=str(self._told.get("engine") or ""),
            waiting=None if raw or done else self._told.get("waiting"),
            seed=self._told.get("seed"),
            timings=self._timings(),
            tokens=self._tokens(raw, done),
            done=done,
        )
        if not (done and self._start.passages):
            return grown
        sentences, citations = cite(text, self._start.passages)
        return replace(grown, sentences=sentences, citations=citations)

    def _timings(self) -> Timings:
        return replace(
            self._start.timings,
            first_token_s=self._first_token_s,
            total_s=time.perf_counter() - self._started,
        )

    def _tokens(self, raw: str, done: bool) -> Tokens:
        by_message = tuple(self._told.get("prompt_tokens_by_message") or ())
        completion, count = self._usage.completion, token_counter(self._model)
        exact = getattr(self._model, "counts_exactly", True)  # a remote one may only estimate
        if done and raw and not completion and count is not None and exact:
            completion = count(raw)
        return Tokens(self._usage.prompt, completion, by_message)

    def _spec(self) -> ModelSpec:
        told = self._told
        name = told.get("model") or told.get("model_name") or getattr(self._model, "model_name", None)
        return ModelSpec(
            id=str(name or self._model._llm_type),
            precision=str(told.get("precision") or "auto"),
            adapter=told.get("adapter"),
        )


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

"""Many prompts at once: sorted by length, so that little is padded, in batches that fit the memory."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from langchain_core.callbacks import CallbackManager, CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, message_chunk_to_message
from langchain_core.messages.ai import add_ai_message_chunks
from langchain_core.outputs import ChatGeneration, LLMResult
from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import get_config_list

from adapters.errors import AdapterError, GenerationFailed, ModelClosed
from adapters.request import Request
from adapters.template import render

if TYPE_CHECKING:
    from adapters.chat_model import LocalChatModel


@dataclass
class _Task:
    """One prompt on its way to its answer, or to the error that takes its place."""

    messages: list[BaseMessage]
    options: Mapping[str, Any]
    config: RunnableConfig = field(default_factory=RunnableConfig)
    request: Request | None = None
    chunks: list[AIMessageChunk] = field(default_factory=list)
    run: CallbackManagerForLLMRun | None = None
    result: AIMessage | Exception | None = None


def answer_all(
    model: "LocalChatModel",
    inputs: Sequence[LanguageModelInput],
    config: RunnableConfig | Sequence[RunnableConfig] | None,
    return_exceptions: bool,
    stop: Sequence[str] | None = None,
    **kwargs: Any,
) -> list[Any]:
    """What `model.batch` returns: a message per input, in their order.

    With `return_exceptions` an error stands in the place of its answer, else the first one is raised, and an
    error that can be known before (a prompt that is too long) before anything runs.
    """
    configs = get_config_list(config, len(inputs)) if inputs else []
    options = kwargs if stop is None else {**kwargs, "stop": stop}
    tasks = [_Task(_messages(model, one), options, of) for one, of in zip(inputs, configs, strict=True)]
    for task in tasks:
        _prepare(model, task, return_exceptions)
    for group in _groups(model, tasks):
        _run(model, group, return_exceptions)
    return [task.result for task in tasks]


def answer_each(
    model: "LocalChatModel",
    inputs: Sequence[LanguageModelInput],
    options: Sequence[Mapping[str, Any]],
    stop: threading.Event | None = None,
    ended: Callable[[], None] | None = None,
) -> list[AIMessage | Exception]:
    """What `model.batch_each` returns: to every input, with its own options, its message or its error.

    What breaks the model breaks the batch for all in it: they are then asked one by one, so that only those
    that cannot be answered are not. Who found no place, or a closed model, is not asked again.
    """
    tasks = [_Task(_messages(model, one), of) for one, of in zip(inputs, options, strict=True)]
    for task in tasks:
        _prepare(model, task, keep=True)
    for group in _groups(model, tasks):
        _run(model, group, keep=True, stop=stop, ended=ended)
        if len(group) > 1 and all(_worth_another_try(task.result) for task, _ in group):
            for task, _ in group:
                _run_again(model, task, stop)
    return [_result(task) for task in tasks]


def _messages(model: "LocalChatModel", given: LanguageModelInput) -> list[BaseMessage]:
    return model._convert_input(given).to_messages()


def _result(task: _Task) -> AIMessage | Exception:
    return task.result if task.result is not None else RuntimeError("a prompt was left out of its batch")


def _worth_another_try(result: AIMessage | Exception | None) -> bool:
    """Whether one of the others in the batch may have been the cause."""
    return isinstance(result, GenerationFailed) and not isinstance(result, ModelClosed)


def _run_again(model: "LocalChatModel", task: _Task, stop: threading.Event | None) -> None:
    task.result, task.chunks = None, []
    _prepare(model, task, keep=True)
    if task.request is not None and task.result is None:
        _run(model, [(task, task.request)], keep=True, stop=stop)


def _prepare(model: "LocalChatModel", task: _Task, keep: bool) -> None:
    try:
        prompt = render(model.tokenizer, task.messages)
        task.request = model.request(prompt, **task.options)
        task.chunks.append(model.opening(prompt, task.request))
    except AdapterError as error:
        if not keep:
            raise
        task.result = error


def _groups(model: "LocalChatModel", tasks: Sequence[_Task]) -> Iterator[list[tuple[_Task, Request]]]:
    """The tasks that can run, longest first: what will not fit into the memory shows at once."""
    waiting = [(task, task.request) for task in tasks if task.request is not None]
    waiting.sort(key=lambda pair: len(pair[1].prompt), reverse=True)
    while waiting:
        longest = waiting[0][1]
        rows = model.engine.rows(len(longest.prompt), longest.max_tokens)
        yield waiting[:rows]
        waiting = waiting[rows:]


def _run(
    model: "LocalChatModel",
    group: Sequence[tuple[_Task, Request]],
    keep: bool,
    stop: threading.Event | None = None,
    ended: Callable[[], None] | None = None,
) -> None:
    from adapters.chat_model import message

    for task, _ in group:
        task.run = _started(model, task)
    try:
        for chunk in model.engine.generate([request for _, request in group]):
            if stop is not None and stop.is_set():
                for _, request in group:
                    model.engine.stop(request)
            if chunk.text or chunk.finish_reason:
                group[chunk.index][0].chunks.append(message(chunk))
            if chunk.finish_reason and ended is not None:
                ended()
    except AdapterError as error:
        for task, _ in group:
            task.result = error
            _ended(task)
        if not keep:
            raise
        return
    for task, _ in group:
        task.result = cast(AIMessage, message_chunk_to_message(add_ai_message_chunks(*task.chunks)))
        _ended(task)


def _started(model: "LocalChatModel", task: _Task) -> CallbackManagerForLLMRun:
    """Tells LangChain's callbacks and tracers, as `invoke` would."""
    config = task.config
    callbacks = CallbackManager.configure(
        config.get("callbacks"),
        model.callbacks,
        model.verbose,
        config.get("tags"),
        model.tags,
        config.get("metadata"),
        model.metadata,
    )
    (run,) = callbacks.on_chat_model_start(
        model._serialized,
        [task.messages],
        run_id=config.get("run_id"),
        name=config.get("run_name"),
        batch_size=1,
    )
    return run


def _ended(task: _Task) -> None:
    if task.run is None:
        return
    if isinstance(task.result, AIMessage):
        task.run.on_llm_end(LLMResult(generations=[[ChatGeneration(message=task.result)]]))
    elif task.result is not None:
        task.run.on_llm_error(task.result)

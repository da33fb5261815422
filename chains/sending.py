"""How a prompt goes to a model: as LangChain's messages, with its options; one as a stream, many together."""

import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, cast

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from chains.draft import Draft
from chains.question import Prompt, Role

_KINDS: dict[Role, type[BaseMessage]] = {
    "system": SystemMessage,
    "user": HumanMessage,
    "assistant": AIMessage,
}
Arguments = Mapping[str, Any]


def streamed(draft: Draft, model: BaseChatModel) -> Generator[AIMessage, None, None]:
    """The chunks of one call; closing it stops the model."""
    arguments = _arguments(draft)
    if draft.fitted.passages:
        arguments["copies"] = True  # an answer from passages repeats them: our models guess ahead then
    return cast(Generator[AIMessage, None, None], model.stream(_messages(draft.prompt), **arguments))


def answered(
    drafts: Sequence[Draft],
    model: BaseChatModel,
    stop: threading.Event | None = None,
    ended: Callable[[], None] | None = None,
) -> list[AIMessage | Exception]:
    """The whole reply to each call, in their order, or the error in its place; `ended` hears of each.

    A model of ours takes all of them at once, each with its own options; of any other, those with the same
    options share a `batch`. When `stop` is set, the replies end where they are.
    """
    prompts = [_messages(draft.prompt) for draft in drafts]
    arguments = [_arguments(draft) for draft in drafts]
    together = getattr(model, "batch_each", None)
    if together is not None:
        return list(together(prompts, arguments, stop=stop, ended=ended))
    return _by_options(model, prompts, arguments, stop, ended)


def _by_options(
    model: BaseChatModel,
    prompts: Sequence[list[BaseMessage]],
    arguments: Sequence[Arguments],
    stop: threading.Event | None,
    ended: Callable[[], None] | None,
) -> list[AIMessage | Exception]:
    alike: dict[str, list[int]] = {}
    for at, one in enumerate(arguments):
        alike.setdefault(repr(one), []).append(at)
    replies: dict[int, AIMessage | Exception] = {}
    for group in alike.values():
        if stop is not None and stop.is_set():
            break
        batch = [cast(Any, prompts[at]) for at in group]
        replies.update(
            zip(group, model.batch(batch, return_exceptions=True, **arguments[group[0]]), strict=True)
        )
        if ended is not None:
            for _ in group:
                ended()
    return [replies.get(at, _NOT_SENT) for at in range(len(prompts))]


_NOT_SENT = AIMessage("", response_metadata={"finish_reason": "stopped"})


def _arguments(draft: Draft) -> dict[str, Any]:
    options, stop = draft.options, draft.prompt.stop
    arguments: dict[str, Any] = {
        "max_tokens": options.max_tokens,
        "temperature": options.temperature,
        "top_p": options.top_p,
    }
    if options.seed is not None:
        arguments["seed"] = options.seed
    if stop:
        arguments["stop"] = list(stop)
    return arguments


def _messages(prompt: Prompt) -> list[BaseMessage]:
    """Texts are handed over as they are: braces in them are never read as a template's."""
    return [_KINDS[message.role](content=message.content) for message in prompt.messages]

"""How likely a model finds each choice of a question right behind its prompt: what two metrics read.

A model offers it by a method `log_likelihood(messages, continuation) -> float`, the sum of the natural
logarithms of the continuation's token probabilities; models in this process do, remote ones do not.

Two values a choice, as the "Language Model Evaluation Harness" has them
(https://github.com/EleutherAI/lm-evaluation-harness): that of its letter, for prompts that ask for the
letter, and that of its text, which is divided by the text's length, since longer texts are less likely.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import convert_to_messages

from chains.compare.cell import Cell
from chains.compare.choices import letters
from chains.compare.metrics import metric
from chains.compare.question_set import Item
from chains.neutral import neutralise
from chains.question import Message


def log_likelihoods(
    model: BaseChatModel, messages: Sequence[Message], continuations: Iterable[str]
) -> tuple[float, ...] | None:
    """The log-likelihood of each continuation as the beginning of the answer; None from a model that cannot.

    Raises what the model raises: PromptTooLong, GenerationFailed.
    """
    tell = getattr(model, "log_likelihood", None)
    if tell is None:
        return None
    sent = convert_to_messages([(one.role, one.content) for one in messages])
    return tuple(float(tell(sent, neutralise(one))) for one in continuations)


def with_likelihoods(cell: Cell, item: Item, model: BaseChatModel, metrics: Sequence[str]) -> Cell:
    """The cell with the likelihoods that those of the `metrics` that need them read, for its last prompt.

    Unchanged where no metric asks, the question has no choices, the answer failed, or the model cannot.
    Raises what the model raises.
    """
    wanted = [key for key in metrics if "likelihood" in metric(key).needs]
    if not (wanted and item.choices and cell.messages) or cell.error is not None:
        return cell
    found = cell
    if "choice_likelihood" in wanted:
        by_letter = log_likelihoods(model, cell.messages, letters(item.choices))
        found = replace(found, log_likelihoods=by_letter)
    if "choice_likelihood_text" in wanted:
        found = replace(found, text_log_likelihoods=log_likelihoods(model, cell.messages, item.choices))
    return found

"""How likely a model finds each choice: the port, and the embedded model on both local engines."""

import math
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import Field

from adapters.errors import PromptTooLong
from chains.compare.cell import Cell, Generation
from chains.compare.choices import likeliest
from chains.compare.likelihood import log_likelihoods, with_likelihoods
from chains.compare.question_set import Item
from chains.question import Message
from tests.fakes import ScriptedModel

if TYPE_CHECKING:
    from adapters.chat_model import LocalChatModel

CITIES = Item("1", "Where?", ("London",), choices=("Paris", "London"))
PROMPT = (Message("system", "Be brief."), Message("user", "Where?\nA. Paris\nB. London"))
KNOWN = (
    ("What is the capital of France?", ("Paris", "Green", "Seven"), 0),
    ("What color is the sky on a clear day?", ("wooden", "blue", "Tuesday"), 1),
    ("What do cows give?", ("milk", "stone", "thunder"), 0),
)


class Telling(ScriptedModel):
    """Finds a text the likelier the shorter it is, and remembers what it was asked."""

    told: list[tuple[Any, str]] = Field(default_factory=list)

    def log_likelihood(self, messages: Any, continuation: str) -> float:
        self.told.append((messages, continuation))
        return -float(len(continuation))


def cell(**rest: Any) -> Cell:
    return Cell("a", "1", 0, "k", generations=(Generation("answer", PROMPT),), **rest)


def test_a_model_that_cannot_tell_tells_nothing() -> None:
    assert log_likelihoods(ScriptedModel(), PROMPT, ("A", "B")) is None
    unchanged = with_likelihoods(cell(), CITIES, ScriptedModel(), ("choice_likelihood",))
    assert unchanged == cell()


def test_letters_and_texts_are_asked_only_where_a_metric_reads_them() -> None:
    model = Telling()
    assert with_likelihoods(cell(), CITIES, model, ("choice_letter",)) == cell()
    assert model.told == []
    by_letter = with_likelihoods(cell(), CITIES, model, ("choice_likelihood", "exact_match"))
    assert (by_letter.log_likelihoods, by_letter.text_log_likelihoods) == ((-1.0, -1.0), None)
    by_text = with_likelihoods(cell(), CITIES, model, ("choice_likelihood_text",))
    assert (by_text.log_likelihoods, by_text.text_log_likelihoods) == (None, (-5.0, -6.0))
    assert [told for _, told in model.told] == ["A", "B", "Paris", "London"]
    assert [(one.type, one.content) for one in model.told[0][0]] == [
        ("system", "Be brief."),
        ("human", "Where?\nA. Paris\nB. London"),
    ]


@pytest.mark.parametrize("item", [Item("1", "Where?", ("London",))])
def test_nothing_is_asked_without_choices_or_after_a_failure(item: Item) -> None:
    model = Telling()
    failed = cell(error={"en": "x", "ko": "x"})
    assert with_likelihoods(cell(), item, model, ("choice_likelihood",)) == cell()
    assert with_likelihoods(failed, CITIES, model, ("choice_likelihood",)) == failed
    assert model.told == []


def test_marks_in_a_choice_stay_text() -> None:
    model = Telling()
    log_likelihoods(model, PROMPT, ("<|im_end|>",))
    assert model.told[0][1] == "< |im_end|>"


@pytest.mark.model
def test_the_sum_is_that_of_the_engine(reference_model: "LocalChatModel") -> None:
    from langchain_core.messages import HumanMessage

    from adapters.template import render

    messages = [HumanMessage("What is the capital of France?")]
    prompt = list(render(reference_model.tokenizer, messages).ids)
    following = reference_model.get_token_ids("The capital is Paris")
    by_hand = math.fsum(reference_model.engine.score(prompt + following)[-len(following) :])
    assert reference_model.log_likelihood(messages, "The capital is Paris") == pytest.approx(by_hand)
    begun = reference_model.log_likelihood(messages, "The capital")
    assert begun > by_hand  # what goes on can only become less likely
    with pytest.raises(ValueError, match="empty"):
        reference_model.log_likelihood(messages, "")
    with pytest.raises(PromptTooLong):
        reference_model.log_likelihood([HumanMessage("word " * 9000)], "Paris")


@pytest.mark.model
def test_the_engines_agree_on_what_is_likeliest(
    reference_model: "LocalChatModel", chat_model: "LocalChatModel", openvino_model: "LocalChatModel"
) -> None:
    for question, choices, right in KNOWN:
        messages = (Message("user", question),)
        exact, fast, openvino = (
            log_likelihoods(model, messages, choices)
            for model in (reference_model, chat_model, openvino_model)
        )
        assert exact is not None and fast is not None and openvino is not None
        assert likeliest(exact) == likeliest(fast) == likeliest(openvino) == right
        assert openvino == pytest.approx(exact, rel=0.15)

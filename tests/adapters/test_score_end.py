"""The end of a text is scored without reading again what was read: the same values, at every length."""

import pytest

from adapters.openvino.pipeline import BLOCK
from adapters.request import Request

pytestmark = pytest.mark.model
TEXT = "The old mill by the river was built of grey stone and turned for two hundred years. " * 20


@pytest.mark.slow
@pytest.mark.parametrize("length", [1, 2 * BLOCK - 1, 2 * BLOCK, 2 * BLOCK + 1])
def test_it_is_the_end_of_the_whole_score(openvino_model, length):
    engine = openvino_model.engine
    engine.forget()
    prompt = openvino_model.get_token_ids(TEXT)[:length]
    list(engine.generate([Request(tuple(prompt), max_tokens=2)]))  # read, and kept
    for following in (" stone", " stone wheel", " grey stone walls and a roof", " stone"):
        tokens = prompt + openvino_model.get_token_ids(following)
        count = len(tokens) - length
        found = engine.score_end(tokens, count)
        assert len(found) == count
        assert found == pytest.approx(engine.score(tokens)[-count:], abs=0.1)


@pytest.mark.parametrize("model", ["reference_model", "openvino_model"])
def test_both_engines_give_as_many_values_as_are_asked_for(model, request):
    loaded = request.getfixturevalue(model)
    tokens = loaded.get_token_ids(TEXT)[:40]
    assert loaded.engine.score_end(tokens, 7) == pytest.approx(loaded.engine.score(tokens)[-7:], abs=0.1)


def test_what_was_read_before_is_not_read_again(openvino_model):
    """Counted, not timed: the pipeline tells values only of tokens that it reads."""
    engine = openvino_model.engine
    engine.forget()
    prompt = openvino_model.get_token_ids(TEXT)[: 5 * BLOCK + 7]
    list(engine.generate([Request(tuple(prompt), max_tokens=2)]))
    tokens = prompt + openvino_model.get_token_ids(" stone wheel")
    assert len(engine._score("answers", tokens, ())) < BLOCK + 2

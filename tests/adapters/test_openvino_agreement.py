"""When a converted model is taken for the one it was."""

import pytest

from adapters.openvino.agreement import Agreement


@pytest.mark.parametrize(
    "bits, growth, divergence, same_top, holds",
    [
        (8, 0.01, 0.01, 0.93, True),
        (8, 0.03, 0.01, 0.93, False),
        (8, 0.0, 0.05, 0.93, False),
        (8, -0.1, 0.01, 0.5, False),
        (4, 0.05, 0.05, 0.85, True),
        (4, 0.0, 0.5, 0.95, False),
        (4, 0.0, 0.05, 0.7, False),
    ],
)
def test_a_model_agrees_by_perplexity_distributions_and_likeliest_tokens(
    bits, growth, divergence, same_top, holds
):
    perplexity = {"en": [10.0, 10.0 * (1 + growth)], "ko": [5.0, 5.0]}
    if growth < 0:
        perplexity["ko"] = perplexity["en"]
    assert Agreement(bits, perplexity, divergence, same_top, 1.0).holds == holds

"""The sets that come with Maru: each question can be answered from its passage."""

import pytest

from chains.compare.example_sets import example_questions
from chains.compare.metrics import metric
from chains.compare.scores import suited


@pytest.mark.parametrize("key", example_questions())
def test_a_set_is_small_and_its_answers_stand_in_its_passages(key):
    one = example_questions()[key]
    items = one.questions.items
    assert set(one.label) == {"en", "ko"}
    assert len(items) == len({item.id for item in items}) == 20
    assert len({tag for item in items for tag in item.tags}) == 5
    for item in items:
        assert item.passage and item.answers and item.question.endswith("?")
        assert any(answer in item.passage for answer in item.answers), item.question
    assert all(metric(key).suits for key in suited("span", one.questions.language))


def test_there_is_one_in_each_language():
    assert {one.questions.language for one in example_questions().values()} == {"en", "ko"}

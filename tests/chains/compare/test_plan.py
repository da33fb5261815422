"""What a chunk asks."""

import pytest

from chains.compare.experiment import Column, Experiment
from chains.compare.plan import chunks, questions_of
from chains.compare.question_set import AnswerType, Item, QuestionSet


@pytest.mark.parametrize(("kind", "numeric"), [("number", True), ("span", False), ("text", False)])
def test_a_question_says_whether_a_number_answers_it(kind: AnswerType, numeric: bool) -> None:
    questions = QuestionSet("s", kind, (Item("1", "What does she make?", ("18",)),))
    experiment = Experiment(questions, (Column("a"), Column("b")), ("exact_match",), "a")
    for chunk in chunks(experiment, experiment.columns[0]):
        assert [one.numeric for one in questions_of(chunk, questions, [None])] == [numeric]

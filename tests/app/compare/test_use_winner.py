"""A column as the chat's settings, as a script, and the choices of a run's form."""

import ast
from types import SimpleNamespace

import pytest

from app.compare.left_out import left_out
from app.compare.run_choices import Wanted, experiment_of, metric_choices, questions_of, set_choices
from app.compare.use_winner import chat_settings, column_of, script_of
from app.errors import BadRun, NoColumn
from app.forms import read_settings
from chains.compare.example_sets import example_questions
from chains.compare.experiment import Column, Experiment
from chains.compare.question_set import Item, QuestionSet
from chains.compare.saved_sets import SavedSets
from chains.errors import BadSet
from chains.question import Example, Template
from chains.templates import TemplateStore

MINE = Template("mine", "", "{question}", 2)
COLUMNS = (
    Column("plain"),
    Column("few", "few_shot", examples=(Example("1+1?", "2"),), adapter="a:0.7+b:0.3"),
    Column("mine", "template", template=MINE, collection="문서", retriever="dense", k=2, system="Be short."),
)
EXPERIMENT = Experiment(example_questions()["reading_en"].questions, COLUMNS, ("token_f1",), "plain")


@pytest.fixture
def services(tmp_path):
    present = SimpleNamespace(answering=SimpleNamespace(spec=SimpleNamespace(id="small", precision="nf4")))
    return SimpleNamespace(
        question_sets=SavedSets(tmp_path),
        model=SimpleNamespace(state=present),
        templates=TemplateStore(tmp_path / "templates"),
    )


def test_a_column_becomes_what_the_panel_reads():
    few = read_settings(chat_settings(COLUMNS[1]))
    assert (few.technique, few.examples, few.adapter) == ("few_shot", COLUMNS[1].examples, "a:0.7+b:0.3")
    assert few.options == COLUMNS[1].options and few.collection is None
    mine = read_settings(chat_settings(COLUMNS[2]))
    assert (mine.technique, mine.template, mine.system) == ("template", "mine", "Be short.")
    assert (mine.collection, mine.retriever, mine.passages) == ("문서", "dense", 2)
    assert read_settings(chat_settings(COLUMNS[0])).adapter is None


@pytest.mark.parametrize(
    ("column", "word"),
    [
        (Column("own", passage=True), "passage"),
        (Column("half", adapter="a:0.5"), '"a:0.5"'),
        (Column("loud", adapter="a:0.7+b:0.7"), '"a:0.5+b:0.5"'),
        (Column("old", "template", template=Template("mine", "", "{question}", 1)), "version 1"),
        (Column("gone", "template", template=Template("gone", "", "{question}", 1)), "no longer"),
        (Column("new", "template", template=Template("mine", "", "Say: {question}", 2)), None),
        (Column("plain", adapter="a:0.7+b:0.3"), None),
        (Column("unused", template=Template("gone", "", "{question}", 1)), None),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_what_the_chat_cannot_take_over_is_told(services, column, word):
    services.templates.save(Template("mine", "", "{question}"))
    services.templates.save(Template("mine", "", "Say: {question}"))
    said = left_out(services, column)
    assert [set(text) for text in said] == [{"en", "ko"}] * (word is not None)
    assert all(word in text["en"] and "{" not in text["ko"] for text in said)


def test_a_column_becomes_a_script():
    ast.parse(script_of(EXPERIMENT, "few"))
    for name in ("none", "", None, 3):
        with pytest.raises(NoColumn):
            column_of(EXPERIMENT, name)


def test_the_script_of_questions_with_choices_has_a_place_for_them():
    items = tuple(Item(str(n), "Which?", ("Oak",), choices=("Oak", "Pine")) for n in range(2))
    chosen = Experiment(QuestionSet("s", "choice", items), COLUMNS[:2], ("choice_letter",), "plain")
    assert "\\n<<the choices>>\\n" in script_of(chosen, "plain")
    assert "\\n<<the choices>>\\n" not in script_of(EXPERIMENT, "plain")


def test_saved_sets_stand_before_ours(services):
    services.question_sets.save(QuestionSet("example:reading_en", "exact", (Item("1", "?", ("!",)),)))
    choices = set_choices(services, "ko")
    assert choices[0] == ("example:reading_en", "saved:example:reading_en")
    assert [value for _, value in choices[1:]] == ["example:reading_ko", "example:reading_en"]
    assert questions_of(services, choices[0][1]).items[0].question == "?"
    assert questions_of(services, "example:reading_en").language == "en"
    for nothing in ("", None, "example:../x", [], "reading_en "):
        with pytest.raises(BadRun):
            questions_of(services, nothing)
    with pytest.raises(BadSet):
        questions_of(services, "saved:../x")


def test_metrics_begin_with_few_that_suit():
    choices, begin = metric_choices(EXPERIMENT.questions, "en")
    assert begin[0] == "token_f1" and [value for _, value in choices][: len(begin)] == begin
    assert any("judges" in name for name, value in choices if value == "judge")


def test_an_experiment_comes_of_what_was_chosen(services):
    wanted = Wanted("example:reading_ko", ["token_f1", "judge"], "few", 2)
    made = experiment_of(services, wanted, COLUMNS, "en")
    assert (made.baseline, made.repeats, made.judge.model) == ("few", 2, "small")
    assert (
        experiment_of(services, Wanted("example:reading_ko", ["token_f1"], "gone", 1), COLUMNS, "en").baseline
        == "plain"
    )
    for wrong in (Wanted("", ["token_f1"], "", 1), Wanted("example:reading_ko", [], "", 1)):
        with pytest.raises(BadRun):
            experiment_of(services, wrong, COLUMNS, "en")
    for repeats in (0, 21, None, "many", True):
        with pytest.raises(BadRun):
            experiment_of(services, Wanted("example:reading_ko", ["token_f1"], "", repeats), COLUMNS, "en")

"""What is written as a specification is read as the same experiment."""

from dataclasses import replace

import pytest

from adapters.spec import GenerationOptions
from chains.compare.experiment import GREEDY, Column, Experiment, Judge
from chains.compare.faults import BadSpecification
from chains.compare.question_set import Item, QuestionSet
from chains.compare.reading import read_set, write_set
from chains.compare.specification import read_specification
from chains.compare.written import QUESTIONS, as_text, document_of, with_columns
from chains.question import Example, Template

MINE = Template("mine", "Be short.", "{question}", 3)
SET = QuestionSet(
    "한글: 모음 #1",
    "span",
    (
        Item("1", "Who?", ("Old Min",), passage="Old Min keeps the gate."),
        Item("2", "Where?", ("here",), "here"),
    ),
    "ko",
    "our own",
    "CC0",
)
COLUMNS = (
    Column("zero"),
    Column("yes: 'no' #", "few_shot", examples=(Example("1+1?", "2"), Example("a: b", "- c"))),
    Column("mine", "template", template=MINE, system="다 읽고 답해요.\nBriefly."),
    Column(
        "hybrid",
        model="small",
        precision="nf4",
        adapter="a:0.5+b:0.5",
        collection="문서",
        retriever="dense",
        k=2,
    ),
    Column("own", passage=True, options=replace(GREEDY, temperature=0.7, seed=5)),
)
EXPERIMENT = Experiment(SET, COLUMNS, ("token_f1", "judge"), "mine", judge=Judge("small", "nf4"))


class Here:
    """A machine on which all of the above is known."""

    def known(self, kind):
        return {"model": ["small"], "precision": ["nf4"], "retriever": ["dense"], "collection": ["문서"]}[
            kind
        ]

    def check_adapter(self, adapter, model):
        assert (adapter, model) == ("a:0.5+b:0.5", "small")

    def file(self, path, answer_type):
        return read_set(path, answer_type=answer_type)

    def template(self, name, version):
        assert (name, version) == ("mine", 3)
        return MINE


def again(tmp_path, document):
    write_set(SET, tmp_path / QUESTIONS)
    (tmp_path / "specification.yaml").write_text(as_text(document), encoding="utf-8")
    return read_specification(tmp_path / "specification.yaml", Here())


def test_it_is_read_as_what_was_written(tmp_path):
    document = document_of(EXPERIMENT)
    assert again(tmp_path, document) == replace(EXPERIMENT, document=document)


def test_a_column_without_a_seed_gets_one(tmp_path):
    drawn = replace(GREEDY, seed=None)
    columns = (Column("a", options=drawn), Column("b", "few_shot", options=drawn))
    read = again(tmp_path, document_of(replace(EXPERIMENT, columns=columns, baseline="a", judge=None)))
    assert [one.options.seed for one in read.columns] == [0, 0]


def test_columns_are_added_once_and_under_names_of_their_own(tmp_path):
    warmer = GenerationOptions(max_tokens=16, temperature=0.5, seed=1)
    more = (
        Column("zero", "chain_of_thought"),
        Column("again", options=GREEDY),
        Column("new", options=warmer),
    )
    document = with_columns(document_of(EXPERIMENT), more)
    read = again(tmp_path, document)
    assert [one.name for one in read.columns] == [one.name for one in COLUMNS] + ["zero (2)", "new"]
    assert read.columns[-1].options == warmer
    assert read.columns[:5] == COLUMNS


def test_what_is_said_about_the_questions_is_checked(tmp_path):
    document = document_of(EXPERIMENT)
    for about, words in (
        ({"language": "fr"}, "language"),
        ({"title": "x"}, "title"),
        ({"name": " "}, "name"),
    ):
        with pytest.raises(BadSpecification, match=words):
            again(tmp_path, {**document, "about": about})

"""Reading SPEC.yaml: what is right becomes an Experiment, what is wrong is one sentence with its place."""

from pathlib import Path

import pytest

from adapters.errors import AdapterNotFound
from adapters.spec import GenerationOptions
from chains.compare.experiment import GREEDY, Judge
from chains.compare.faults import SENTENCES, BadSpecification
from chains.compare.question_set import Item, QuestionSet
from chains.compare.specification import read_specification
from chains.errors import BadExampleSet
from chains.question import Example, Template

GOOD = """\
questions: cities.jsonl
answer_type: span
metrics: [token_f1, exact_match]
columns:
  - {name: zero, technique: zero_shot}
  - {name: few-hybrid, technique: few_shot, collection: papers, retriever: hybrid, k: 3}
  - name: mine
    technique: zero_shot
    passage: true
    precision: nf4
    adapter: poet
    options: {max_tokens: 8}
baseline: zero
repeats: 1
options: {max_tokens: 32, temperature: 0, seed: 7}
"""
TWO = "columns: [{name: a}, {name: b, technique: few_shot}]"
HEAD = "questions: cities.jsonl\nmetrics: [exact_match]\n"
CITIES = QuestionSet(
    "cities",
    "span",
    (
        Item("1", "Where does the ferry land?", ("Harbour Nine",), passage="It lands at Harbour Nine."),
        Item("2", "Who keeps the gate?", ("Old Min",), passage="Old Min keeps the gate."),
    ),
)


class Here:
    """A machine with a few things of each kind."""

    def __init__(self, questions: QuestionSet = CITIES) -> None:
        self.questions = questions
        self.asked: list[object] = []

    def known(self, kind: str) -> list[str]:
        return {
            "model": ["default", "small-1"],
            "precision": ["auto", "float32", "nf4"],
            "retriever": ["dense", "hybrid", "lexical"],
            "collection": ["papers"],
            "questions": ["my cities"],
            "public": ["gsm8k", "squad"],
        }[kind]

    def check_adapter(self, adapter: str, model: str) -> None:
        if adapter != "poet":
            raise AdapterNotFound(adapter=adapter, known="poet")

    def file(self, path: Path, answer_type: str | None) -> QuestionSet:
        self.asked.append((path, answer_type))
        return self.questions

    def saved(self, name: str) -> QuestionSet:
        return self.questions

    def public(self, key: str, folder: Path | None, limit: int | None, seed: int) -> QuestionSet:
        self.asked.append((key, folder, limit, seed))
        return self.questions

    def examples(self, name: str) -> tuple[Example, ...]:
        if name != "mine":
            raise BadExampleSet(name=name, reason={"en": "there is none.", "ko": "없어요."})
        return (Example("1+1?", "2"),)

    def template(self, name: str, version: int | None) -> Template:
        return Template(name, "Be brief.", "{question}", version or 3)


@pytest.fixture
def read(tmp_path):
    (tmp_path / "cities.jsonl").write_text("{}", encoding="utf-8")
    (tmp_path / "sets").mkdir()

    def read(text, here=None):
        file = tmp_path / "SPEC.yaml"
        file.write_text(text, encoding="utf-8")
        return read_specification(file, here or Here())

    return read


def test_the_contract(read, tmp_path):
    here = Here()
    experiment = read(GOOD, here)
    zero, few, mine = experiment.columns
    assert here.asked == [(tmp_path / "cities.jsonl", "span")]
    assert (experiment.metrics, experiment.baseline, experiment.repeats) == (
        ("token_f1", "exact_match"),
        "zero",
        1,
    )
    assert zero.options == few.options == GenerationOptions(32, 0.0, GREEDY.top_p, 7)
    assert mine.options == GenerationOptions(8, 0.0, GREEDY.top_p, 7)
    assert (few.collection, few.retriever, few.k) == ("papers", "hybrid", 3)
    assert (mine.passage, mine.precision, mine.adapter) == (True, "nf4", "poet")
    assert experiment.document["baseline"] == "zero"
    assert experiment.judge is None


def test_what_may_be_left_out(read):
    experiment = read(HEAD + TWO)
    assert experiment.baseline == "a"
    assert experiment.questions.answer_type == "span"
    assert experiment.columns[0].options == GREEDY


def test_examples_templates_and_merged_columns(read):
    experiment = read(
        HEAD
        + """columns:
  - &first {name: a, technique: few_shot, examples: mine, options: {max_tokens: 9}}
  - {<<: *first, name: b, examples: [{question: "2+2?", answer: "4"}]}
  - {name: c, technique: template, template: {name: short, version: 2}}
"""
    )
    one, two, three = experiment.columns
    assert one.examples == (Example("1+1?", "2"),)
    assert (two.examples, two.options.max_tokens) == ((Example("2+2?", "4"),), 9)
    assert three.template == Template("short", "Be brief.", "{question}", 2)


def test_a_public_set(read, tmp_path):
    here = Here()
    read(f"questions: public:gsm8k\nlimit: 20\nseed: 5\nfolder: sets\nmetrics: [exact_match]\n{TWO}", here)
    assert here.asked == [("gsm8k", tmp_path / "sets", 20, 5)]


def test_a_text_names_saved_sets_and_no_paths():
    text = f"questions: my cities\nmetrics: [exact_match]\n{TWO}"
    assert read_specification(text, Here()).questions is CITIES
    with pytest.raises(BadSpecification) as caught:
        read_specification(HEAD + TWO, Here())
    assert caught.value.fault == "no_paths"


def test_a_judge_is_there_where_a_metric_asks_for_one(read):
    judged = "questions: cities.jsonl\nanswer_type: text\nmetrics: [judge]\n" + TWO
    assert read(judged).judge == Judge()
    assert read(judged + "\njudge: {model: small-1, rubric: Be kind.}").judge == Judge(
        "small-1", "auto", "Be kind."
    )


FAULTS = [
    ("", "empty", 0),
    ("# nothing\n", "empty", 0),
    ("- a\n- b\n", "not_mapping", 1),
    ("just words", "not_mapping", 1),
    ("questions: [a\nmetrics: b", "not_yaml", 2),
    ("questions: !!python/object:os.system x\n", "not_yaml", 1),
    ("a: \x00", "not_yaml", 0),
    ("questions:\n  " + "[" * 50_000, "too_deep", 2),
    ("- " * 50_000, "too_deep", 1),
    ("a:\n  - &a [*a]", "too_deep", 2),
    ("a: &a [*a, *a, *a]", "too_deep", 1),
    ("a: &a {<<: *a}", "too_deep", 1),
    ("questions: cities.jsonl\nquestions: cities.jsonl\n" + TWO, "twice", 2),
    ("x: " + "a" * 300_000, "too_large", 0),
    ("a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [" + "*a," * 9 + "]\nc: &c [" + "*b," * 9 + "]\nd: &d ["
     + "*c," * 9 + "]\ne: &e [" + "*d," * 9 + "]\nf: [" + "*e," * 9 + "]", "tangled", 0),
    ("a: &a [" + "1," * 9 + "]\nb: [" + "*a," * 200 + "]", "tangled", 0),
    (GOOD + "metric: x\n", "unknown_key", 16),
    (GOOD.replace("technique: few_shot", "tecnique: few_shot"), "unknown_key", 6),
    (GOOD.replace("seed: 7", "sede: 7"), "unknown_key", 15),
    ("metrics: [exact_match]\n" + TWO, "missing", 0),
    ("questions: cities.jsonl\n" + TWO, "missing", 0),
    (HEAD, "missing", 0),
    (HEAD + "columns: [{technique: zero_shot}, {name: b}]", "missing", 3),
    (HEAD + "columns: zero", "wrong_type", 3),
    (HEAD + "columns: [{name: 5}, {name: b}]", "wrong_type", 3),
    (HEAD + "columns: [{name: a, passage: 1}, {name: b}]", "wrong_type", 3),
    (HEAD + TWO + "\nrepeats: often", "wrong_type", 4),
    (HEAD + TWO + "\nrepeats: true", "wrong_type", 4),
    (HEAD + TWO + "\noptions: {temperature: hot}", "wrong_type", 4),
    (HEAD + TWO + "\noptions: {max_tokens: 3.5}", "wrong_type", 4),
    (HEAD + 'columns: [{name: " "}, {name: b}]', "blank", 3),
    ("questions: cities.jsonl\nmetrics: []\n" + TWO, "blank", 2),
    (GOOD.replace("technique: few_shot", "technique: fewshot"), "unknown_value", 6),
    (GOOD.replace("exact_match", "exact_mach"), "unknown_value", 3),
    (GOOD.replace("retriever: hybrid", "retriever: hybrit"), "unknown_value", 6),
    (GOOD.replace("nf4", "nf5"), "unknown_value", 10),
    (GOOD.replace("collection: papers", "collection: paper"), "unknown_value", 6),
    (HEAD + "columns: [{name: a, model: big}, {name: b}]", "unknown_value", 3),
    (GOOD.replace("answer_type: span", "answer_type: spam"), "unknown_value", 2),
    (GOOD.replace("cities.jsonl", "our cities"), "unknown_value", 1),
    (GOOD.replace("cities.jsonl", "public:gsm9k"), "unknown_value", 1),
    (HEAD + TWO + "\noptions: {temperature: 3}", "range", 4),
    (HEAD + TWO + "\noptions: {max_tokens: 0}", "range", 4),
    (HEAD + TWO + "\nrepeats: 0", "range", 4),
    (GOOD.replace("k: 3", "k: 0"), "range", 6),
    (GOOD.replace("cities.jsonl", "towns.jsonl"), "no_file", 1),
    (HEAD + "columns: [{name: a}]", "too_few_columns", 3),
    (HEAD + "columns: [" + ",".join(f"{{name: c{n}}}" for n in range(25)) + "]", "too_many_columns", 3),
    (HEAD + "columns: [{name: a}, {name: a}]", "same_name", 3),
    (GOOD.replace("baseline: zero", "baseline: nought"), "baseline", 13),
    (HEAD + "columns: [{name: a, passage: true, collection: papers}, {name: b}]", "both_sources", 3),
    (HEAD + "columns: [{name: a, k: 4}, {name: b}]", "not_searching", 3),
    (HEAD + "columns: [{name: a, technique: react}, {name: b}]", "needs_collection", 3),
    (HEAD + "columns: [{name: a, technique: generated_knowledge, passage: true}, {name: b}]",
     "unused_passages", 3),
    (HEAD + "columns: [{name: a, technique: template}, {name: b}]", "needs_template", 3),
    (GOOD.replace("token_f1", "choice_letter"), "unsuited", 3),
    (GOOD.replace("token_f1", "exact_match"), "same_again", 3),
    (HEAD + TWO + "\nrepeats: 3", "repeats", 4),
    (HEAD + TWO + "\nlimit: 3", "only_public", 4),
    (GOOD.replace("adapter: poet", "adapter: pirate"), "refused", 11),
    (HEAD + "columns: [{name: a, examples: theirs}, {name: b}]", "refused", 3),
]  # fmt: skip


@pytest.mark.parametrize(("text", "fault", "line"), FAULTS, ids=[f"{n}-{f[1]}" for n, f in enumerate(FAULTS)])
def test_a_fault_is_one_clear_sentence_with_its_place(read, text, fault, line):
    with pytest.raises(BadSpecification) as caught:
        read(text)
    error = caught.value
    assert (error.fault, error.line) == (fault, line)
    for language in ("en", "ko"):
        said = error.text(language)
        assert "\n" not in said and "{" not in said.replace("{question", "")
        assert not line or str(line) in said
    assert any("가" <= letter <= "힣" for letter in error.text("ko"))


def test_every_kind_of_fault_is_met():
    met = {fault for _, fault, _ in FAULTS} | {"unreadable", "no_passages", "no_choices", "no_paths"}
    assert met == set(SENTENCES)


def test_the_known_ones_and_the_closest_are_named(read):
    with pytest.raises(BadSpecification, match=r"Did you mean few_shot.*chain_of_thought"):
        read(GOOD.replace("technique: few_shot", "technique: fewshot"))
    with pytest.raises(BadSpecification, match=r"Did you mean metrics.*Known keys: questions"):
        read(GOOD.replace("metrics:", "metrix:"))


def test_passages_and_choices_must_be_there(read):
    bare = QuestionSet("bare", "choice", (Item("x7", "Which?", ("a",)),))
    with pytest.raises(BadSpecification, match=r"1 questions have none .x7."):
        read(HEAD.replace("exact_match", "choice_letter") + "columns: [{name: a, passage: true}, {name: b}]",
             Here(bare))  # fmt: skip
    with pytest.raises(BadSpecification) as caught:
        read(HEAD.replace("exact_match", "choice_likelihood") + TWO, Here(bare))
    assert caught.value.fault == "no_choices"


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(BadSpecification) as caught:
        read_specification(tmp_path / "none.yaml", Here())
    assert caught.value.fault == "unreadable"

"""The columns of a specification.

- name           its own name
  technique      a file of chains/techniques (default: zero_shot)
  model, precision, adapter   what answers (default: the default model)
  collection, retriever, k    where passages are searched, how, and how many
  passage        true: the question's own passage is put before the model instead
  system         an instruction instead of the technique's
  examples       few-shot examples: a saved set's name, or a list of {question, answer}
  template       a template of one's own: its name, or {name, version}
  options        max_tokens, temperature, top_p, seed; they override the experiment's
"""

from dataclasses import fields, replace
from typing import Any

from adapters.spec import GenerationOptions
from chains.compare.experiment import Column
from chains.compare.named import Resolve, check_known, check_name, passed_on, some_ids
from chains.compare.question_set import QuestionSet
from chains.compare.yaml_tree import Part, short
from chains.question import Example, Template
from chains.techniques import Technique, techniques

KEYS = (
    *("name", "technique", "model", "precision", "adapter", "collection", "retriever", "k", "passage"),
    *("system", "examples", "template", "options"),
)
FEWEST, MOST = 2, 24
MOST_PASSAGES = 100
MOST_VERSIONS = 1_000_000
LONGEST_NAME = 100
TEMPLATE = "template"
"""The technique that asks in a person's own words."""

EXAMPLE_KEYS = ("question", "answer")
TEMPLATE_KEYS = ("name", "version")


def read_columns(
    part: Part, options: GenerationOptions, questions: QuestionSet, resolve: Resolve
) -> tuple[Column, ...]:
    """All columns; `options` are those of columns that have none of their own. Raises BadSpecification."""
    parts = part.items()
    if len(parts) < FEWEST:
        raise part.fault("too_few_columns", count=len(parts))
    if len(parts) > MOST:
        raise part.fault("too_many_columns", count=len(parts), limit=MOST)
    columns: list[Column] = []
    for one in parts:
        column = _column(one, options, questions, resolve)
        if any(column.name == earlier.name for earlier in columns):
            raise one.fault("same_name", name=short(column.name))
        columns.append(column)
    return tuple(columns)


def read_options(part: Part, base: GenerationOptions) -> GenerationOptions:
    """`base` with what `part` says otherwise; ranges as in GenerationOptions. Raises BadSpecification."""
    if part.value is None:
        return base
    known = {field.name: field for field in fields(GenerationOptions)}
    part.check_keys(list(known))
    values: dict[str, Any] = {}
    for key in part.value:
        low, high = known[key].metadata["low"], known[key].metadata["high"]
        whole = isinstance(low, int) and isinstance(high, int)
        one = part.get(key)
        values[key] = one.whole(low, high) if whole else one.number(low, high)
    return replace(base, **values)


def _column(part: Part, options: GenerationOptions, questions: QuestionSet, resolve: Resolve) -> Column:
    part.check_keys(KEYS)
    if not part.has("name"):
        raise part.fault("missing", key="name", what={"en": "what it is called", "ko": "열의 이름이에요"})
    values: dict[str, Any] = {"name": _name(part.get("name"))}
    values["options"] = read_options(part.get("options"), options)
    if part.has("technique"):
        check_known(part.get("technique"), part.get("technique").text(), "technique", list(techniques()))
        values["technique"] = part.get("technique").text()
    for kind in ("model", "precision", "collection", "retriever"):
        if part.has(kind):
            values[kind] = check_name(part.get(kind), kind, resolve)
    if part.has("k"):
        values["k"] = part.get("k").whole(1, MOST_PASSAGES)
    if part.has("passage"):
        values["passage"] = part.get("passage").flag()
    if part.has("system"):
        values["system"] = part.get("system").text()
    if part.has("examples"):
        values["examples"] = _examples(part.get("examples"), resolve)
    if part.has("template"):
        values["template"] = _template(part.get("template"), resolve)
    column = Column(**values)
    if part.has("adapter"):
        column = _through(column, part.get("adapter"), resolve)
    _check_passages(part, column, questions)
    return column


def _name(part: Part) -> str:
    name = part.text().strip()
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise part.fault("range", value=short(name), low=1, high=LONGEST_NAME)
    return name


def _through(column: Column, part: Part, resolve: Resolve) -> Column:
    adapter = part.text().strip()
    passed_on(part, lambda: resolve.check_adapter(adapter, column.model))
    return replace(column, adapter=adapter)


def _examples(part: Part, resolve: Resolve) -> tuple[Example, ...]:
    if isinstance(part.value, str):
        name = part.text()
        return passed_on(part, lambda: resolve.examples(name))
    examples = []
    for one in part.items():
        one.check_keys(EXAMPLE_KEYS)
        examples.append(Example(*(one.get(key).text() for key in EXAMPLE_KEYS)))
    if not examples:
        raise part.fault("blank")
    return tuple(examples)


def _template(part: Part, resolve: Resolve) -> Template:
    if isinstance(part.value, str):
        name = part.text()
        return passed_on(part, lambda: resolve.template(name, None))
    part.check_keys(TEMPLATE_KEYS)
    name = part.get("name").text()
    version = part.get("version").whole(1, MOST_VERSIONS) if part.has("version") else None
    return passed_on(part, lambda: resolve.template(name, version))


def _check_passages(part: Part, column: Column, questions: QuestionSet) -> None:
    """What a technique and its passages ask of each other."""
    if column.passage and column.collection is not None:
        raise part.fault("both_sources")
    for key in ("retriever", "k"):
        if part.has(key) and column.collection is None:
            raise part.get(key).fault("not_searching", key=key)
    technique: Technique = techniques()[column.technique]
    if column.technique == TEMPLATE and column.template is None:
        raise part.fault("needs_template", technique=column.technique)
    if technique.retrieval == "needed" and column.collection is None:
        raise part.fault("needs_collection", technique=column.technique)
    source = "collection" if column.collection is not None else "passage" if column.passage else None
    if technique.retrieval == "unused" and source is not None:
        raise part.get(source).fault("unused_passages", technique=column.technique, key=source)
    without = [item for item in questions.items if not item.passage]
    if column.passage and without:
        raise part.get("passage").fault("no_passages", count=len(without), ids=some_ids(without))

"""SPEC.yaml -> Experiment. Whatever is wrong is said in one sentence before anything is loaded.

The keys are a contract:

    questions      a file beside the specification, the name of a saved set, or public:KEY
    limit, seed, folder   of a public set: how many questions, drawn with which seed, from which folder
    answer_type    exact | number | choice | span | text; may be left out where the set says it
    metrics        a list; the first decides where one has to
    columns        a list of ways to answer, see chains/compare/specified_columns.py
    baseline       the column that the others are held against (default: the first)
    repeats        how often each question is asked, each time with samples of its own (default: 1)
    options        max_tokens, temperature, top_p, seed for all columns
    judge          {model, precision, rubric}, for metrics that ask a judge
    about          {name, language, source, licence} of the questions, where their file cannot say it
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from chains.compare.experiment import GREEDY, Column, Experiment, Judge
from chains.compare.faults import KINDS, BadSpecification, closest, listed
from chains.compare.named import Resolve, check_known, check_name, passed_on, some_ids, unknown
from chains.compare.question_set import ANSWER_TYPES, AnswerType, QuestionSet
from chains.compare.specified_columns import read_columns, read_options
from chains.compare.yaml_tree import MOST_BYTES, Part, parse, short

KEYS = (
    *("questions", "answer_type", "metrics", "columns", "baseline", "repeats", "options"),
    *("judge", "limit", "seed", "folder", "about"),
)
NEEDED = ("questions", "metrics", "columns")
JUDGE_KEYS = ("model", "precision", "rubric")
ABOUT_KEYS = ("name", "language", "source", "licence")
LANGUAGES = ("en", "ko")
PUBLIC = "public:"
SUFFIXES = (".csv", ".jsonl", ".json", ".yaml", ".yml", ".tsv")
MOST_REPEATS = 100
MOST_QUESTIONS = 1_000_000
LARGEST_SEED = 2**31 - 1

WHAT_IS_MISSING = {
    "questions": {"en": "it names the set of questions", "ko": "질문 모음을 적는 곳이에요"},
    "metrics": {"en": "it lists how answers are scored", "ko": "채점 방법을 적는 곳이에요"},
    "columns": {"en": "it lists the ways to answer", "ko": "비교할 방법들을 적는 곳이에요"},
}


def read_specification(source: Path | str, resolve: Resolve, folder: Path | None = None) -> Experiment:
    """The experiment that a file (Path) or a text (str) describes. Paths in it count from the file's folder,
    or from `folder`; a text without `folder` may name none. Raises BadSpecification."""
    if isinstance(source, Path):
        folder = source.parent if folder is None else folder
        source = _read(source)
    document = parse(source)
    if document.value is None:
        raise BadSpecification("empty", needed=listed(NEEDED))
    document.check_keys(KEYS)
    for key in NEEDED:
        if not document.has(key):
            raise BadSpecification("missing", key=key, what=WHAT_IS_MISSING[key])
    questions = _questions(document, resolve, folder)
    metrics = _metrics(document, questions)
    options = read_options(document.get("options"), GREEDY)
    columns = read_columns(document.get("columns"), options, questions, resolve)
    return Experiment(
        questions=questions,
        columns=columns,
        metrics=metrics,
        baseline=_baseline(document, columns),
        repeats=_repeats(document, columns),
        judge=_judge(document, metrics, resolve),
        document=document.value,
    )


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadSpecification("too_large", limit=MOST_BYTES // 1000)
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadSpecification("unreadable", str(path), cause=error.strerror or error) from error
    except UnicodeDecodeError as error:
        raise BadSpecification("unreadable", str(path), cause=error.reason) from error


def _questions(document: Part, resolve: Resolve, folder: Path | None) -> QuestionSet:
    name, answer_type = document.get("questions"), _answer_type(document)
    text = name.text().strip()
    if text.startswith(PUBLIC):
        found = _public(document, text.removeprefix(PUBLIC), resolve, folder)
    else:
        for key in ("limit", "seed", "folder"):
            if document.has(key):
                raise document.get(key).fault("only_public", key=key)
        found = _own(name, text, answer_type, resolve, folder)
    if answer_type is not None and found.answer_type != answer_type:
        found = QuestionSet(found.name, answer_type, found.items, found.language, found.source, found.licence)
    if not found.items:
        raise name.fault("blank")
    return _told(found, document.get("about"))


def _told(found: QuestionSet, about: Part) -> QuestionSet:
    """The set as the specification speaks of it."""
    if about.value is None:
        return found
    about.check_keys(ABOUT_KEYS)
    values: dict[str, Any] = {key: about.get(key).text() for key in ABOUT_KEYS if about.has(key)}
    if "language" in values and values["language"] not in LANGUAGES:
        raise unknown(about.get("language"), values["language"], "language", LANGUAGES)
    return replace(found, **values)


def _own(
    name: Part, text: str, answer_type: AnswerType | None, resolve: Resolve, folder: Path | None
) -> QuestionSet:
    if not text.casefold().endswith(SUFFIXES):
        check_known(name, text, "questions", resolve.known("questions"))
        return passed_on(name, lambda: resolve.saved(text))
    if folder is None:
        raise name.fault("no_paths")
    path = folder / text
    if not path.is_file():
        raise name.fault("no_file", file=short(text))
    return passed_on(name, lambda: resolve.file(path, answer_type))


def _public(document: Part, key: str, resolve: Resolve, folder: Path | None) -> QuestionSet:
    name, place = document.get("questions"), document.get("folder")
    check_known(name, key, "public", resolve.known("public"))
    if place.value is not None and folder is None:
        raise place.fault("no_paths")
    within = folder / place.text() if place.value is not None and folder is not None else None
    if within is not None and not within.exists():
        raise place.fault("no_file", file=short(place.value))
    limit = document.get("limit").whole(1, MOST_QUESTIONS) if document.has("limit") else None
    seed = document.get("seed").whole(0, LARGEST_SEED) if document.has("seed") else 0
    return passed_on(name, lambda: resolve.public(key, within, limit, seed))


def _answer_type(document: Part) -> AnswerType | None:
    part = document.get("answer_type")
    if part.value is None:
        return None
    for known in ANSWER_TYPES:
        if part.value == known:
            return known
    raise unknown(part, part.value, "answer_type", ANSWER_TYPES)


def _metrics(document: Part, questions: QuestionSet) -> tuple[str, ...]:
    from chains.compare.metrics import metrics

    known, part = metrics(), document.get("metrics")
    if part.value == []:
        raise part.fault("blank")
    for one in part.items():
        check_known(one, one.text(), "metric", list(known))
        metric = known[one.value]
        if questions.answer_type not in metric.suits:
            suited = [key for key, other in known.items() if questions.answer_type in other.suits]
            raise one.fault("unsuited", metric=one.value, type=questions.answer_type, known=listed(suited))
        without = [item for item in questions.items if not item.choices]
        if "likelihood" in metric.needs and without:
            raise one.fault("no_choices", metric=one.value, count=len(without), ids=some_ids(without))
    chosen = tuple(one.value for one in part.items())
    for number, key in enumerate(chosen):
        if key in chosen[:number]:
            raise part.items()[number].fault("same_again", kind=KINDS["metric"], value=key)
    return chosen


def _baseline(document: Part, columns: Sequence[Column]) -> str:
    part, names = document.get("baseline"), [column.name for column in columns]
    if part.value is None:
        return names[0]
    if part.text() not in names:
        raise part.fault(
            "baseline", name=short(part.value), closest=closest(part.value, names), known=listed(names)
        )
    return part.text()


def _repeats(document: Part, columns: Sequence[Column]) -> int:
    part = document.get("repeats")
    repeats = 1 if part.value is None else part.whole(1, MOST_REPEATS)
    for column in columns:
        if repeats > 1 and column.options.temperature == 0:
            raise part.fault("repeats", column=column.name)
    return repeats


def _judge(document: Part, metrics: Sequence[str], resolve: Resolve) -> Judge | None:
    from chains.compare.metrics import metric

    part = document.get("judge")
    if part.value is None:
        return Judge() if any("judge" in metric(key).needs for key in metrics) else None
    part.check_keys(JUDGE_KEYS)
    values: dict[str, Any] = {key: part.get(key).text() for key in JUDGE_KEYS if part.has(key)}
    for kind in ("model", "precision"):
        if kind in values:
            check_name(part.get(kind), kind, resolve)
    return Judge(**values)

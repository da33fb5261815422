"""What `sets` does: each action returns its JSON document, and tells a person what came of it."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.spec import ModelSpec, Text
from app.terminal.asking import open_services, wait_for_model
from app.terminal.console import Console
from app.terminal.interrupt import stopped_by_ctrl_c
from app.terminal.settings import command_settings
from app.terminal.table import table
from chains.compare.question_set import QuestionSet
from chains.compare.saved_sets import SavedSets
from chains.kept_files import clean_name

if TYPE_CHECKING:
    from chains.compare.drafting import DraftedItem

Document = dict[str, Any]

NONE: Text = {
    "en": "There is no question set yet. Make one: python -m app sets import FILE",
    "ko": "아직 질문 모음이 없어요. 만들어 보세요: python -m app sets import 파일",
}
BAD_COLUMN: Text = {
    "en": "--column wants FIELD=COLUMN, not {given}",
    "ko": "--column에는 항목=열 형식이 필요해요: {given}",
}
HEADINGS: dict[str, list[str]] = {
    "en": ["set", "answers", "language", "questions", "problem"],
    "ko": ["모음", "정답 형식", "언어", "질문", "문제"],
}
SAVED: Text = {
    "en": "Saved: {name} ({questions} questions, answers: {answer_type}, language: {language})",
    "ko": "저장했어요: {name} (질문 {questions}개, 정답 형식: {answer_type}, 언어: {language})",
}
DRAFTING: Text = {"en": "Drafting: {good} good ones of {seen}", "ko": "질문 만드는 중: {seen}개 중 {good}개"}
LEFT_OUT: Text = {"en": "Left out {count}: {flaw}", "ko": "{count}개를 뺐어요: {flaw}"}
EXPORTED: Text = {
    "en": "Written: {file} ({questions} questions)",
    "ko": "썼어요: {file} (질문 {questions}개)",
}
DELETED: Text = {"en": "Deleted: {name}", "ko": "삭제했어요: {name}"}


def list_sets(args: argparse.Namespace, console: Console) -> Document:
    """Every saved set; a damaged one with what is wrong."""
    found = [
        {
            "name": one.name,
            "answer_type": one.answer_type if one.problem is None else None,
            "language": one.language if one.problem is None else None,
            "questions": one.questions,
            "problem": console.explain(one.problem) if one.problem else None,
        }
        for one in _sets().list()
    ]
    columns = ("name", "answer_type", "language", "questions", "problem")
    if found:
        rows = [[one[column] for column in columns] for one in found]
        _tell(console, table(HEADINGS[console.language], rows).rstrip("\n"))
    else:
        _tell(console, console.text(NONE))
    return {"sets": found}


def import_set(args: argparse.Namespace, console: Console) -> Document:
    """A set from a file; columns that were not named are guessed."""
    from chains.compare.reading import read_set

    _language(args)
    path = Path(args.source)
    found = read_set(
        path, answer_type=args.answer_type, columns=_columns(args, console), language=args.language
    )
    return _save(found, args.name or path.stem, args, console)


def public(args: argparse.Namespace, console: Console) -> Document:
    """A public set, or a sample of it."""
    from chains.compare.public import load

    found = load(args.source, args.folder, args.limit, args.seed, language=args.language)
    return _save(found, args.name or found.name, args, console)


def draft(args: argparse.Namespace, console: Console) -> Document:
    """Questions that the model drafts out of a collection; those with a flaw are told and left out."""
    from chains.compare.answer_type import language_of_items
    from chains.compare.drafting import FLAWS, flaws

    _language(args)
    if not args.replace:
        _sets().check_free(args.name or args.source)
    drafted = _drafted(args, console)
    items = tuple(one.item for one in drafted if one.flaw is None)
    left_out = flaws(drafted)
    for flaw, count in left_out.items():
        console.say(console.text(LEFT_OUT).format(count=count, flaw=console.text(FLAWS[flaw])))
    found = QuestionSet(args.source, "span", items, args.language or language_of_items(items))
    saved = _save(found, args.name or args.source, args, console)
    return saved | {"drafted": len(drafted), "flaws": left_out}


def export(args: argparse.Namespace, console: Console) -> Document:
    """A saved set as JSON Lines."""
    sets = _sets()
    count = len(sets.get(args.source).items)
    sets.export(args.source, args.out)
    _tell(console, console.text(EXPORTED).format(file=args.out, questions=f"{count:,}"))
    return {"exported": {"name": clean_name(args.source), "file": str(args.out), "questions": count}}


def delete(args: argparse.Namespace, console: Console) -> Document:
    """Deletes a saved set."""
    _sets().delete(args.source)
    _tell(console, console.text(DELETED).format(name=args.source))
    return {"deleted": clean_name(args.source)}


ACTIONS: Mapping[str, Callable[[argparse.Namespace, Console], Document]] = {
    "list": list_sets,
    "import": import_set,
    "public": public,
    "draft": draft,
    "export": export,
    "delete": delete,
}


def _language(args: argparse.Namespace) -> None:
    """Our own words in prompts are there in two languages."""
    if args.language not in (None, "en", "ko"):
        args.error(f"--language: {args.language} (en, ko)")


def _sets() -> SavedSets:
    return SavedSets(command_settings().question_sets)


def _columns(args: argparse.Namespace, console: Console) -> dict[str, str] | None:
    """The guessed mapping with what the flags change; None: by the columns' own names."""
    from chains.compare.reading import preview

    guessed = dict(preview(Path(args.source)).columns)
    for given in args.column or ():
        field, sign, column = given.partition("=")
        if not (field and sign and column):
            args.error(console.text(BAD_COLUMN).format(given=given))
        guessed = {one: taken for one, taken in guessed.items() if taken != column} | {field: column}
    return guessed


def _drafted(args: argparse.Namespace, console: Console) -> "Sequence[DraftedItem]":
    from chains.compare.drafting import draft as drafts

    found: list[DraftedItem] = []
    spec = ModelSpec(args.model, args.precision)
    with stopped_by_ctrl_c() as stop, open_services(spec) as services:
        passages = list(services.store.every_passage(args.source))
        wait_for_model(services, console, stop)
        with services.model.using(stop) as model:
            if model is None:
                return found
            for one in drafts(passages, model, args.count, args.language, stop, seed=args.seed):
                found.append(one)
                good = sum(each.flaw is None for each in found)
                words = console.text(DRAFTING).format(good=good, seen=len(found))
                console.progress(words, min(1.0, good / args.count))
    console.clear()
    return found


def _save(found: QuestionSet, name: str, args: argparse.Namespace, console: Console) -> Document:
    called = replace(found, name=clean_name(name))
    _sets().save(called, over=args.replace)
    told = {
        "name": called.name,
        "answer_type": called.answer_type,
        "language": called.language,
        "questions": len(called.items),
        "source": called.source,
        "licence": called.licence,
    }
    _tell(console, console.text(SAVED).format(**told | {"questions": f"{len(called.items):,}"}))
    return {"saved": told}


def _tell(console: Console, words: str) -> None:
    if not console.as_json:
        console.line(words)

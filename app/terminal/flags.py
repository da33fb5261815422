"""Flags that are declared elsewhere: by the generation options, and by the folders of choices."""

import argparse
import dataclasses
import importlib.util
import pkgutil
import typing
from collections.abc import Callable
from typing import Any

from adapters.spec import GenerationOptions, Text
from app.settings import DEFAULT_PASSAGES, DEFAULT_RETRIEVER

Flag = Callable[[str], Any]

MOST_PASSAGES = 1000

SEARCH_FLAGS: dict[str, Text] = {
    "collection": {"en": "the collection to search, by name", "ko": "찾아볼 컬렉션의 이름"},
    "retriever": {"en": "how passages are found", "ko": "문단을 찾는 방식"},
    "k": {
        "en": f"how many passages (default: {DEFAULT_PASSAGES})",
        "ko": f"문단 수 (기본값: {DEFAULT_PASSAGES})",
    },
}
TEXT_OR_BATCH: Text = {
    "en": "give either TEXT or --batch FILE.jsonl",
    "ko": "TEXT와 --batch FILE.jsonl 중 하나만 적어 주세요",
}
DEFAULT_WORD: Text = {"en": "default: {value}", "ko": "기본값: {value}"}


def keys(package: str) -> list[str]:
    """The names of the files of `package`, which is not imported: the file name is the key."""
    spec = importlib.util.find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    return sorted(m.name for m in pkgutil.iter_modules(folders or []) if not m.name.startswith("_"))


def add_search_options(parser: argparse.ArgumentParser, language: str, required: bool = False) -> None:
    """Where passages come from, how they are found and how many."""
    text = {name: text[language] for name, text in SEARCH_FLAGS.items()}
    parser.add_argument("--collection", metavar="C", required=required, help=text["collection"])
    retrievers = keys("vectorstore.retrievers")
    parser.add_argument("--retriever", choices=retrievers, default=DEFAULT_RETRIEVER, help=text["retriever"])
    parser.add_argument("--k", type=_count, metavar="N", default=DEFAULT_PASSAGES, help=text["k"])


def add_generation_options(parser: argparse.ArgumentParser, language: str) -> None:
    """One flag for each field of GenerationOptions."""
    for field in dataclasses.fields(GenerationOptions):
        parser.add_argument(
            "--" + field.name.replace("_", "-"),
            type=_number(field),
            default=field.default,
            metavar="N" if _kind(field) is int else "X",
            help=_help(field, language),
        )


def generation_options(args: argparse.Namespace) -> GenerationOptions:
    """The options that the flags gave."""
    return GenerationOptions(**{f.name: getattr(args, f.name) for f in dataclasses.fields(GenerationOptions)})


def _count(text: str) -> int:
    value = int(text)
    if not 1 <= value <= MOST_PASSAGES:
        raise argparse.ArgumentTypeError(f"{text} is not between 1 and {MOST_PASSAGES}")
    return value


_count.__name__ = "int"  # argparse names it: "invalid int value"


def _help(field: "dataclasses.Field[Any]", language: str) -> str:
    parts = [field.metadata["help"][language]]
    if field.default is not None:
        parts.append(f"({DEFAULT_WORD[language].format(value=field.default)})")
    return " ".join(parts).replace("%", "%%")


def _kind(field: "dataclasses.Field[Any]") -> type:
    """int or float; of `int | None` the int."""
    kinds = typing.get_args(field.type) or (field.type,)
    return int if int in kinds else float


def _number(field: "dataclasses.Field[Any]") -> Flag:
    kind, low, high = _kind(field), field.metadata["low"], field.metadata["high"]

    def read(text: str) -> float:
        value = kind(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is not between {low} and {high}")
        return typing.cast(float, value)

    read.__name__ = kind.__name__  # argparse names it: "invalid int value"
    return read

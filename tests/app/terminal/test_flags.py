"""Flags derived from what declares them."""

import argparse
import dataclasses

import pytest

from adapters.precision import precisions
from adapters.spec import GenerationOptions
from app.settings import DEFAULT_PASSAGES, DEFAULT_RETRIEVER
from app.terminal import flags
from chains.techniques import techniques
from vectorstore import retrievers


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(exit_on_error=False)
    flags.add_generation_options(made, "en")
    return made


def test_without_flags_the_options_are_the_declared_defaults() -> None:
    assert flags.generation_options(parser().parse_args([])) == GenerationOptions()


def test_every_option_has_its_flag() -> None:
    given = ["--max-tokens", "7", "--temperature", "0", "--top-p", "0.5", "--seed", "3"]
    assert flags.generation_options(parser().parse_args(given)) == GenerationOptions(7, 0.0, 0.5, 3)
    assert len(given) == 2 * len(dataclasses.fields(GenerationOptions))


@pytest.mark.parametrize("field", dataclasses.fields(GenerationOptions), ids=lambda field: field.name)
def test_the_ends_of_the_range_go_in_and_what_is_beyond_does_not(field: "dataclasses.Field[object]") -> None:
    flag, low, high = "--" + field.name.replace("_", "-"), field.metadata["low"], field.metadata["high"]
    for value in (low, high):
        assert getattr(parser().parse_args([flag, str(value)]), field.name) == value
    for value in (high + 1, "nan", "x", ""):
        with pytest.raises(argparse.ArgumentError):
            parser().parse_args([flag, str(value)])


def test_a_percent_sign_in_a_help_text_is_shown_as_it_is() -> None:
    made = parser()
    assert "%%" not in made.format_help()


@pytest.mark.parametrize(
    "package, known",
    [
        ("chains.techniques", set(techniques())),
        ("adapters.precision", set(precisions())),
        ("vectorstore.retrievers", set(retrievers.keys())),
    ],
)
def test_the_choices_are_the_files_of_the_folder(package: str, known: set[str]) -> None:
    assert set(flags.keys(package)) == known
    assert known


def test_the_defaults_are_those_of_the_page() -> None:
    assert (flags.DEFAULT_RETRIEVER, flags.DEFAULT_PASSAGES) == (DEFAULT_RETRIEVER, DEFAULT_PASSAGES)

"""docs/cli.md is made from the commands, so it must say what they say."""

import pytest

from app.terminal.reference import FOLDER, PAGES, page


@pytest.mark.parametrize("language", PAGES)
def test_the_reference_is_not_stale(language: str) -> None:
    written = (FOLDER / PAGES[language]).read_text(encoding="utf-8")
    assert written == page(language), "run `make docs`"


@pytest.mark.parametrize("language", PAGES)
def test_every_command_and_flag_is_in_it(language: str) -> None:
    written = page(language)
    for word in (
        "## ask",
        "`--technique`",
        "`--top-p`",
        "`--retriever`",
        "## serve",
        "`--port`",
        "{passages: [",
    ):
        assert word in written

"""docs/cli.md and docs/metrics.md are made from the commands and the metrics: they say what those say."""

import pytest

from app.terminal.reference import FOLDER, PAGES, page
from chains.compare.metrics import metrics


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_is_not_stale(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == page(name), "run `make docs`"


@pytest.mark.parametrize("name", ["cli.md", "cli.ko.md"])
def test_every_command_and_flag_is_in_it(name: str) -> None:
    written = page(name)
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


@pytest.mark.parametrize("name", ["metrics.md", "metrics.ko.md"])
def test_every_metric_is_in_it(name: str) -> None:
    written = page(name)
    assert all(f"## `{key}`" in written for key in metrics())

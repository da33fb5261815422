"""The report of a comparison: a page, Markdown, a table, the results and every answer, in one folder."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from chains.compare.cell import Cell
from chains.compare.experiment import Experiment

FILES = ("report.html", "report.md", "table.csv", "results.json", "answers.jsonl")


def write(
    folder: Path,
    experiment: Experiment,
    cells: Iterable[Cell],
    results: Mapping[str, Any],
    language: str | None = None,
    *,
    texts: bool = True,
) -> list[Path]:
    """Writes FILES into the folder (made where it is missing) and returns their paths.

    `results` is what chains.compare.results made of the same cells. `language` ("en", "ko"; None: that of the
    questions) is the one of the page and of the Markdown. `texts=False` leaves out the texts of questions,
    prompts and answers, for sets that may not be copied. All files are written aside first and then put in
    place. Raises OSError.
    """
    from chains.compare.report.answers import lines, ordered
    from chains.compare.report.files import put
    from chains.compare.report.html import page
    from chains.compare.report.markdown import markdown
    from chains.compare.report.settings import public
    from chains.compare.report.table import table

    spoken = language or experiment.questions.language
    own = ordered(experiment, cells)
    document = json.dumps(public(results, texts), ensure_ascii=False, allow_nan=False, indent=1)
    contents: dict[str, Iterable[bytes]] = {
        "report.html": [page(experiment, own, results, spoken, texts)],
        "report.md": [markdown(results, spoken, texts).encode("utf-8", "replace")],
        "table.csv": [table(results).encode("utf-8", "replace")],
        "results.json": [document.encode("utf-8", "replace"), b"\n"],
        "answers.jsonl": lines(experiment, own, texts),
    }
    return put(folder, {name: contents[name] for name in FILES})

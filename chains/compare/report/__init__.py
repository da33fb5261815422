"""The report of a comparison: a page, Markdown, a table, the results and every answer, in one folder."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from chains.compare.cell import Cell
from chains.compare.experiment import Experiment
from chains.compare.tools import NO_TOOLS, Place, Verdict

FILES = ("report.html", "report.md", "table.csv", "results.json", "answers.jsonl")


def write(
    folder: Path,
    experiment: Experiment,
    cells: Iterable[Cell],
    results: Mapping[str, Any],
    *,
    texts: bool = True,
    verdicts: Mapping[Place, Verdict] = NO_TOOLS.verdicts,
) -> list[Path]:
    """Writes FILES into the folder (made where it is missing) and returns their paths.

    `results` is what chains.compare.results made of the same cells; `verdicts` are the judge's. The page and
    the Markdown are in the language of the questions. `texts=False` leaves out the texts of questions,
    prompts and answers, for sets that may not be copied. All files are written aside, then put in place; of
    the answers only one at a time is in memory. Raises OSError.
    """
    from chains.compare.report.answers import lines
    from chains.compare.report.files import put
    from chains.compare.report.html import page
    from chains.compare.report.markdown import markdown
    from chains.compare.report.settings import public
    from chains.compare.report.table import table
    from chains.compare.stored import gathered

    spoken = experiment.questions.language
    own = gathered(experiment, cells)
    contents: dict[str, Iterable[bytes]] = {
        "report.html": [page(experiment, own, results, spoken, texts)],
        "report.md": [markdown(results, spoken, texts).encode("utf-8", "replace")],
        "table.csv": [table(results).encode("utf-8", "replace")],
        "results.json": _document(public(results, texts)),
        "answers.jsonl": lines(experiment, own.by_question(), texts, verdicts),
    }
    return put(folder, {name: contents[name] for name in FILES})


def _document(results: Mapping[str, Any]) -> Iterator[bytes]:
    """Piece by piece: the whole of it would be the largest text of a run over many questions."""
    writer = json.JSONEncoder(ensure_ascii=False, allow_nan=False, indent=1)
    for piece in writer.iterencode(results):
        yield piece.encode("utf-8", "replace")
    yield b"\n"

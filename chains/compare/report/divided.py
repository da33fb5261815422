"""The questions on which the columns disagree, as the page shows them: each with all prompts and answers."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from chains.compare.cell import Cell, Generation
from chains.compare.changes import RIGHT
from chains.compare.experiment import Experiment
from chains.compare.question_set import Item
from chains.compare.report.numbers import amount, value
from chains.compare.report.words import Words
from chains.compare.stored import Cells

MOST_QUESTIONS = 100
MOST_LETTERS = 4_000_000
"""How much of prompts and answers a page may hold; the rest is in answers.jsonl."""


def divided(
    experiment: Experiment, cells: Cells, results: Mapping[str, Any], words: Words, texts: bool
) -> list[dict[str, Any]]:
    """The most divided questions, as many as the page has room for."""
    wanted = results["disagreements"][:MOST_QUESTIONS]
    items = {item.id: item for item in experiment.questions.items}
    rows = (
        {one["id"]: one["scores"][results["deciding"]] for one in results["per_question"]} if wanted else {}
    )
    shown: list[dict[str, Any]] = []
    letters = 0
    for key in wanted:
        answers = list(cells.of_question(key)) if texts else []
        letters += sum(map(_letters, answers))
        if shown and letters > MOST_LETTERS:
            break
        shown.append(asked(items[key], answers, rows[key], results, words))
    return shown


def _letters(cell: Cell) -> int:
    sent = sum(len(message.content) for one in cell.generations for message in one.messages)
    return sent + len(cell.text) + sum(len(one.raw) for one in cell.generations)


def asked(
    item: Item, cells: Sequence[Cell], row: Sequence[float | None], results: Mapping[str, Any], words: Words
) -> dict[str, Any]:
    """One question as the page shows it; `row` are the columns' scores."""
    by_column: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_column[cell.column].append(cell)
    columns = [
        _column(one["name"], score, by_column[one["name"]], words)
        for one, score in zip(results["columns"], row, strict=True)
    ]
    return {
        "id": item.id,
        "question": item.question,
        "answers": item.answers,
        "choices": item.choices,
        "answerable": item.answerable,
        "tags": item.tags,
        "columns": columns,
        "marks": " ".join(_marks(item.id, columns, results)),
    }


def _marks(key: str, columns: list[dict[str, Any]], results: Mapping[str, Any]) -> list[str]:
    """What the filter looks for: r0 (column 0 right), w1 (wrong), f2 (fixed it), b3 (broke it)."""
    marks = []
    for at, column in enumerate(columns):
        if column["right"] is not None:
            marks.append(f"{'r' if column['right'] else 'w'}{at}")
        changed = results["changes"].get(column["name"], {})
        marks += [f"{kind[0]}{at}" for kind in ("fixed", "broke") if key in changed.get(kind, ())]
    return marks


def _column(name: str, score: float | None, cells: list[Cell], words: Words) -> dict[str, Any]:
    return {
        "name": name,
        "score": value(score),
        "right": None if score is None else score >= RIGHT,
        "answers": [_answer(cell, words, len(cells) > 1) for cell in cells],
    }


def _answer(cell: Cell, words: Words, repeated: bool) -> dict[str, Any]:
    calls = sum(1 for one in cell.generations if one.messages)
    sources = dict.fromkeys(
        f"{one.source} ({one.page})" if one.page is not None else one.source
        for one in cell.passages
        if one.source
    )
    return {
        "repeat": words("repeat", n=cell.repeat + 1) if repeated else "",
        "text": cell.text,
        "reasoning": cell.reasoning or "",
        "error": cell.error[words.language] if cell.error else "",
        "agreement": "" if cell.agreement is None else words("agreement", share=round(cell.agreement * 100)),
        "passages": words("passages", sources=", ".join(sources)) if sources else "",
        "prompts": words(
            "prompts",
            calls=calls,
            prompt=f"{cell.prompt_tokens:,}",
            completion=f"{cell.completion_tokens:,}",
            seconds=amount(cell.seconds),
        ),
        "generations": [_generation(one) for one in cell.generations],
    }


def _generation(one: Generation) -> dict[str, Any]:
    return {"name": one.name, "query": one.query, "messages": one.messages, "raw": one.raw}

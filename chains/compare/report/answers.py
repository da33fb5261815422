"""answers.jsonl: every answer with its prompt, one a line."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from chains.compare.cell import Cell, Generation
from chains.compare.experiment import Experiment
from chains.compare.judging import reason
from chains.compare.question_set import Item
from chains.compare.tools import NO_TOOLS, Place, Verdict, place
from chains.question import Message
from vectorstore.passage import Passage

# Valid in JSON, but line ends to many readers.
_LINE_ENDS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def lines(
    experiment: Experiment,
    cells: Iterable[Cell],
    texts: bool = True,
    verdicts: Mapping[Place, Verdict] = NO_TOOLS.verdicts,
) -> Iterator[bytes]:
    """One JSON document a line, in the order of the cells. Without `texts` only ids and numbers. Where there
    are `verdicts`, each line has `judge`: None for an answer that was not judged."""
    items = {item.id: item for item in experiment.questions.items}
    for cell in cells:
        entry = numbers(cell) | (wording(cell, items[cell.item]) if texts else {})
        if verdicts:
            entry["judge"] = _judged(verdicts.get(place(cell)), texts)
        yield encoded(entry) + b"\n"


def encoded(entry: dict[str, Any]) -> bytes:
    """UTF-8; a text with half of a surrogate pair, which UTF-8 cannot hold, is escaped."""
    text = json.dumps(entry, ensure_ascii=False, allow_nan=False)
    try:
        return "".join(_LINE_ENDS.get(one, one) for one in text).encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(entry, allow_nan=False).encode("ascii")


def numbers(cell: Cell) -> dict[str, Any]:
    """Where an answer stands, and what it cost."""
    return {
        "id": cell.item,
        "column": cell.column,
        "repeat": cell.repeat,
        "key": cell.key,
        "calls": sum(1 for one in cell.generations if one.messages),
        "prompt_tokens": cell.prompt_tokens,
        "completion_tokens": cell.completion_tokens,
        "seconds": cell.seconds,
        "peak_memory_bytes": cell.peak_memory_bytes,
        "finish_reason": cell.finish_reason,
        "agreement": cell.agreement,
        "notices": list(cell.notices),
    }


def _judged(verdict: Verdict | None, texts: bool) -> dict[str, Any] | None:
    """The judge's score (0..1, None: it could not be read) and, with texts, its reason and its own words."""
    if verdict is None:
        return None
    error = dict(verdict.error) if verdict.error else None
    said = {"reason": reason(verdict.raw), "raw": verdict.raw, "error": error}
    return {"score": verdict.score} | (said if texts else {})


def wording(cell: Cell, item: Item) -> dict[str, Any]:
    """What was asked, sent and answered."""
    return {
        "question": item.question,
        "answers": list(item.answers),
        "answerable": item.answerable,
        "choices": list(item.choices),
        "answer": cell.text,
        "reasoning": cell.reasoning,
        "prompt": [asdict(message) for message in cell.messages],
        "generations": [asdict(one) for one in cell.generations],
        "passages": [asdict(one) for one in cell.passages],
        "citations": [asdict(one) for one in cell.citations],
        "log_likelihoods": None if cell.log_likelihoods is None else list(cell.log_likelihoods),
        "error": dict(cell.error) if cell.error else None,
    }


def read(lines: Iterable[bytes]) -> tuple[Item, list[Cell]]:
    """One question and its answers, from their lines. Raises ValueError, KeyError, TypeError where these are
    not ours, and for a file that was written without texts."""
    entries = [json.loads(line) for line in lines]
    first = entries[0]
    item = Item(
        id=first["id"],
        question=first["question"],
        answers=tuple(first["answers"]),
        choices=tuple(first["choices"]),
        # reports of before it was written have answers wherever there is one
        answerable=bool(first.get("answerable", first["answers"])),
    )
    return item, [_cell(entry) for entry in entries]


def _cell(entry: dict[str, Any]) -> Cell:
    """Citations and likelihoods stay in the file: what shows an answer again does not show them."""
    return Cell(
        column=entry["column"],
        item=entry["id"],
        repeat=entry["repeat"],
        key=entry["key"],
        text=entry["answer"],
        reasoning=entry["reasoning"],
        agreement=entry["agreement"],
        passages=tuple(Passage(**one) for one in entry["passages"]),
        generations=tuple(_generation(one) for one in entry["generations"]),
        prompt_tokens=entry["prompt_tokens"],
        completion_tokens=entry["completion_tokens"],
        seconds=entry["seconds"],
        peak_memory_bytes=entry["peak_memory_bytes"],
        finish_reason=entry["finish_reason"],
        notices=tuple(entry["notices"]),
        error=entry["error"],
    )


def _generation(entry: dict[str, Any]) -> Generation:
    messages = tuple(Message(**one) for one in entry["messages"])
    return Generation(**{**entry, "messages": messages})

"""What came out of a run, as HTML: the report's own pieces, and its questions page by page. Pure functions;
clicks are static/runs.js."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.compare.run_results import A_PAGE, Asked, Seen
from app.locales import say
from app.marked import plain
from chains.compare.report import html

LONGEST_TAG = 60


def found(results: Mapping[str, Any], columns: tuple[str, ...], language: str) -> str:
    """Verdicts, scores, cost, changes, tags: what the report says above its questions."""
    there = {one["name"] for one in results["columns"]}
    missing = [name for name in columns if name not in there]
    words = say("runs.partial", language, names=", ".join(missing)) if missing else ""
    note = f'<p class="reason">{plain(words)}</p>' if words else ""
    return f'<div class="maru-report">{note}{html.summary(results, language)}</div>'


def questions(results: Mapping[str, Any], seen: Seen, wanted: str, opened: str, language: str) -> str:
    """One page of questions; the one that is `opened` shows all its prompts and answers."""
    rows = "".join(_question(one, results, one.item.id == opened, language) for one in seen.asked)
    none = "" if rows else f'<p class="help none">{plain(say("runs.no_question", language))}</p>'
    return (
        f'<div class="maru-report"><h2>{plain(say("runs.by_question", language))}</h2>'
        f'<p class="help">{plain(_legend(results, language))}</p>'
        f'<div class="bar-of-list">{_filter(results, wanted, language)}{_pager(seen, language)}</div>'
        f'{none}<div class="questions">{rows}</div>'
        f"{_pager(seen, language) if seen.count > A_PAGE else ''}</div>"
    )


def _question(one: Asked, results: Mapping[str, Any], opened: bool, language: str) -> str:
    folded = html.head(one.item, results, one.scores, language)
    body = html.question(one.item, one.cells, results, one.scores, language) if opened else ""
    mark = " open" if opened else ""
    return f'<details class="question" data-id="{plain(one.item.id)}"{mark}>{folded}{body}</details>'


def _legend(results: Mapping[str, Any], language: str) -> str:
    names = ", ".join(one["name"] for one in results["columns"])
    return say("runs.marks", language, names=names)


def _filter(results: Mapping[str, Any], wanted: str, language: str) -> str:
    options = "".join(
        f'<option value="{plain(value)}"{" selected" if value == wanted else ""}>{plain(text)}</option>'
        for value, text in choices(results, language)
    )
    label = plain(say("runs.show", language))
    return f'<label>{label} <select data-do="filter">{options}</select></label>'


def choices(results: Mapping[str, Any], language: str) -> Iterator[tuple[str, str]]:
    """(what `matching` reads, its name) of every filter that lets some question through."""
    yield "", say("runs.all", language, count=f"{len(results['per_question']):,}")
    if results["disagreements"]:
        yield "divided", say("runs.divided", language, count=f"{len(results['disagreements']):,}")
    for place, column in enumerate(results["columns"]):
        for kind in ("fixed", "broke"):
            ids = results["changes"].get(column["name"], {}).get(kind, [])
            if ids:
                words = say(f"runs.{kind}", language, name=column["name"], count=f"{len(ids):,}")
                yield f"{kind} {place}", words
    for place, (tag, told) in enumerate(results["tags"].items()):
        short = tag if len(tag) <= LONGEST_TAG else tag[: LONGEST_TAG - 1] + "…"
        yield f"tag {place}", say("runs.tag", language, tag=short, count=f"{told['n']:,}")


def _pager(seen: Seen, language: str) -> str:
    if not seen.count:
        return ""
    last = min(seen.start + A_PAGE, seen.count)
    words = say("runs.page", language, first=seen.start + 1, last=last, count=f"{seen.count:,}")
    back = _turn("previous", seen.start - A_PAGE, seen.start > 0, language)
    on = _turn("next", seen.start + A_PAGE, last < seen.count, language)
    return f'<p class="pager">{back}<span>{plain(words)}</span>{on}</p>'


def _turn(name: str, start: int, possible: bool, language: str) -> str:
    off = "" if possible else " disabled"
    words = plain(say(f"runs.{name}", language))
    return f'<button type="button" class="small" data-do="page" data-id="{start}"{off}>{words}</button>'

"""report.html: one page that needs nothing else, neither network nor script.

The page is a template of ours; all that comes from questions, answers and names goes in as data and is
escaped (jinja2's autoescape). The page's own policy names by its hash what may run or style, so that even a
text that got through could do nothing.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from chains.compare.cell import Cell
from chains.compare.experiment import Experiment
from chains.compare.question_set import Item
from chains.compare.report import numbers
from chains.compare.report.divided import asked, divided
from chains.compare.report.plot import HEIGHT, LEFT, WIDTH, Plot, plot, shortened
from chains.compare.report.remarks import judged_by, remarks
from chains.compare.report.sentences import against_baseline, headline, main_metric, sentence
from chains.compare.report.settings import brief, options, public
from chains.compare.report.table import letters
from chains.compare.report.words import Words
from chains.compare.stored import Cells

_FOLDER = Path(__file__).parent / "page"


def page(
    experiment: Experiment,
    cells: Cells,
    results: Mapping[str, Any],
    language: str,
    texts: bool = True,
) -> bytes:
    """The page in that language, UTF-8."""
    words = Words(language)
    style, script = asset("report.css") + asset("pieces.css"), asset("report.js")
    shown = divided(experiment, cells, results, words, texts)
    made = _template("report.html").render(
        _found(results, words, shown),
        style=style,
        script=script,
        policy=policy(style, script),
        divided=shown,
        texts=texts,
        specification=json.dumps(public(results, texts)["specification"], ensure_ascii=False, indent=2),
    )
    return made.encode("utf-8", "replace")


def summary(results: Mapping[str, Any], language: str) -> str:
    """What the page says above and below its questions, as HTML for another page that has pieces.css: all but
    the questions themselves, whose ids a button asks for (data-do="filter")."""
    return _template("summary.html").render(_found(results, Words(language), ()), embedded=True)


def question(
    item: Item,
    cells: Sequence[Cell],
    results: Mapping[str, Any],
    scores: Sequence[float | None],
    language: str,
) -> str:
    """One question with all its prompts and answers, as HTML for another page; `scores` are the columns'."""
    words = Words(language)
    one = asked(item, cells, scores, results, words)
    return _template("question.html").render(w=words, one=one, texts=True)


def head(item: Item, results: Mapping[str, Any], scores: Sequence[float | None], language: str) -> str:
    """The same question folded: its text, and a mark for each column."""
    one = asked(item, (), scores, results, Words(language))
    return _template("asked.html").render(one=one, texts=True)


def policy(style: str, script: str) -> str:
    """The Content-Security-Policy: our style and our script, nothing else, from nowhere."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _found(results: Mapping[str, Any], words: Words, shown: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the pieces of the page show; `shown` are the questions that stand on it."""
    main, metrics = main_metric(results), _metrics(results, words)
    return {
        "w": words,
        "n": numbers,
        "r": results,
        "headline": headline(results, words),
        "verdicts": against_baseline(results, words),
        "main": main,
        "main_metric": next((one for one in metrics if one["key"] == main), None),
        "metrics": metrics,
        "remarks": remarks(results, words),
        "judged_by": judged_by(results, words),
        "columns": _columns(results, words),
        "plots": _plots(results, words),
        "changes": _changes(results, [one["id"] for one in shown]),
        "tags": _tags(results),
        "pairs": [_pair(one, results, words) for one in results["pairs"]],
        "shortened": shortened,
        "size": {"width": WIDTH, "height": HEIGHT, "left": LEFT},
        "embedded": False,
    }


@cache
def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


@cache
def asset(name: str) -> str:
    """A file of the page's own: report.css, pieces.css, report.js."""
    return (_FOLDER / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _metrics(results: Mapping[str, Any], words: Words) -> list[dict[str, Any]]:
    return [
        {"key": key, "label": words.of(one["label"]), "unit": words.of(one["unit"]) or None}
        for key, one in results["metrics"].items()
    ]


def _columns(results: Mapping[str, Any], words: Words) -> list[dict[str, Any]]:
    """Ranked by the leading metric; those without a score last."""
    main = main_metric(results)
    ranked = [name for group in results["bands"].get(main or "", []) for name in group]
    place = {name: at for at, name in reversed(list(enumerate(ranked)))}
    scale = _scale(results, main)
    columns = [
        {
            **one,
            "brief": brief(one["settings"], words),
            "options": options(one["settings"], words),
            "letters": letters(results, main, one["name"]) if main else "",
            "bar": _bar(one["scores"][main], scale) if main else None,
        }
        for one in results["columns"]
    ]
    return sorted(columns, key=lambda one: place.get(one["name"], len(place)))


def _scale(results: Mapping[str, Any], metric: str | None) -> tuple[float, float]:
    """The ends of the intervals' common axis: 0 to 100 for shares, else what the values need."""
    if metric is None or results["metrics"][metric]["unit"] is None:
        return 0.0, 1.0
    ends = [one["scores"][metric][end] for one in results["columns"] for end in ("low", "high")]
    known = [end for end in ends if end is not None]
    return (min(known, default=0.0), max(known, default=1.0)) if len(set(known)) > 1 else (0.0, 1.0)


def _bar(score: Mapping[str, Any], scale: tuple[float, float]) -> dict[str, float] | None:
    """The interval on an axis from 0 to 200."""
    if score["mean"] is None:
        return None
    low, high = scale
    return {key: round(200 * (score[key] - low) / (high - low), 1) for key in ("mean", "low", "high")}


def _plots(results: Mapping[str, Any], words: Words) -> list[tuple[str, Plot]]:
    metric = results["deciding"]
    if metric is None:
        return []
    label = words.of(results["metrics"][metric]["label"])
    drawn = [(words(f"by_{cost}", metric=label), plot(results, metric, cost)) for cost in results["pareto"]]
    return [(title, one) for title, one in drawn if one is not None]


def _changes(results: Mapping[str, Any], shown: list[str]) -> list[dict[str, Any]]:
    """Each with bars on an axis that the largest fills, and its ids: those on the page by their place."""
    place = {key: at for at, key in enumerate(shown, start=1)}
    counts = [len(ids) for one in results["changes"].values() for ids in one.values()]
    largest = max(counts, default=0) or 1
    return [
        {
            "name": name,
            "place": [one["name"] for one in results["columns"]].index(name),
            **{
                kind: {
                    "count": len(ids),
                    "width": round(100 * len(ids) / largest, 1),
                    "ids": [(key, place.get(key)) for key in ids],
                }
                for kind, ids in changed.items()
            },
        }
        for name, changed in results["changes"].items()
    ]


def _tags(results: Mapping[str, Any]) -> list[dict[str, Any]]:
    main = main_metric(results)
    if main is None:
        return []
    names = [one["name"] for one in results["columns"]]
    return [
        {"tag": tag, "n": one["n"], "scores": [one["scores"][name][main] for name in names]}
        for tag, one in results["tags"].items()
    ]


def _pair(pair: Mapping[str, Any], results: Mapping[str, Any], words: Words) -> dict[str, Any]:
    unit = words.of(results["metrics"][pair["metric"]]["unit"]) or None
    decided = pair["verdict"] in ("a", "b")
    more = pair["more_questions"]
    over = words("over", n=f"{results['statistics']['most_more_questions']:,}")
    return {
        **pair,
        "label": words.of(results["metrics"][pair["metric"]]["label"]),
        "sentence": sentence(pair, results, words),
        "difference": numbers.value(pair["difference"], unit, signed=True),
        "low": numbers.value(pair["low"], unit, signed=True),
        "high": numbers.value(pair["high"], unit, signed=True),
        "decided": decided,
        "winner": pair[pair["verdict"]] if decided else words("undecided"),
        "more": "" if decided else over if more is None else f"{more:,}",
        "p_text": numbers.p_value(pair["p_holm"]),
    }

"""report.md: the findings without the questions' texts."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from chains.compare.report.numbers import amount, memory, p_value, range_of, value
from chains.compare.report.remarks import judged_by, remarks
from chains.compare.report.sentences import against_baseline, headline, main_metric, sentence
from chains.compare.report.settings import brief, options, public
from chains.compare.report.table import letters
from chains.compare.report.words import Words
from chains.compare.results import cost_per_answer

# Mark-up, HTML, and what readers make links of by themselves.
_SPECIAL = re.compile(r"([\\`*_\[\]|~<>&$@]|(?<=\bwww)\.|:(?=//)|\A[#+=-]|(?<=\A\d)[.)])")


def markdown(results: Mapping[str, Any], language: str, texts: bool = True) -> str:
    """The text of the file."""
    words = Words(language)
    asked = results["questions"]
    repeats = words("once") if results["repeats"] == 1 else words("repeated", n=results["repeats"])
    facts = words("facts", questions=f"{asked['count']:,}", columns=len(results["columns"]), repeats=repeats)
    parts = [
        f"# {plain(words('title', name=asked['name']))}",
        facts + (f" · {plain(words('licence', licence=asked['licence']))}" if asked["licence"] else ""),
        f"## {words('found')}",
        f"**{plain(headline(results, words))}**",
        "\n".join(f"- {plain(one.text)}" for one in against_baseline(results, words)),
        f"## {words('scores')}",
        _scores(results, words),
        "\n".join(f"- {plain(one)}" for one in remarks(results, words)),
        _changes(results, words),
        _tags(results, words),
        _spread(results, words),
        _judge(results, words),
        f"## {words('pairs')}",
        words("pairs_help", family=len(results["pairs"])),
        _pairs(results, words),
        *_run(results, words, texts),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def plain(text: str) -> str:
    """A text that Markdown shows as it is: no mark-up, no HTML, one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _scores(results: Mapping[str, Any], words: Words) -> str:
    metrics, main = results["metrics"], main_metric(results)
    heads = [words("column"), words("band"), *(plain(words.of(one["label"])) for one in metrics.values())]
    heads += [words("tokens_each"), words("seconds_each"), words("memory")]
    rows = []
    for column in results["columns"]:
        row = [plain(column["name"]), letters(results, main, column["name"]) if main else ""]
        for key, one in metrics.items():
            unit = words.of(one["unit"]) or None
            score = column["scores"][key]
            row.append(f"{value(score['mean'], unit)} ({range_of(score, unit)})")
        row += [amount(cost_per_answer(column, "tokens")), amount(cost_per_answer(column, "seconds"))]
        rows.append([*row, memory(column["cost"]["peak_memory_bytes"])])
    return _table(heads, rows)


def _changes(results: Mapping[str, Any], words: Words) -> str:
    if not results["changes"]:
        return ""
    rows = [
        [plain(name), str(len(one["fixed"])), str(len(one["broke"]))]
        for name, one in results["changes"].items()
    ]
    title = plain(words("changed", baseline=results["baseline"]))
    return f"## {title}\n\n" + _table([words("column"), words("fixed"), words("broke")], rows)


def _tags(results: Mapping[str, Any], words: Words) -> str:
    main = main_metric(results)
    if not results["tags"] or main is None:
        return ""
    unit = words.of(results["metrics"][main]["unit"]) or None
    names = [one["name"] for one in results["columns"]]
    rows = [
        [plain(tag), str(one["n"]), *(value(one["scores"][name][main]["mean"], unit) for name in names)]
        for tag, one in results["tags"].items()
    ]
    return f"## {words('tags')}\n\n" + _table([words("tag"), words("n"), *map(plain, names)], rows)


def _spread(results: Mapping[str, Any], words: Words) -> str:
    main = main_metric(results)
    if not results["spread"] or main is None:
        return ""
    unit = words.of(results["metrics"][main]["unit"]) or None
    rows = [
        [plain(name), value(one[main]["between_questions"], unit), value(one[main]["between_repeats"], unit)]
        for name, one in results["spread"].items()
        if main in one
    ]
    heads = [words("column"), words("between_questions"), words("between_repeats")]
    return f"## {words('spread')}\n\n" + _table(heads, rows)


def _judge(results: Mapping[str, Any], words: Words) -> str:
    if not results["judge"]:
        return ""
    rows = [
        [
            plain(name),
            str(one["n"]),
            value(one["share"]),
            value(one["kappa"], "kappa"),
            str(one["unreadable"]),
        ]
        for name, one in results["judge"].items()
    ]
    heads = [words(key) for key in ("column", "answers", "agreed", "kappa", "unreadable")]
    by = plain(judged_by(results, words))
    told = f"{by}\n\n" if by else ""
    return f"## {words('judge')}\n\n{words('judge_help')}\n\n{told}" + _table(heads, rows)


def _pairs(results: Mapping[str, Any], words: Words) -> str:
    rows = []
    for one in results["pairs"]:
        metric = results["metrics"][one["metric"]]
        unit = words.of(metric["unit"]) or None
        interval = f"{value(one['low'], unit, signed=True)} … {value(one['high'], unit, signed=True)}"
        difference = f"{value(one['difference'], unit, signed=True)} ({interval})"
        names = f"{plain(one['a'])} − {plain(one['b'])}"
        said = plain(sentence(one, results, words))
        rows.append([names, plain(words.of(metric["label"])), difference, p_value(one["p_holm"]), said])
    heads = [words("column"), "", words("difference"), words("p"), words("verdict")]
    return _table(heads, rows) if rows else ""


def _run(results: Mapping[str, Any], words: Words, texts: bool) -> list[str]:
    """Method, settings, versions, the specification and the command."""
    numbers = results["statistics"]
    method = words(
        "method_text",
        resamples=f"{numbers['resamples']:,}",
        power=round(numbers["power"] * 100),
        seed=numbers["seed"],
    )
    each = [
        f"- {plain(one['name'])}: {plain(brief(one['settings'], words))} ({options(one['settings'], words)})"
        for one in results["columns"]
    ]
    specification = json.dumps(public(results, texts)["specification"], ensure_ascii=False, indent=2)
    return [
        f"## {words('method')}",
        method,
        f"## {words('settings')}",
        "\n".join(each),
        words("fingerprint", mark=results["questions"]["fingerprint"]),
        f"{words('versions')}: " + ", ".join(f"{name} {one}" for name, one in results["versions"].items()),
        f"## {words('repeat_it')}",
        words("repeat_text"),
        f"    {results['command']}",
        "\n".join("    " + line for line in specification.splitlines()),
    ]

"""Verdicts in plain words."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from chains.compare.pairs import NO_DIFFERENCE
from chains.compare.report.numbers import about, amount, p_value, value
from chains.compare.report.remarks import unanswered
from chains.compare.report.words import Words

Results = Mapping[str, Any]


class Verdict(NamedTuple):
    """One sentence, and how it turned out for the column that is compared with the baseline."""

    kind: str
    """ "better", "worse", "same" or "unanswered"."""
    text: str


def main_metric(results: Results) -> str | None:
    """The metric the report leads with: the deciding one, else the first of which one side is better."""
    deciding: str | None = results["deciding"]
    return deciding or next(iter(results["bands"]), None)


def headline(results: Results, words: Words) -> str:
    """Who is ahead, in one sentence."""
    metric = main_metric(results)
    groups = results["bands"].get(metric, []) if metric else []
    if not groups:
        return words("unscored")
    top = groups[0][0]
    alike = dict.fromkeys(name for group in groups if top in group for name in group)
    beside = [name for name in alike if name != top]
    scored = {name for group in groups for name in group}
    if len(scored) == 1:
        return words("alone", top=top)
    if not beside:
        return words("ahead" if len(scored) == len(results["columns"]) else "ahead_scored", top=top)
    if len(groups) == 1:
        return words("nothing")
    return words("shared", top=top, others=", ".join(beside))


def against_baseline(results: Results, words: Words) -> list[Verdict]:
    """A sentence for each column, on the leading metric, the best first; those without answers last."""
    metric, baseline = main_metric(results), results["baseline"]
    pairs = [one for one in results["pairs"] if one["metric"] == metric and baseline in (one["a"], one["b"])]
    gains = sorted(pairs, key=lambda one: -_gain(one, baseline, results))
    missing = [said for one in results["columns"] if (said := unanswered(one, words))]
    return [
        *(Verdict(_kind(one, baseline), sentence(one, results, words)) for one in gains),
        *(Verdict("unanswered", said) for said in missing),
    ]


def sentence(pair: Mapping[str, Any], results: Results, words: Words) -> str:
    """One pair in plain words, the better column first."""
    metric = results["metrics"][pair["metric"]]
    unit = words.of(metric["unit"]) or None
    if pair["verdict"] == NO_DIFFERENCE:
        low, high = (value(pair[end], unit, signed=True) for end in ("low", "high"))
        corrected = pair["low"] > 0 or pair["high"] < 0
        return words(
            "same_corrected" if corrected else "same",
            a=pair["a"],
            b=pair["b"],
            low=low,
            high=high,
            settle=_settle(pair, results, words),
            family=results["statistics"]["family"],
        )
    better, worse = (pair["a"], pair["b"]) if pair["verdict"] == "a" else (pair["b"], pair["a"])
    least, most = _facing(pair)
    if unit is None:
        return words(
            "better", a=better, b=worse, points=_points(abs(pair["difference"])), low=_points(least),
            high=_points(most), p=p_value(pair["p_holm"]),
        )  # fmt: skip
    return words(
        "better_unit", a=better, b=worse, amount=amount(abs(pair["difference"])), unit=unit,
        low=value(least, unit), high=value(most, unit), p=p_value(pair["p_holm"]),
    )  # fmt: skip


def all_sentences(results: Results, words: Words) -> Iterator[str]:
    """Of every pair on every metric."""
    for pair in results["pairs"]:
        yield sentence(pair, results, words)


def _facing(pair: Mapping[str, Any]) -> tuple[float, float]:
    """The interval, turned so that the observed difference is positive."""
    low, high = pair["low"], pair["high"]
    return (low, high) if pair["difference"] > 0 else (-high, -low)


def _points(share: float) -> str:
    """Whole points where they say enough."""
    points = share * 100
    text = f"{points:.0f}" if abs(points) >= 9.95 else f"{points:.1f}"
    return text.removesuffix(".0").replace("-", "−")


def _settle(pair: Mapping[str, Any], results: Results, words: Words) -> str:
    if pair["difference"] == 0:
        return words("identical")
    if pair["more_questions"] is None:
        return words("hopeless", n=f"{results['statistics']['most_more_questions']:,}")
    return words("settle", n=about(pair["more_questions"]))


def _kind(pair: Mapping[str, Any], baseline: str) -> str:
    if pair["verdict"] == NO_DIFFERENCE:
        return "same"
    winner = pair[pair["verdict"]]
    return "worse" if winner == baseline else "better"


def _gain(pair: Mapping[str, Any], baseline: str, results: Results) -> float:
    gain: float = pair["difference"] if pair["b"] == baseline else -pair["difference"]
    return -gain if results["metrics"][pair["metric"]]["better"] == "lower" else gain

"""Runs of comparisons as HTML: the list, one run with its progress, an estimate. Pure functions; clicks are
static/runs.js."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.compare.run_folders import DOWNLOADS, Run
from app.locales import pick, say
from app.marked import plain

ACTIVE = ("waiting", "running")
COLUMNS = ("name", "asked", "columns", "state")
ESTIMATED = ("column", "kept", "calls", "prompt", "completion", "time")


def runs(found: Sequence[Run], progress: Mapping[str, Any], opened: str, language: str) -> str:
    """A row for each run; what to do where there is none. `progress` is that of the one that runs."""
    if not found:
        return f'<div class="none"><p>{plain(say("runs.none", language))}</p></div>'
    heads = "".join(f'<th scope="col">{plain(say(f"runs.{name}", language))}</th>' for name in COLUMNS)
    rows = "".join(_row(one, progress, one.id == opened, language) for one in found)
    new = f'<button type="button" class="small" data-do="close">{plain(say("runs.new", language))}</button>'
    table = f'<table class="runs"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    return f'{table}<p class="acts">{new}</p>' if opened else table


def head(run: Run, progress: Mapping[str, Any], command: str, has_results: bool, language: str) -> str:
    """One run: what it asks, how far it is, what can be done with it."""
    facts = (
        _time(run.created),
        plain(run.asked),
        plain(say("runs.size", language, questions=f"{run.questions:,}", columns=len(run.columns))),
    )
    return (
        f'<header class="run"><h2>{plain(run.name)}</h2><p class="remark">{" · ".join(facts)}</p>'
        f'<p class="state is-{run.state}">{plain(state(run, progress, language))}</p>'
        f"{_reason(run, language)}{_bars(run, progress, language)}{_buttons(run, language)}"
        f"{_downloads(language) if has_results else ''}{_command(command, language)}</header>"
    )


def state(run: Run, progress: Mapping[str, Any], language: str) -> str:
    """How it is, in words; while it runs, how much of it is done and when it will be."""
    if run.state != "running":
        return say(f"runs.state.{run.state}", language)
    told = str(progress.get("state") or "")
    if told in ("judging", "scoring"):
        return say(f"runs.{told}", language)
    if progress.get("loading") is not None:
        return say(
            "runs.loading", language, model=progress.get("model") or "", percent=_percent(progress["loading"])
        )
    done, total = _sums(progress)
    if not total:
        return say("runs.beginning", language)
    parts = [say("runs.answered", language, done=f"{done:,}", total=f"{total:,}")]
    left, speed = progress.get("left_s"), progress.get("tokens_per_s")
    if left is not None:
        parts.append(say("runs.left", language, time=duration(left, language)))
    if speed:
        parts.append(say("runs.speed", language, speed=f"{speed:,.0f}"))
    return " · ".join(parts)


def duration(seconds: float, language: str) -> str:
    """As a person says it: "40 s", "12 min", "3 h 20 min"."""
    minutes = round(seconds / 60)
    if seconds < 100:
        return say("runs.seconds", language, count=max(1, round(seconds)))
    if minutes < 60:
        return say("runs.minutes", language, count=minutes)
    return say("runs.hours", language, hours=minutes // 60, minutes=minutes % 60)


def estimated(found: Mapping[str, Any], language: str) -> str:
    """What a run would cost: a row for each column, and the sum in words."""
    heads = "".join(
        f'<th scope="col"{_number(name != "column")}>{plain(say(f"runs.cost.{name}", language))}</th>'
        for name in ESTIMATED
    )
    judging = [found["judge"] | {"column": say("runs.cost.judge", language)}] if found.get("judge") else []
    told = [*found["estimate"], *judging]
    rows = "".join(_cost(one, language) for one in told)
    calls = sum(one["calls"] for one in told)
    tokens = sum(one["prompt_tokens"] + one["completion_tokens"] for one in told)
    words = say("runs.cost.nothing", language)
    if calls:
        values = {
            "calls": f"{calls:,}",
            "tokens": f"{tokens:,}",
            "time": duration(found["seconds"], language),
        }
        words = say("runs.cost.sum", language, **values)
    unmeasured = any(one["calls"] and not one["measured"] for one in told)
    note = f'<p class="remark">{plain(say("runs.cost.unmeasured", language))}</p>' if unmeasured else ""
    return (
        f'<section class="estimate"><p class="sum">{plain(words)}</p>{note}<div class="wide"><table>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def adding(run: Run, language: str) -> str:
    """That the form adds columns to a run."""
    words = plain(say("runs.adding", language, name=run.name))
    button = (
        f'<button type="button" class="small" data-do="cancel">{plain(say("runs.cancel", language))}</button>'
    )
    return f'<p class="adding" data-adding>{words} {button}</p>'


def busy(words: str) -> str:
    """Something is under way."""
    return f'<p class="waiting" aria-busy="true">{plain(words)}</p>'


def problem(words: str) -> str:
    """Something went wrong."""
    return f'<p class="reason">{plain(words)}</p>' if words else ""


def _row(run: Run, progress: Mapping[str, Any], opened: bool, language: str) -> str:
    own = progress if run.state == "running" else {}
    mark = ' aria-current="true"' if opened else ""
    label = plain(say("runs.open", language, name=run.name))
    opens = f'class="open" data-do="open" data-id="{run.id}" aria-label="{label}"'
    count = plain(say("runs.questions", language, count=f"{run.questions:,}"))
    return (
        f'<tr{mark} data-state="{run.state}"><th scope="row"><button type="button" {opens}>{plain(run.name)}'
        f"</button><small>{_time(run.created)}</small></th><td>{plain(run.asked)}<small>{count}</small></td>"
        f'<td class="names">{plain(", ".join(run.columns))}</td>'
        f'<td><span class="state is-{run.state}">{plain(state(run, own, language))}</span></td></tr>'
    )


def _reason(run: Run, language: str) -> str:
    words = [pick(run.reason, language)] if run.reason else []
    return "".join(problem(one) for one in [*words, *run.remarks])


def _bars(run: Run, progress: Mapping[str, Any], language: str) -> str:
    """How far each column is, while the run is not finished."""
    told = progress.get("columns") or {}
    if run.state == "finished" or not told:
        return ""
    at_work = _at_work(progress, language)
    rows = "".join(
        _bar(name, one, at_work if name == progress.get("column") else None, language)
        for name, one in told.items()
    )
    return f'<ul class="bars">{rows}</ul>'


def _at_work(progress: Mapping[str, Any], language: str) -> list[str]:
    """How far the questions are that are being answered together now."""
    if not progress.get("calls"):
        return []
    values = {"calls": f"{progress['calls']:,}", "asked": f"{progress['asked']:,}"}
    return [say("runs.at_work", language, **values)]


def _bar(name: str, told: Mapping[str, int], at_work: list[str] | None, language: str) -> str:
    """`at_work`: what is said of the column that is being answered, None for the others."""
    done, total = told.get("done", 0), max(1, told.get("total", 0))
    besides = [key for key in ("kept", "failed") if told.get(key)]
    facts = [
        f"{done:,} / {total:,}",
        *(say(f"runs.{key}", language, count=f"{told[key]:,}") for key in besides),
        *(at_work or ()),
    ]
    mark = ' class="now"' if at_work is not None else ""
    return (
        f'<li{mark}><span class="name">{plain(name)}</span><progress max="{total}" value="{done}" '
        f'aria-label="{plain(name)}"></progress><span class="facts">{plain(" · ".join(facts))}</span></li>'
    )


def _buttons(run: Run, language: str) -> str:
    made = []
    if run.state in ACTIVE:
        made.append(_button("stop", run, language))
    else:
        begin = {"new": "begin", "finished": "again"}.get(run.state, "resume")
        made += [_button("resume", run, language, begin), _button("add", run, language)]
    named = f'data-id="{run.id}" data-name="{plain(run.name)}"'
    made.append(
        f'<button type="button" class="small" data-do="rename" {named}>'
        f"{plain(say('runs.rename', language))}</button>"
    )
    if run.state not in ACTIVE:
        made.append(
            '<button type="button" class="small danger" data-do="delete" data-sure="runs.delete_sure" '
            f"{named}>{plain(say('runs.delete', language))}</button>"
        )
    made.append(_button("close", run, language))
    return f'<p class="acts">{"".join(made)}</p>'


def _button(do: str, run: Run, language: str, words: str = "") -> str:
    kind = "small strong" if do in ("resume", "stop") and run.state != "finished" else "small"
    text = plain(say(f"runs.{words or do}", language))
    return f'<button type="button" class="{kind}" data-do="{do}" data-id="{run.id}">{text}</button>'


def _downloads(language: str) -> str:
    buttons = "".join(
        f'<button type="button" class="small" data-do="download" data-id="{name}">{plain(name)}</button>'
        for name in DOWNLOADS
    )
    return f'<p class="files"><span>{plain(say("runs.files", language))}</span>{buttons}</p>'


def _command(command: str, language: str) -> str:
    return (
        f'<details class="fold"><summary>{plain(say("runs.command", language))}</summary><div class="folded">'
        f'<pre class="command">{plain(command)}</pre><button type="button" class="small" data-do="copy">'
        f"{plain(say('runs.copy', language))}</button></div></details>"
    )


def _cost(one: Mapping[str, Any], language: str) -> str:
    name = f'<th scope="row">{plain(one["column"])}</th>'
    if one["problem"]:
        return f'<tr>{name}<td colspan="{len(ESTIMATED) - 1}">{problem(one["problem"])}</td></tr>'
    cells = (
        f"{one['kept']:,} / {one['cells']:,}",
        *(f"{one[key]:,}" for key in ("calls", "prompt_tokens", "completion_tokens")),
        duration(one["seconds"], language) if one["calls"] else "–",
    )
    return f"<tr>{name}{''.join(f'<td{_number()}>{plain(cell)}</td>' for cell in cells)}</tr>"


def _number(is_one: bool = True) -> str:
    return ' class="number"' if is_one else ""


def _sums(progress: Mapping[str, Any]) -> tuple[int, int]:
    told = (progress.get("columns") or {}).values()
    return sum(one.get("done", 0) for one in told), sum(one.get("total", 0) for one in told)


def _percent(fraction: float) -> int:
    return round(100 * min(1.0, max(0.0, float(fraction))))


def _time(created: str) -> str:
    return f'<time datetime="{plain(created)}">{plain(created)}</time>'

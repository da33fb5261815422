"""Answers side by side, as HTML: a card a column, what they are compared with, votes. Pure functions.

What differs is marked by a line and a background for words that only this answer has, and struck through for
words that only the reference has: never by colour alone.
"""

from collections.abc import Mapping

from app.compare.compared import EQUAL, Compared, Told, differences_of
from app.compare.lanes import Lane, State
from app.errors import message_of
from app.locales import pick, say
from app.marked import plain, rich
from app.model_state import STEPS
from app.show import body, place_of
from app.show_steps import fold
from chains.compare.differences import Difference
from chains.compare.metrics import metric
from chains.question import Answer
from vectorstore.passage import Passage

Scores = Mapping[str, float]
SHARES = ("token_f1",)


def card(lane: Lane, language: str, public: bool = False, scores: Scores | None = None) -> str:
    """One column as it goes on."""
    problem = message_of(lane.error, language, public) if lane.error is not None else ""
    reason = _reason(lane.state, lane.answer, problem, language)
    waits = waiting(lane, language)
    return _card(
        lane.column.name, reason + _answer(lane.answer, lane.ended, waits, language, scores), lane.ended
    )


def kept_card(told: Told, language: str, scores: Scores | None = None) -> str:
    """One column of a comparison that the browser kept."""
    problem = pick(told.problem, language) if told.problem is not None else ""
    reason = _reason(told.state, told.answer, problem, language)
    return _card(pick(told.name, language), reason + _answer(told.answer, True, "", language, scores), True)


def _card(name: str, content: str, ended: bool) -> str:
    return (
        f'<article class="card turn" aria-busy="{str(not ended).lower()}"><header>'
        f'<h3 dir="auto">{plain(name)}</h3></header>{content}</article>'
    )


def _answer(answer: Answer | None, ended: bool, waits: str, language: str, scores: Scores | None) -> str:
    """The answer with its passages, scores, room for the differences, and what can be done with it."""
    return (
        f"{body(answer, language, waits, _seconds(answer, language))}"
        f"{_given(answer, language) if ended else ''}"
        f'{scores_html(scores or {}, language)}<div class="differences"></div>'
        f"{_tools(answer, language) if ended else ''}"
    )


def waiting(lane: Lane, language: str) -> str:
    """What is being waited for, in words; "" once there is nothing to wait for."""
    if lane.ended:
        return ""
    if lane.state == "loading":
        step = lane.step if lane.step in STEPS else "waiting"
        return f"{say(f'model.{step}', language)} {round(100 * min(1.0, max(0.0, lane.fraction)))} %"
    if lane.place:
        return say("waiting.turn", language, place=lane.place)
    if lane.state == "waiting":
        return say("compare.waiting", language)
    if lane.answer is None:
        return say("waiting.search" if lane.column.collection else "waiting.start", language)
    return pick(lane.answer.waiting, language) if lane.answer.waiting else say("waiting.reading", language)


def patches(compared: Compared, language: str) -> list[list[str | None]]:
    """Of every card what changes with the reference: [the text, what is said of the differences]."""
    reference = pick(compared.columns[compared.against].name, language) if compared.columns else ""
    found: list[list[str | None]] = []
    for at, (told, differs) in enumerate(zip(compared.columns, differences_of(compared), strict=True)):
        added = differs.added if differs is not None else ()
        text = None if told.text is None else rich(told.text, told.sentences, language, added)
        is_reference = at == compared.against and len(compared.answered) > 1
        found.append([text, differences_html(differs, reference, is_reference, language)])
    return found


def differences_html(differs: Difference | None, reference: str, is_reference: bool, language: str) -> str:
    """In a line how much is alike; folded, every difference."""
    if differs is None:
        words = say("compare.is_reference", language) if is_reference else ""
        return f'<p class="remark">{plain(words)}</p>' if words else ""
    if not differs.missing and not differs.new:
        return f'<p class="remark">{plain(say("compare.same", language, name=reference))}</p>'
    alike = say("compare.alike", language, name=reference, percent=f"{differs.alike * 100:.0f}")
    counts = say("compare.counts", language, added=differs.new, missing=differs.missing)
    pieces = "".join(_piece(one.kind, one.text) for one in differs.pieces)
    every = f'<p class="pieces" dir="auto">{pieces}</p>'
    return fold("words", f"{alike} · {counts}", every)


def scores_html(scores: Scores, language: str) -> str:
    """Each metric's name and value: yes or no, or a share."""
    told = [
        f"<span>{plain(pick(metric(key).label, language))}: {plain(_score(key, value, language))}</span>"
        for key, value in scores.items()
    ]
    return f'<p class="facts scores">{" · ".join(told)}</p>' if told else ""


def bar(compared: Compared, language: str) -> str:
    """Which answer the others are compared with, how differences are marked, and a way to put it all away."""
    against = _against(compared, language) if len(compared.answered) > 1 else ""
    words = plain(say("compare.clear", language))
    return f'{against}<button type="button" class="quiet" data-do="clear">{words}</button>'


def _against(compared: Compared, language: str) -> str:
    options = "".join(
        f'<option value="{at}"{" selected" if at == compared.against else ""}>'
        f"{plain(pick(compared.columns[at].name, language))}</option>"
        for at in compared.answered
    )
    return (
        f"<label>{plain(say('compare.against', language))} "
        f'<select data-do="against">{options}</select></label>'
        f'<span class="legend"><ins class="other">{plain(say("compare.legend", language))}</ins> '
        f"<del>{plain(say('compare.legend_missing', language))}</del></span>"
    )


def ballot(compared: Compared, language: str) -> str:
    """Which answer is best: a button each; what was chosen is marked by a sign and told."""
    if len(compared.answered) < 2:
        return ""
    choices = [(str(at), pick(compared.columns[at].name, language)) for at in compared.answered]
    buttons = "".join(
        _choice(value, name, compared.voted)
        for value, name in [*choices, (EQUAL, say("compare.equal", language))]
    )
    title = plain(say("compare.best", language))
    return f'<section class="ballot"><h3>{title}</h3><div>{buttons}</div></section>'


def _choice(value: str, name: str, voted: str) -> str:
    mine = value == voted
    state = f'aria-pressed="{str(mine).lower()}"{" disabled" if voted else ""}'
    said = f"{'✓ ' if mine else ''}{plain(name)}"
    return f'<button type="button" data-do="vote" data-id="{value}" {state}>{said}</button>'


def _reason(state: State, answer: Answer | None, problem: str, language: str) -> str:
    if problem:
        return f'<p class="reason" role="alert">{plain(problem)}</p>'
    if state == "stopped" and answer is None:
        return f'<p class="remark">{plain(say("compare.never_began", language))}</p>'
    return ""


def _seconds(answer: Answer | None, language: str) -> list[str]:
    """Seconds in all."""
    total = answer.timings.total_s if answer is not None and answer.done else None
    return [say("compare.seconds", language, seconds=f"{total:.1f}")] if total is not None else []


def _given(answer: Answer | None, language: str) -> str:
    """The passages that the model was given."""
    if answer is None or not answer.passages:
        return ""
    items = "".join(
        f"<li>{_passage(at, one, language)}</li>" for at, one in enumerate(answer.passages, start=1)
    )
    return fold("given", say("compare.passages", language, count=len(answer.passages)), f"<ol>{items}</ol>")


def _passage(at: int, passage: Passage, language: str) -> str:
    text = f'<blockquote dir="auto">{plain(passage.text)}</blockquote>'
    return fold(f"given-{at}", " · ".join(place_of(passage, language)), text)


def _piece(kind: str, text: str) -> str:
    if kind == "added":
        return f'<ins class="other">{plain(text)}</ins>'
    return f"<del>{plain(text)}</del> " if kind == "missing" else plain(text)


def _score(key: str, value: float, language: str) -> str:
    if key in SHARES:
        return f"{value * 100:.0f} %"
    return say("compare.yes" if value == 1 else "compare.no", language)


def _tools(answer: Answer | None, language: str) -> str:
    if answer is None or not answer.text:
        return ""
    copy = f'<button type="button" data-do="copy">{plain(say("turn.copy", language))}</button>'
    return f'<div class="tools">{copy}</div>'

"""The quality and speed cards side by side, as HTML. Pure functions."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from app.locales import pick, say
from app.marked import plain
from app.measurement import Measurement
from app.measuring import Board, Row, reference
from app.naming import engine_name, precision_name
from app.show_documents import size

if TYPE_CHECKING:
    from adapters.card import Card, Flip

LOADING = ("checking", "converting", "optimizing", "downloading", "loading")
STEPS = (*LOADING, "perplexity", "prefill", "decode", "answers")
COLUMNS = ("choice", "perplexity", "prefill", "decode", "memory", "right", "flips")
Best = tuple[Callable[["Card"], float | None], bool]
BEST: dict[str, Best] = {
    "perplexity": (lambda card: card.perplexity, False),
    "prefill": (lambda card: card.prefill_per_s, True),
    "decode": (lambda card: card.decode_per_s, True),
    "memory": (lambda card: card.memory_bytes, False),
}
"""Of each figure: how to read it, and whether more is better."""


def cards(measured: Measurement, language: str) -> str:
    """A row a choice, the best figure of each column in bold; below, the answers that changed."""
    board, running = measured.board, measured.running
    if not board:
        return ""
    heads = "".join(f'<th scope="col">{plain(say(f"card.{name}", language))}</th>' for name in COLUMNS)
    best = {name: _best(board, name) for name in BEST}
    rows = "".join(_row(row, measured, best, language) for row in board)
    mark = ' aria-busy="true"' if running else ""
    table = f'<table class="cards"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    notes = "" if running else _notes(measured, language)
    return f'<div class="wide"{mark}>{table}</div>{notes}{_flipped(board, language)}'


def _notes(measured: Measurement, language: str) -> str:
    """How the figures are to be read, and of when they are: they outlive the page."""
    words = plain(f"{say('card.notes', language)} {say('models.measured_note', language)}")
    if measured.ended is not None:
        stamp = plain(measured.ended.isoformat(timespec="seconds"))
        words += f' {plain(say("card.ended", language))} <time datetime="{stamp}">{stamp}</time>'
    return f'<p class="remark">{words}</p>'


def _best(board: Board, name: str) -> float | None:
    read, more = BEST[name]
    values = [value for row in board if row.card and (value := read(row.card)) is not None]
    if len(values) < 2:
        return None
    return max(values) if more else min(values)


def _row(row: Row, measured: Measurement, best: dict[str, float | None], language: str) -> str:
    title = f'<th scope="row">{_title(row, language)}</th>'
    if row.card is None:
        state = _state(row, measured.running, language)
        return f'<tr>{title}<td colspan="{len(COLUMNS) - 1}">{state}</td></tr>'
    against = reference(row, measured.board)
    cells = "".join(
        f'<td class="number">{_emphasised(words, name, row.card, best)}'
        f"{_counted_against(row.card, against, language) if name == 'flips' else ''}</td>"
        for name, words in _figures(row.card, against, language)
    )
    return f"<tr>{title}{cells}</tr>"


def _counted_against(card: "Card", against: "Card | None", language: str) -> str:
    """The rows of one column may have different references, so each names its own."""
    if against is None:
        return ""
    words = say("card.against", language, name=_reference_name(card, against, language))
    return f"<small>{plain(words)}</small>"


def _reference_name(card: "Card", against: "Card", language: str) -> str:
    """Its precision, and its adapter; that it has none where the row has one."""
    adapter = against.adapter or (say("card.bare", language) if card.adapter else "")
    return " · ".join(filter(None, [precision_name(against.precision, language), adapter]))


def _title(row: Row, language: str) -> str:
    engine = row.card and engine_name(row.card.engine, language)
    adapter = row.spec.adapter and say("facts.adapter", language, name=row.spec.adapter)
    facts = [
        precision_name(row.card.precision if row.card else row.spec.precision, language),
        engine,
        adapter,
    ]
    return f"{plain(row.spec.id)}<small>{plain(' · '.join(fact for fact in facts if fact))}</small>"


def _state(row: Row, running: bool, language: str) -> str:
    if row.failed is not None:
        return f'<p class="reason">{plain(pick(row.failed.reason, language))}</p>'
    if not running:
        return plain(say("card.stopped", language))
    if row.progress is None:
        return plain(say("card.waiting", language))
    step = row.progress.step if row.progress.step in STEPS else "loading"
    percent = round(100 * min(1.0, max(0.0, row.progress.fraction)))
    return (
        f"{plain(say(f'card.step.{step}', language))} "
        f'<progress max="100" value="{percent}">{percent}%</progress>'
    )


def _figures(card: "Card", against: "Card | None", language: str) -> Iterable[tuple[str, str]]:
    yield "perplexity", _perplexity(card, against)
    yield "prefill", f"{card.prefill_per_s:,.0f}"
    yield "decode", "–" if card.decode_per_s is None else f"{card.decode_per_s:,.0f}"
    yield "memory", "–" if card.memory_bytes is None else size(card.memory_bytes)
    expected = sum(question.answer is not None for question in card.questions)
    yield "right", f"{card.right} / {expected}" if expected else "–"
    yield "flips", "–" if against is None else f"{len(_flips(card, against))} / {len(card.questions)}"


def _perplexity(card: "Card", against: "Card | None") -> str:
    if card.perplexity is None:
        return "–"
    if against is None or not against.perplexity:
        return f"{card.perplexity:.2f}"
    return f"{card.perplexity:.2f} ({100 * (card.perplexity / against.perplexity - 1):+.1f}%)"


def _emphasised(words: str, name: str, card: "Card", best: dict[str, float | None]) -> str:
    if name in BEST and best[name] is not None and BEST[name][0](card) == best[name]:
        return f"<strong>{plain(words)}</strong>"
    return plain(words)


def _flips(card: "Card", against: "Card") -> "list[Flip]":
    from adapters.card import flips

    return flips(card, against)


def _flipped(board: Board, language: str) -> str:
    return "".join(_changed(row, board, language) for row in board)


def _changed(row: Row, board: Board, language: str) -> str:
    against = reference(row, board)
    if row.card is None or against is None:
        return ""
    changes = _flips(row.card, against)
    if not changes:
        return ""
    name = _reference_name(row.card, against, language)
    items = "".join(_flip(one, name, language) for one in changes)
    title = say("card.changed", language, name=_name(row, language), reference=name, count=len(changes))
    return (
        f'<details class="fold flips" data-fold="flips"><summary>{plain(title)}</summary>'
        f'<div class="folded"><ol>{items}</ol></div></details>'
    )


def _name(row: Row, language: str) -> str:
    precision = row.card.precision if row.card else row.spec.precision
    parts = [row.spec.id, precision_name(precision, language), row.spec.adapter or ""]
    return " · ".join(filter(None, parts))


def _flip(one: "Flip", reference: str, language: str) -> str:
    after = say("card.after", language)
    answers = ((reference, one.before, one.was_right), (after, one.after, one.is_right))
    cells = "".join(
        f'<div><dt>{plain(name)}{_mark(right, language)}</dt><dd dir="auto">{plain(text) or "–"}</dd></div>'
        for name, text, right in answers
    )
    return f'<li><p dir="auto">{plain(one.question)}</p><dl>{cells}</dl></li>'


def _mark(right: bool | None, language: str) -> str:
    if right is None:
        return ""
    words = say("card.is_right" if right else "card.is_wrong", language)
    return f' <span class="{"good" if right else "bad"}">{plain(words)}</span>'

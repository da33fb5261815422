"""The quality and speed cards side by side, as HTML. Pure functions."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from app.locales import pick, say
from app.marked import plain
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


def cards(board: Board, language: str, running: bool) -> str:
    """A row a choice, the best figure of each column in bold; below, the answers that changed."""
    if not board:
        return ""
    heads = "".join(f'<th scope="col">{plain(say(f"card.{name}", language))}</th>' for name in COLUMNS)
    best = {name: _best(board, name) for name in BEST}
    rows = "".join(_row(row, board, best, language) for row in board)
    mark = ' aria-busy="true"' if running else ""
    table = f'<table class="cards"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    notes = "" if running else f'<p class="remark">{plain(say("card.notes", language))}</p>'
    return f'<div class="wide"{mark}>{table}</div>{notes}{_flipped(board, language)}'


def _best(board: Board, name: str) -> float | None:
    read, more = BEST[name]
    values = [value for row in board if row.card and (value := read(row.card)) is not None]
    if len(values) < 2:
        return None
    return max(values) if more else min(values)


def _row(row: Row, board: Board, best: dict[str, float | None], language: str) -> str:
    title = f'<th scope="row">{_title(row, language)}</th>'
    if row.card is None:
        return f'<tr>{title}<td colspan="{len(COLUMNS) - 1}">{_state(row, language)}</td></tr>'
    against = reference(row, board)
    cells = "".join(
        f'<td class="number">{_emphasised(words, name, row.card, best)}</td>'
        for name, words in _figures(row.card, against, language)
    )
    return f"<tr>{title}{cells}</tr>"


def _title(row: Row, language: str) -> str:
    engine = row.card and engine_name(row.card.engine, language)
    adapter = row.spec.adapter and say("facts.adapter", language, name=row.spec.adapter)
    facts = [
        precision_name(row.card.precision if row.card else row.spec.precision, language),
        engine,
        adapter,
    ]
    return f"{plain(row.spec.id)}<small>{plain(' · '.join(fact for fact in facts if fact))}</small>"


def _state(row: Row, language: str) -> str:
    if row.failed is not None:
        return f'<p class="reason">{plain(pick(row.failed.reason, language))}</p>'
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
    changes = _flips(row.card, against) if row.card and against else []
    if not changes:
        return ""
    items = "".join(_flip(one, language) for one in changes)
    title = say("card.changed", language, name=_name(row, language), count=len(changes))
    return (
        f'<details class="fold flips" data-fold="flips"><summary>{plain(title)}</summary>'
        f'<div class="folded"><ol>{items}</ol></div></details>'
    )


def _name(row: Row, language: str) -> str:
    precision = row.card.precision if row.card else row.spec.precision
    parts = [row.spec.id, precision_name(precision, language), row.spec.adapter or ""]
    return " · ".join(filter(None, parts))


def _flip(one: "Flip", language: str) -> str:
    answers = (("before", one.before, one.was_right), ("after", one.after, one.is_right))
    cells = "".join(
        f"<div><dt>{plain(say(f'card.{name}', language))}{_mark(right, language)}</dt>"
        f'<dd dir="auto">{plain(text) or "–"}</dd></div>'
        for name, text, right in answers
    )
    return f'<li><p dir="auto">{plain(one.question)}</p><dl>{cells}</dl></li>'


def _mark(right: bool | None, language: str) -> str:
    if right is None:
        return ""
    words = say("card.is_right" if right else "card.is_wrong", language)
    return f' <span class="{"good" if right else "bad"}">{plain(words)}</span>'

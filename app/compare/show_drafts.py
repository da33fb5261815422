"""Drafted questions as HTML: each with its passage, what is wrong with it, and a form. Pure functions."""

from collections.abc import Sequence

from app.compare.drafts import Draft
from app.compare.show_sets import form
from app.locales import pick, say
from app.marked import highlighted, plain
from chains.compare.drafting import FLAWS


def drafts(found: Sequence[Draft], language: str) -> str:
    """One entry a draft, in the order in which they came."""
    if not found:
        return ""
    entries = "".join(_draft(draft, language) for draft in found)
    kept = sum(draft.kept for draft in found)
    words = say("drafts.kept", language, kept=kept, count=len(found))
    return f'<p class="remark kept">{plain(words)}</p><ol class="drafts" data-entries>{entries}</ol>'


def progress(good: int, wanted: int, words: str) -> str:
    """How far the drafting is."""
    share = f'<progress max="{wanted}" value="{good}"></progress>'
    return f'<p class="waiting" aria-busy="true">{plain(words)} {share}</p>'


def remark(words: str) -> str:
    """What is said when it is over."""
    return f'<p class="remark">{plain(words)}</p>'


def _draft(draft: Draft, language: str) -> str:
    item, drafted = draft.item, draft.drafted
    id = plain(item.id)
    asked = plain(item.question) or f"({plain(say('drafts.no_question', language))})"
    answers = plain(" / ".join(item.answers)) or f"({plain(say('sets.no_answer', language))})"
    flaw = FLAWS.get(drafted.flaw or "")
    why = f'<p class="reason">{plain(pick(flaw, language))}</p>' if flaw else ""
    remove = plain(say("drafts.remove", language))
    return (
        f'<li data-key="{id}"><div class="draft"><input type="checkbox" data-keep="{id}" '
        f'aria-label="{plain(say("drafts.keep", language))}"{" checked" if draft.kept else ""}>'
        f'<div><p dir="auto"><strong>{asked}</strong></p><p dir="auto">{answers}</p>{why}</div>'
        f'<button type="button" class="small" data-toggle>{plain(say("sets.edit", language))}</button>'
        f'<button type="button" class="danger" data-do="delete" data-id="{id}" aria-label="{remove}" '
        f'title="{remove}">×</button></div>'
        f"<div data-form hidden>{form(item, language, short=True)}</div>{_passage(draft, language)}</li>"
    )


def _passage(draft: Draft, language: str) -> str:
    drafted = draft.drafted
    first = drafted.passage.start
    marks = (
        [] if drafted.start is None or drafted.end is None else [(drafted.start - first, drafted.end - first)]
    )
    title = say("drafts.passage", language, source=drafted.passage.source)
    return (
        f'<details class="fold"><summary>{plain(title)}</summary><div class="folded">'
        f'<blockquote dir="auto">{highlighted(drafted.passage.text, marks)}</blockquote></div></details>'
    )

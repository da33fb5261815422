"""Saved question sets as HTML: the list, and one page of a set with a form for each question. Pure functions;
clicks and forms are static/sets.js."""

from collections.abc import Iterable, Sequence

from app.compare.editing import shown_tags
from app.compare.paging import A_PAGE, Page
from app.locales import say
from app.marked import plain
from chains.compare.question_set import Item, QuestionSet
from chains.compare.saved_sets import SavedSet

LONGEST_CELL = 300
LANGUAGES = {"en": "English", "ko": "한국어"}


def sets(found: Sequence[SavedSet], chosen: str, language: str) -> str:
    """A row for each set, the chosen one marked; what to do where there is none."""
    if not found:
        return empty(say("sets.none", language))
    names = ("name", "type", "count", "language")
    heads = "".join(f'<th scope="col">{plain(say(f"sets.{name}", language))}</th>' for name in names)
    rows = "".join(_set(one, one.name == chosen, language) for one in found)
    return f'<table class="sets"><thead><tr>{heads}<th></th></tr></thead><tbody>{rows}</tbody></table>'


def opened(one: QuestionSet, page: Page, language: str) -> str:
    """A page of the set's questions, each with its form."""
    facts = [
        say("sets.questions", language, count=f"{page.total:,}"),
        type_name(one.answer_type, language),
        LANGUAGES.get(one.language, one.language),
        one.source,
        one.licence,
    ]
    words = " · ".join(filter(None, facts))
    head = f'<h3>{plain(one.name)}</h3><p class="remark">{plain(words)}</p>'
    if not page.items:
        return f'<section class="set">{head}{empty(say("sets.nothing", language))}</section>'
    names = ("id", "question", "answers")
    heads = "".join(
        f'<th scope="col" class="of-{name}">{plain(say(f"sets.{name}", language))}</th>' for name in names
    )
    bodies = "".join(question(item, language) for item in page.items)
    return (
        f'<section class="set">{head}{_pages(page, language)}<table class="questions" data-entries>'
        f'<thead data-key="head"><tr>{heads}<th></th></tr></thead>{bodies}</table></section>'
    )


def question(item: Item, language: str) -> str:
    """A question's row, and under it the form that changes it."""
    answers = shortened(" / ".join(item.answers)) or f"({say('sets.no_answer', language)})"
    tags = f"<small>{plain(shortened(shown_tags(item)))}</small>" if item.tags else ""
    remove = say("sets.remove_one", language, id=shortened(item.id))
    return (
        f'<tbody data-key="{plain(item.id)}"><tr><td class="of-id">{plain(shortened(item.id))}</td>'
        f'<th scope="row" dir="auto">{plain(shortened(item.question))}{tags}</th>'
        f'<td class="of-answers" dir="auto">{plain(answers)}</td><td class="acts">'
        f'<button type="button" class="small" data-toggle>{plain(say("sets.edit", language))}</button>'
        f'<button type="button" class="danger" data-do="delete" data-id="{plain(item.id)}" '
        f'data-name="{plain(shortened(item.id))}" data-sure="sets.remove_one_sure" '
        f'aria-label="{plain(remove)}" title="{plain(remove)}">×</button></td></tr>'
        f'<tr data-form hidden><td colspan="4">{form(item, language)}</td></tr></tbody>'
    )


def form(item: Item, language: str, *, short: bool = False) -> str:
    """The fields of a question; `short`: question and answers only."""
    parts = [
        _area("question", item.question, language),
        _many("answers", item.answers, language),
    ]
    if not short:
        parts += [
            _many("choices", item.choices, language),
            _area("passage", item.passage or "", language, rows=4),
            _line("tags", shown_tags(item), language),
            _box("answerable", item.answerable, language),
        ]
    save, cancel = plain(say("sets.keep_changes", language)), plain(say("sets.cancel", language))
    return (
        f'<form class="question-form" data-id="{plain(item.id)}">{"".join(parts)}<p class="acts">'
        f'<button type="submit" class="small">{save}</button>'
        f'<button type="button" class="small" data-toggle>{cancel}</button></p></form>'
    )


def type_name(answer_type: str, language: str) -> str:
    """What an answer type is called."""
    return say(f"answer_type.{answer_type}", language)


def shortened(text: str) -> str:
    """What fits into a cell."""
    return text if len(text) <= LONGEST_CELL else text[:LONGEST_CELL] + "…"


def empty(words: str) -> str:
    """What is said where nothing is."""
    return f'<p class="empty">{plain(words)}</p>'


def problem(words: str) -> str:
    """An error's sentences, one a line."""
    first, *rest = words.split("\n")
    items = "".join(f"<li>{plain(line)}</li>" for line in rest)
    return f'<div class="problem" role="alert">{plain(first)}{f"<ul>{items}</ul>" if items else ""}</div>'


def _set(one: SavedSet, chosen: bool, language: str) -> str:
    remove = say("sets.delete", language, name=one.name)
    button = (
        f'<button type="button" class="danger" data-do="delete" data-id="{plain(one.name)}" '
        f'data-name="{plain(one.name)}" data-sure="sets.delete_sure" aria-label="{plain(remove)}" '
        f'title="{plain(remove)}">×</button>'
    )
    if one.problem is not None:
        why = f'<p class="reason">{plain(one.problem.text(language))}</p>'
        return f'<tr><th scope="row" colspan="4">{plain(one.name)}{why}</th><td>{button}</td></tr>'
    current = ' aria-current="true"' if chosen else ""
    return (
        f'<tr{current}><th scope="row"><button type="button" data-do="open" data-id="{plain(one.name)}">'
        f"{plain(one.name)}</button></th><td>{plain(type_name(one.answer_type, language))}</td>"
        f'<td class="number">{one.questions:,}</td>'
        f"<td>{plain(LANGUAGES.get(one.language, one.language))}</td><td>{button}</td></tr>"
    )


def _pages(page: Page, language: str) -> str:
    if page.found <= A_PAGE and page.found == page.total:
        return ""
    end = min(page.found, page.start + A_PAGE)
    words = say("sets.range", language, start=page.start + 1, end=end, count=f"{page.found:,}")
    back = _turner("passages.back", page.start - A_PAGE, page.start > 0, language)
    onward = _turner("passages.onward", end, end < page.found, language)
    return f'<p class="pager">{back}<span>{plain(words)}</span>{onward}</p>'


def _turner(key: str, start: int, possible: bool, language: str) -> str:
    off = "" if possible else " disabled"
    return (
        f'<button type="button" data-do="open" data-start="{start}"{off}>{plain(say(key, language))}</button>'
    )


def _named(name: str, language: str) -> str:
    return plain(say(f"sets.{name}", language))


def _area(name: str, value: str, language: str, rows: int = 2) -> str:
    return (
        f"<label><span>{_named(name, language)}</span>"
        f'<textarea name="{name}" rows="{rows}" dir="auto">\n{plain(value)}</textarea></label>'
    )


def _line(name: str, value: str, language: str) -> str:
    return f'<label><span>{_named(name, language)}</span><input name="{name}" value="{plain(value)}"></label>'


def _many(name: str, values: Iterable[str], language: str) -> str:
    label = _named(name, language)
    fields = "".join(
        f'<textarea name="{name}" rows="1" dir="auto" aria-label="{label}">\n{plain(value)}</textarea>'
        for value in [*values] or [""]
    )
    more = _named(f"add_{name}", language)
    return (
        f'<div class="field"><span>{label}</span><div data-many>{fields}</div>'
        f'<button type="button" class="quiet" data-add>{more}</button></div>'
    )


def _box(name: str, value: bool, language: str) -> str:
    ticked = " checked" if value else ""
    return (
        f'<label class="box"><input type="checkbox" name="{name}"{ticked}>'
        f"<span>{_named(name, language)}</span></label>"
    )

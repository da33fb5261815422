"""Documents, their passages and what was found, as HTML. Pure functions; clicks are static/parts.js."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.locales import pick, say
from app.marked import plain
from app.show import place_of
from vectorstore.embedders import Choice
from vectorstore.errors import VectorstoreError
from vectorstore.passage import Passage
from vectorstore.records import Collection, DocumentInfo

PAGE_OF_PASSAGES = 20
NUMBERS = ("pages", "passages", "size")
_NUMBER = ' class="number"'
WORKING = ("waiting", "reading", "embedding")


@dataclass(frozen=True)
class FileState:
    """One file on its way in; `status` is that of vectorstore's AddEvent, or "waiting", "stopped"."""

    source: str
    status: str = "waiting"
    passages: int = 0
    fraction: float = 0.0
    error: VectorstoreError | None = None


def files(states: Iterable[FileState], language: str, note: str = "") -> str:
    """A row a file: what it is at, how many passages, why it could not go in."""
    heads = [(name, say(f"file.{name}", language)) for name in ("name", "state", "passages")]
    body = "".join(_file(state, language) for state in states)
    if not body:
        return ""
    remark = f'<p class="remark">{plain(note)}</p>' if note else ""
    return f'<table class="files">{_head(heads)}<tbody>{body}</tbody></table>{remark}'


def documents(collection: Collection | None, found: Sequence[DocumentInfo], language: str) -> str:
    """What is in a collection; what to do where there is nothing."""
    if collection is None:
        return _empty(say("documents.no_collection", language))
    why = problem(collection.problem.text(language)) if collection.problem else ""
    if not found:
        return why + _empty(say("documents.empty", language))
    names = ("name", "kind", "pages", "passages", "size", "added")
    heads = [*((name, say(f"documents.{name}", language)) for name in names), ("", "")]
    body = "".join(_document(one, language) for one in found)
    return f'{why}<table class="documents">{_head(heads)}<tbody>{body}</tbody></table>'


def problem(words: str) -> str:
    """Why the documents cannot be read."""
    return f'<p class="problem">{plain(words)}</p>'


def passages(document: DocumentInfo, found: Sequence[Passage], start: int, language: str) -> str:
    """How a document was cut: one page of its passages, from the `start`-th."""
    start = min(max(0, start), max(0, len(found) - 1)) // PAGE_OF_PASSAGES * PAGE_OF_PASSAGES
    part = found[start : start + PAGE_OF_PASSAGES]
    items = "".join(_passage(start + at, one, language) for at, one in enumerate(part, 1))
    title = say("passages.title", language, source=document.source, count=len(found))
    return (
        f'<section class="cut"><h3>{plain(title)}</h3>{_pages(document.id, start, len(found), language)}'
        f'<ol start="{start + 1}">{items}</ol></section>'
    )


def results(found: Sequence[Passage], language: str) -> str:
    """What a search found, best first."""
    if not found:
        return _empty(say("search.nothing", language))
    items = "".join(_result(one, language) for one in found)
    return f'<ol class="results">{items}</ol>'


def embedders(choices: Iterable[Choice], chosen: str, language: str) -> str:
    """A radio button for each embedder; those that cannot be used now are greyed, with the reason."""
    return "".join(_embedder(choice, chosen, language) for choice in choices)


def size(count: int) -> str:
    """Bytes for people: "12 kB"."""
    amount, units = float(count), ["B", "kB", "MB", "GB"]
    while amount >= 1000 and len(units) > 1:
        amount, units = amount / 1000, units[1:]
    return f"{amount:.0f} {units[0]}" if amount >= 10 or units[0] == "B" else f"{amount:.1f} {units[0]}"


def _file(state: FileState, language: str) -> str:
    words = plain(say(f"state.{state.status}", language))
    if state.status in WORKING and state.status != "waiting":
        words += f' <progress max="1" value="{state.fraction:.2f}"></progress>'
    if state.error is not None:
        words += f'<p class="reason">{plain(state.error.text(language))}</p>'
    count = f"{state.passages:,}" if state.passages else ""
    return (
        f'<tr class="{state.status}"><th scope="row">{plain(state.source)}</th>'
        f"<td>{words}</td><td{_NUMBER}>{count}</td></tr>"
    )


def _document(one: DocumentInfo, language: str) -> str:
    opens = f'<button type="button" data-do="open" data-id="{plain(one.id)}">{plain(one.source)}</button>'
    remove = say("documents.delete_one", language, name=one.source)
    button = (
        f'<button type="button" class="danger" data-do="delete" data-id="{plain(one.id)}" '
        f'data-name="{plain(one.source)}" aria-label="{plain(remove)}" title="{plain(remove)}">×</button>'
    )
    added = one.added_at[:16].replace("T", " ")
    pages = "" if one.pages is None else f"{one.pages:,}"
    kind = one.kind.lstrip(".") + (f" · {one.encoding}" if one.encoding else "")
    cells = [("text", kind), ("number", pages), ("number", f"{one.passages:,}"), ("number", size(one.bytes))]
    inner = "".join(f'<td class="{kind}">{plain(text)}</td>' for kind, text in cells)
    return (
        f'<tr><th scope="row">{opens}</th>{inner}<td><time datetime="{plain(one.added_at)}">{plain(added)}'
        f"</time></td><td>{button}</td></tr>"
    )


def _passage(number: int, one: Passage, language: str) -> str:
    place = [say("passages.offsets", language, start=f"{one.start:,}", end=f"{one.end:,}")]
    if one.page is not None:
        place.insert(0, say("source.page", language, page=one.page))
    return (
        f'<li value="{number}"><p class="place">{number} · {plain(" · ".join(place))}</p>'
        f'<blockquote dir="auto">{plain(one.text)}</blockquote></li>'
    )


def _result(one: Passage, language: str) -> str:
    title = plain(" · ".join(place_of(one, language)))
    return f'<li><p class="place">{title}</p><blockquote dir="auto">{plain(one.text)}</blockquote></li>'


def _pages(document: str, start: int, count: int, language: str) -> str:
    if count <= PAGE_OF_PASSAGES:
        return ""
    end = min(count, start + PAGE_OF_PASSAGES)
    words = say("passages.range", language, start=start + 1, end=end, count=count)
    back = _turner("passages.back", document, start - PAGE_OF_PASSAGES, start > 0, language)
    onward = _turner("passages.onward", document, end, end < count, language)
    return f'<p class="pager">{back}<span>{plain(words)}</span>{onward}</p>'


def _turner(key: str, document: str, start: int, possible: bool, language: str) -> str:
    off = "" if possible else " disabled"
    return (
        f'<button type="button" data-do="open" data-id="{plain(document)}" data-start="{start}"{off}>'
        f"{plain(say(key, language))}</button>"
    )


def _embedder(choice: Choice, chosen: str, language: str) -> str:
    reason: Mapping[str, str] | None = choice.available()
    state = " disabled" if reason else " checked" if choice.name == chosen else ""
    load = say("embedder.download", language, size=size(choice.download_mb * 1_000_000))
    facts = [pick(choice.languages, language), *([load] if choice.download_mb else []), choice.licence]
    why = f'<small class="reason">{plain(pick(reason, language))}</small>' if reason else ""
    return (
        f'<label class="{"off" if reason else ""}">'
        f'<input type="radio" name="embedder" value="{plain(choice.name)}"{state}>'
        f"<span>{plain(choice.label)}<small>{plain(' · '.join(facts))}</small>{why}</span></label>"
    )


def _head(heads: Iterable[tuple[str, str]]) -> str:
    cells = (
        f'<th scope="col"{_NUMBER if name in NUMBERS else ""}>{plain(words)}</th>' for name, words in heads
    )
    return f"<thead><tr>{''.join(cells)}</tr></thead>"


def _empty(words: str) -> str:
    return f'<p class="empty">{plain(words)}</p>'

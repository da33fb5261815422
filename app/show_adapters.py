"""The LoRA adapters of the model that answers, as HTML. Pure functions; clicks are static/parts.js."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.errors import in_words
from app.locales import pick, say
from app.marked import plain
from app.show_documents import size

if TYPE_CHECKING:
    from adapters.lora import AdapterEntry, LoraAdapter


def adapters(
    entries: "Sequence[AdapterEntry] | None", attached: Sequence[str], own: bool, language: str
) -> str:
    """A row an adapter: rank, targets and size, or every reason why it does not fit; and those in memory
    whose files are gone. On one's `own` page they are attached, detached and deleted, and reasons name places
    of this machine."""
    if entries is None:
        return f'<p class="empty">{plain(say("adapters.no_model", language))}</p>'
    here = {entry.name for entry in entries}
    orphans = [name for name in attached if name not in here]
    if not entries and not orphans:
        return f'<p class="empty">{plain(say("adapters.none", language))}</p>'
    ready = sorted(entries, key=lambda entry: entry.adapter is None)
    rows = [_row(one, one.name in attached, own, language) for one in ready]
    rows += [_orphan(name, own, language) for name in orphans]
    return f'<ul class="adapters">{"".join(rows)}</ul>'


def _row(entry: "AdapterEntry", on: bool, own: bool, language: str) -> str:
    remove = _remove(entry.name, language) if own else ""
    if entry.adapter is None:
        words = pick(entry.problem, language) if entry.problem else ""
        unload = _button(entry.name, on, language) if own and on else ""
        return _unusable(entry.name, on, in_words(words, language, not own), unload + remove, language)
    facts = f"<small>{plain(' · '.join(_facts(entry.adapter, language)))}</small>"
    buttons = _button(entry.name, on, language) + remove if own else ""
    return f"<li><div>{_name(entry.name, on, language)}{facts}</div>{buttons}</li>"


def _orphan(name: str, own: bool, language: str) -> str:
    button = _button(name, True, language) if own else ""
    return _unusable(name, True, say("adapters.gone", language), button, language)


def _unusable(name: str, on: bool, why: str, buttons: str, language: str) -> str:
    return (
        f'<li class="off"><div>{_name(name, on, language)}<p class="reason">{plain(why)}</p></div>'
        f"{buttons}</li>"
    )


def _name(name: str, on: bool, language: str) -> str:
    mark = f'<span class="mark">{plain(say("adapters.attached", language))}</span>' if on else ""
    return f"<strong>{plain(name)}</strong>{mark}"


def _facts(one: "LoraAdapter", language: str) -> list[str]:
    kinds = sorted({target.rsplit(".", 1)[-1] for target in one.targets})
    targets = say("adapters.targets", language, names=", ".join(kinds))
    kind = ["DoRA"] if one.dora else []
    return [say("adapters.rank", language, rank=one.rank), targets, size(one.bytes), *kind]


def _remove(name: str, language: str) -> str:
    words = plain(say("adapters.remove", language, name=name))
    return (
        f'<button type="button" class="danger" data-do="delete" data-id="{plain(name)}" '
        f'data-name="{plain(name)}" data-sure="adapters.remove_sure" aria-label="{words}" '
        f'title="{words}">×</button>'
    )


def _button(name: str, on: bool, language: str) -> str:
    words = say("adapters.detach" if on else "adapters.attach", language)
    label = say("adapters.detach_one" if on else "adapters.attach_one", language, name=name)
    return (
        f'<button type="button" class="small" data-do="open" data-id="{plain(name)}" '
        f'data-start="{0 if on else 1}" aria-label="{plain(label)}">{plain(words)}</button>'
    )

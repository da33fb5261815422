"""The LoRA adapters of the model that answers, as HTML. Pure functions; clicks are static/parts.js."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.locales import pick, say
from app.marked import plain
from app.show_documents import size

if TYPE_CHECKING:
    from adapters.lora import AdapterEntry, LoraAdapter


def adapters(
    entries: "Sequence[AdapterEntry] | None", attached: Sequence[str], changeable: bool, language: str
) -> str:
    """A row an adapter: rank, targets and size, or every reason why it does not fit; buttons where it may be
    attached, detached and deleted."""
    if entries is None:
        return f'<p class="empty">{plain(say("adapters.no_model", language))}</p>'
    if not entries:
        return f'<p class="empty">{plain(say("adapters.none", language))}</p>'
    ready = sorted(entries, key=lambda entry: entry.adapter is None)
    return f'<ul class="adapters">{"".join(_row(one, attached, changeable, language) for one in ready)}</ul>'


def _row(entry: "AdapterEntry", attached: Sequence[str], changeable: bool, language: str) -> str:
    on = entry.name in attached
    if entry.adapter is None:
        reason = pick(entry.problem, language) if entry.problem else ""
        return (
            f'<li class="off"><div><strong>{plain(entry.name)}</strong>'
            f'<p class="reason">{plain(reason)}</p></div>'
            f"{_remove(entry.name, language) if changeable else ''}</li>"
        )
    mark = f'<span class="mark">{plain(say("adapters.attached", language))}</span>' if on else ""
    button = _button(entry.name, on, language) + _remove(entry.name, language) if changeable else ""
    return (
        f"<li><div><strong>{plain(entry.name)}</strong>{mark}"
        f"<small>{plain(' · '.join(_facts(entry.adapter, language)))}</small></div>{button}</li>"
    )


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

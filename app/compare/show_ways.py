"""The columns that a grid form comes to, as HTML: a name each, why one cannot answer here, a way to take it
out. Pure."""

from collections.abc import Sequence

from app.locales import say
from app.marked import plain


def ways_html(
    names: Sequence[str], problems: Sequence[str | None], limits: tuple[int, int], spoken: str
) -> str:
    """The list, numbered; what is said of it as a whole above."""
    items = "".join(
        _item(at, name, why, spoken) for at, (name, why) in enumerate(zip(names, problems, strict=True))
    )
    return (
        f'<p class="count" role="status">{_count(problems, limits, spoken)}</p><ol class="ways">{items}</ol>'
    )


def _count(problems: Sequence[str | None], limits: tuple[int, int], spoken: str) -> str:
    count = sum(why is None for why in problems)
    words = plain(say("grid.count", spoken, count=count))
    fewest, most = limits
    if count < fewest:
        return f'{words} <span class="unfit">{plain(say("grid.too_few", spoken, fewest=fewest))}</span>'
    if count > most:
        return f'{words} <span class="unfit">{plain(say("grid.too_many", spoken, most=most))}</span>'
    return words


def _item(at: int, name: str, why: str | None, spoken: str) -> str:
    title = plain(say("grid.remove", spoken, name=name))
    reason = f'<small class="reason">{plain(why)}</small>' if why is not None else ""
    return (
        f'<li class="{"off" if why is not None else "on"}"><span dir="auto">{plain(name)}</span>'
        f'<button type="button" class="danger" data-do="take" data-id="{at}" aria-label="{title}" '
        f'title="{title}">×</button>{reason}</li>'
    )

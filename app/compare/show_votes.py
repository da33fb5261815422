"""What votes say so far, as HTML: how often each way was chosen, and whether that means anything. Pure."""

from collections.abc import Mapping
from typing import Any

from app.locales import pick, say
from app.marked import plain
from app.naming import precision_name
from chains.compare.votes import Tally
from chains.techniques import techniques


def tally_html(tally: Tally, language: str) -> str:
    """A row a way, the most often chosen first, and an honest sentence below."""
    if not tally.votes:
        return ""
    rows = "".join(
        f'<tr><th scope="row" dir="auto">{plain(way_name(one.settings, language))}</th>'
        f'<td class="number">{one.won}</td><td class="number">{one.shown}</td></tr>'
        for one in tally.standings
    )
    heads = "".join(
        f'<th scope="col"{css}>{plain(say(key, language))}</th>'
        for key, css in (
            ("votes.way", ""),
            ("votes.won", ' class="number"'),
            ("votes.shown", ' class="number"'),
        )
    )
    said = "".join(f'<p class="remark">{plain(words)}</p>' for words in verdict(tally, language))
    title = plain(say("votes.title", language, count=tally.votes))
    return (
        f'<section class="tally part"><h3>{title}</h3><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>{said}</section>"
    )


def verdict(tally: Tally, language: str) -> list[str]:
    """What the votes tell apart; that they are too few, or that they tell nothing apart."""
    names = [way_name(one.settings, language) for one in tally.standings]
    if tally.preferred:
        return [
            say(
                "votes.preferred",
                language,
                better=names[one.better],
                worse=names[one.worse],
                won=one.won,
                met=one.won + one.lost,
                p=f"{one.p:.3f}",
            )
            for one in tally.preferred
        ]
    if tally.votes < tally.needed:
        return [say("votes.too_few", language, needed=tally.needed)]
    return [say("votes.open", language)]


def way_name(settings: Mapping[str, Any], language: str) -> str:
    """A way to answer in a line, from the settings that a vote keeps; whatever they hold, it has a name."""
    known = techniques().get(str(settings.get("technique")))
    options = settings.get("options")
    temperature = options.get("temperature") if isinstance(options, Mapping) else None
    template = settings.get("template")
    parts = [
        pick(known.label, language) if known else settings.get("technique"),
        settings.get("model"),
        precision_name(str(settings.get("precision") or ""), language),
        settings.get("adapter") and say("facts.adapter", language, name=settings["adapter"]),
        settings.get("collection") and f"{settings['collection']} ({settings.get('retriever')})",
        template.get("name") if isinstance(template, Mapping) else None,
        isinstance(temperature, int | float)
        and say("grid.at_temperature", language, value=f"{temperature:g}"),
    ]
    return " · ".join(str(part) for part in parts if part)

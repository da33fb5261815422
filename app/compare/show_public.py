"""Public question sets to choose from, as HTML: licence and source, the reason where one cannot be had."""

from collections.abc import Iterable

from app.compare.public_sets import Offer
from app.compare.show_sets import LANGUAGES, type_name
from app.locales import pick, say
from app.marked import plain


def public(offers: Iterable[Offer], chosen: str, language: str) -> str:
    """A radio button for each set."""
    return "".join(_offer(one, one.one.key == chosen, language) for one in offers)


def _offer(offer: Offer, chosen: bool, language: str) -> str:
    one, off = offer.one, offer.reason is not None
    spoken = LANGUAGES.get(one.language, one.language)
    if one.languages:
        spoken = say("sets.languages", language, count=len(one.languages))
    facts = " · ".join([type_name(one.answer_type, language), spoken, one.licence])
    reason = pick(offer.reason, language) if offer.reason else ""
    why = f'<small class="reason">{plain(reason[:1].upper() + reason[1:])}</small>' if reason else ""
    state = " disabled" if off else " checked" if chosen else ""
    return (
        f'<div class="choice{" off" if off else ""}"><label>'
        f'<input type="radio" name="public-set" value="{plain(one.key)}"{state}>'
        f"<span>{plain(pick(one.label, language))}<small>{plain(facts)}</small>"
        f"<small>{plain(one.source)}</small>{why}</span></label></div>"
    )

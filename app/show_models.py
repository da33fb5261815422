"""What answers, what could, and what it would cost, as HTML. Pure functions; clicks are static/parts.js."""

from collections.abc import Iterable, Mapping, Sequence

from adapters import memory
from adapters.models import ModelEntry
from adapters.spec import ModelSpec
from app.errors import in_words, message_of
from app.locales import pick, say
from app.marked import plain
from app.model_choices import Choice, Need
from app.model_state import STEPS, Answering, ModelState
from app.naming import answering_names, called, engine_name
from app.show_documents import size

FAR_MORE = 3
NOTHING: Mapping[str, str] = {}
LANGUAGES = {"en": {"en": "English", "ko": "Korean"}, "ko": {"en": "영어", "ko": "한국어"}}


def now(state: ModelState, language: str, public: bool = False, trouble: Exception | None = None) -> str:
    """What answers, and the `trouble` with it; what is loading beside it or why that failed; no place of ours
    on a public page."""
    one = state.answering
    title = plain(one.spec.id) if one else plain(say("models.none", language))
    facts = "".join(
        f"<div><dt>{plain(name)}</dt><dd>{plain(value)}</dd></div>"
        for name, value in _facts(one, language, public)
    )
    notes = "".join(
        f'<p class="remark">{plain(in_words(pick(note, language), language, public))}</p>'
        for note in (one.notes if one else ())
    )
    if one is not None and one.memory is not None:
        notes = f'<p class="remark">{plain(say("models.measured_note", language))}</p>{notes}'
    said = _failed(state, language, public) + _loading(state, language) + _cancelled(state, language)
    if one and trouble is not None:
        said = f'<p class="problem">{plain(message_of(trouble, language, public))}</p>{said}'
    well = "ready" if trouble is None else "unreachable"
    dot = well if one else "failed" if state.status == "failed" else "loading"
    return (
        f'<section class="now"><h3><span class="dot {dot}"></span>{title}</h3><dl>{facts}</dl>{notes}'
        f'<div role="status">{said}</div></section>'
    )


def _facts(one: Answering | None, language: str, public: bool) -> Iterable[tuple[str, str]]:
    if one is None:
        return
    _, precision, engine = answering_names(one, language)
    yield say("models.precision", language), precision
    yield say("models.engine", language), engine
    if one.address and not public:
        yield say("models.address", language), one.address
    measured = say("models.elsewhere", language) if one.memory is None else size(one.memory)
    yield say("models.measured", language), measured
    yield say("models.context", language), say("models.tokens", language, count=f"{one.context:,}")
    yield say("models.at_once", language), str(one.capacity)


def _loading(state: ModelState, language: str) -> str:
    if state.loading is None:
        return ""
    step = say(f"model.{state.step if state.step in STEPS else 'waiting'}", language)
    percent = round(100 * min(1.0, max(0.0, float(state.fraction))))
    known = state.loading.bytes
    amount = f"{size(known[0])} / {size(known[1])}" if known else f"{percent}%"
    stays = _who_answers("models.stays", state, state.loading.spec, language)
    name = called(state.loading.spec, state.answering.spec if state.answering else None, language)
    return (
        f'<div class="loading"><p><strong>{plain(name)}</strong> <span>{plain(step)}</span>'
        f'<span class="amount">{plain(amount)}</span></p>'
        f'<progress max="100" value="{percent}">{percent}%</progress>'
        f"<p>{stays}</p>{_button('stop', 'models.cancel', language)}</div>"
    )


def _failed(state: ModelState, language: str, public: bool) -> str:
    if state.error is None:
        return ""
    present = state.answering.spec if state.answering else None
    name = called(state.failed, present, language) if state.failed else ""
    title = plain(say("models.failed", language, id=name))
    buttons = "" if state.loading else _button("retry", "model.retry", language)
    buttons += _button("dismiss", "models.dismiss", language) if state.answering and not state.loading else ""
    return (
        f'<div class="problem" role="alert"><p><strong>{title}</strong> '
        f"{plain(message_of(state.error, language, public))}</p>"
        f"{_who_answers('models.answers_now', state, state.failed, language)}{buttons}</div>"
    )


def _cancelled(state: ModelState, language: str) -> str:
    if state.cancelled is None:
        return ""
    present = state.answering.spec if state.answering else None
    title = plain(say("models.cancelled", language, id=called(state.cancelled, present, language)))
    answers = _who_answers("models.answers_now", state, state.cancelled, language)
    return (
        f'<div class="given-up"><p>{title} {answers}</p>'
        f"{_button('dismiss', 'models.dismiss', language)}</div>"
    )


def _who_answers(key: str, state: ModelState, other: ModelSpec | None, language: str) -> str:
    """What goes on answering; `other` is what the sentence before was about."""
    if state.answering is None:
        return ""
    name = called(state.answering.spec, other, language)
    return f'<span class="remark">{plain(say(key, language, id=name))}</span>'


def _button(action: str, key: str, language: str) -> str:
    return f'<button type="button" data-do="{action}">{plain(say(key, language))}</button> '


def models(
    entries: Iterable[ModelEntry],
    chosen: str,
    own: bool,
    language: str,
    converted: Mapping[str, str] = NOTHING,
) -> str:
    """A radio button for each model, with size, licence, languages; the reason where it cannot be used. On
    one's `own` page added ones can be removed, and reasons name places of this machine. `converted` names, by
    the id of a model, the files that Maru made of it."""
    return "".join(
        _model(entry, entry.id == chosen, own, language, converted.get(entry.id, "")) for entry in entries
    )


def _model(entry: ModelEntry, chosen: bool, own: bool, language: str, converted: str) -> str:
    off = entry.problem is not None
    why = (
        f'<small class="reason">{plain(message_of(entry.problem, language, not own))}</small>'
        if entry.problem
        else ""
    )
    facts = [*_size_of(entry, language), *_said(entry, language), "" if off else _first(entry, language)]
    facts += [entry.server_model, entry.location] if own and entry.kind == "server" else []
    state = " disabled" if off else " checked" if chosen else ""
    remove = _remove(entry, language, converted) if own and entry.removable else ""
    return (
        f'<div class="choice{" off" if off else ""}"><label>'
        f'<input type="radio" name="model" value="{plain(entry.id)}"{state}>'
        f"<span>{plain(entry.label)}<small>{plain(' · '.join(filter(None, facts)))}</small>"
        f"<small>{plain(pick(entry.description, language))}</small>{why}</span></label>{remove}</div>"
    )


def _size_of(entry: ModelEntry, language: str) -> list[str]:
    count = entry.parameters
    billions = f"{count / 1e9:.1f}B" if count >= 1e9 else f"{count / 1e6:.0f}M"
    parameters = say("models.parameters", language, count=billions) if count else ""
    return [parameters, size(entry.bytes) if entry.bytes else ""]


def _said(entry: ModelEntry, language: str) -> list[str]:
    known = LANGUAGES[language]
    more = len([one for one in entry.languages if one not in known])
    spoken = [known[one] for one in entry.languages if one in known]
    rest = [say("models.more_languages", language, count=more)] if more else []
    return [", ".join([*spoken, *rest]), entry.licence]


def _first(entry: ModelEntry, language: str) -> str:
    """What has to be done before it is loaded for the first time."""
    if entry.ready or entry.kind == "server":
        return ""
    return say("models.downloaded_first" if entry.kind == "hub" else "models.fetched_first", language)


def _remove(entry: ModelEntry, language: str, converted: str) -> str:
    words = say("models.remove", language, name=entry.id)
    return (
        f'<button type="button" class="danger" data-do="delete" data-id="{plain(entry.id)}" '
        f'data-name="{plain(entry.id)}" data-sure="models.remove_sure" data-files="{plain(converted)}" '
        f'aria-label="{plain(words)}" title="{plain(words)}">×</button>'
    )


def precisions(choices: Sequence[Choice], chosen: str, free: int, given_back: int, language: str) -> str:
    """A row a precision: what runs it, whether a LoRA can be trained on it, and what it needs of the memory
    that is free; `given_back` is what the present model would give back."""
    if not choices:
        return f'<p class="remark">{plain(say("models.server_decides", language))}</p>'
    widest = _scale([choice.need.total for choice in choices if choice.need], free)
    rows = "".join(_precision(one, chosen, (free, given_back, widest), language) for one in choices)
    mark = '<span class="mark"></span>' if free <= widest else ""
    said = f"<span>{mark}{plain(say('models.free', language, free=size(free)))}</span>"
    return (
        f'<div class="precisions">{rows}</div><p class="legend">{_legend(language)}{said}</p>'
        f"{_largest(choices, free + given_back, language)}"
        f'<p class="remark">{plain(say("models.trains_note", language))}</p>'
    )


def _scale(needs: Sequence[int], free: int) -> int:
    """Bytes that a whole bar stands for: where by far more is free than any choice needs, the bars compare
    the choices, and the free memory is beyond them."""
    largest = max(needs, default=free)
    return largest if free > FAR_MORE * largest else max(free, largest)


def _precision(one: Choice, chosen: str, room: tuple[int, int, int], language: str) -> str:
    free, given_back, _ = room
    too_large = one.need is not None and not one.need.fits(free + given_back)
    off = one.problem is not None or too_large
    state = " disabled" if off else " checked" if one.key == chosen else ""
    trains = say("models.trains" if one.trains_lora else "models.trains_not", language)
    facts = " · ".join(filter(None, [engine_name(one.engine, language) if one.engine else "", trains]))
    return (
        f'<label class="choice{" off" if off else ""}">'
        f'<input type="radio" name="precision" value="{plain(one.key)}"{state}>'
        f"<span>{plain(pick(one.label, language))}<small>{plain(facts)}</small>"
        f"<small>{plain(pick(one.help, language))}</small>{_reason(one, free, given_back, language)}</span>"
        f"{_bar(one.need, room, language)}</label>"
    )


def _reason(one: Choice, free: int, given_back: int, language: str) -> str:
    words = pick(one.problem, language) if one.problem else ""
    if not words and one.need is not None and not one.need.fits(free + given_back):
        words = say("models.too_large", language, needed=size(one.need.total), free=size(free + given_back))
    elif not words and one.need is not None and not one.need.fits(free):
        return f'<small class="note">{plain(say("models.makes_room", language))}</small>'
    return f'<small class="reason">{plain(words)}</small>' if words else ""


def _bar(need: Need | None, room: tuple[int, int, int], language: str) -> str:
    if need is None:
        return '<span class="memory"></span>'
    free, given_back, widest = room
    share = [100 * part / widest for part in (need.weights, need.cache, need.overhead)]
    parts = "".join(
        f'<i class="{name}" style="width: {width:.1f}%"></i>'
        for name, width in zip(("weights", "cache", "overhead"), share, strict=True)
    )
    mark = f'<u style="left: {100 * free / widest:.1f}%"></u>' if free <= widest else ""
    about = say("models.about" if need.whole else "models.at_least", language, size=size(need.total))
    title = say(
        "models.parts",
        language,
        weights=size(need.weights),
        cache=size(need.cache),
        overhead=size(need.overhead),
    )
    return (
        f'<span class="memory" title="{plain(title)}"><b>{plain(about)}</b>'
        f'<span class="bar">{parts}{mark}</span>{_kept(need, free + given_back, language)}</span>'
    )


def _kept(need: Need, room: int, language: str) -> str:
    """What comes on top for prompts that were read earlier, where the memory is there."""
    kept = need.kept_at_most(room)
    return f"<small>{plain(say('models.kept', language, size=size(kept)))}</small>" if kept else ""


def _legend(language: str) -> str:
    names = ("weights", "cache", "overhead")
    return "".join(
        f'<span><i class="{name}"></i>{plain(say(f"models.{name}", language))}</span>' for name in names
    )


def _largest(choices: Sequence[Choice], room: int, language: str) -> str:
    """Said only where something does not fit."""
    needs = {one.key: one.need for one in choices if one.need is not None and one.problem is None}
    if all(need.fits(room) for need in needs.values()):
        return ""
    widest = memory.widest_that_fits(needs, room)
    if widest is None:
        return f'<p class="remark">{plain(say("models.nothing_fits", language))}</p>'
    label = next(one.label for one in choices if one.key == widest)
    told = {"name": pick(label, language), "size": size(needs[widest].total)}
    return f'<p class="remark">{plain(say("models.largest", language, **told))}</p>'

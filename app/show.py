"""One turn of a conversation as HTML: the question, the answer, its sources and what was sent.

Pure functions: text in, HTML out. Every text of a person, a model or a document goes through app.marked.
What can be clicked carries data-do="…" and is acted on by static/transcript.js; folds carry data-fold, so
that they stay open while the answer grows.
"""

from collections.abc import Callable, Sequence

from adapters.spec import Text
from app.conversation import Conversation, Turn
from app.locales import known_language, pick, say
from app.marked import highlighted, plain, rich
from app.naming import engine_name, once, precision_name
from app.show_steps import agreement, fold, messages, prompt_title, running_steps, steps_fold, writing
from chains.errors import TechniqueNotFound
from chains.question import Answer, Citation
from chains.techniques import technique
from vectorstore.passage import Passage

ENDINGS = ("length", "stopped", "time_limit", "nothing_found", "error")
NOTICES = ("history_trimmed", "passages_trimmed")
FEWEST_TIMED = 8
"""Tokens; the time of fewer says more about when the screen looked than about the model."""

Say = Callable[..., str]


def turns(conversation: Conversation, language: str, more: bool = False) -> list[str]:
    """Every turn of a conversation; the last can be asked again or undone, unless `more` comes."""
    last = -1 if more else len(conversation.turns) - 1
    return [turn(number, one, language, last=number == last) for number, one in enumerate(conversation.turns)]


def turn(number: int, asked: Turn, language: str, last: bool = True, waiting: str = "") -> str:
    """The `number`-th turn, counted from 0. `waiting`, in words, stands where no answer has begun yet."""
    answer = asked.answer
    growing = bool(waiting) or (answer is not None and not answer.done)
    return (
        f'<article class="turn" data-turn="{number}" aria-busy="{str(growing).lower()}">'
        f"{_question(asked.text, language, tools=not growing)}"
        f'<div class="answer">{_answer(answer, language, waiting, failed=asked.problem is not None)}'
        f"{_problem(asked.problem, language)}{'' if growing else _tools(answer, language, last)}"
        f"{_prompt(answer, language) if answer is not None and answer.done else ''}</div></article>"
    )


def body(
    answer: Answer | None,
    language: str,
    waiting: str = "",
    more: Sequence[str] = (),
) -> str:
    """An answer and its prompt, without the question: one of several that stand side by side. `more` facts
    join those of the model."""
    prompt = _prompt(answer, language) if answer is not None and answer.done else ""
    return f'<div class="answer">{_answer(answer, language, waiting, more)}{prompt}</div>'


def model_facts(answer: Answer, language: str) -> list[str]:
    """Technique, model, precision, tokens, times and seed: what a fair comparison needs.

    Only the technique where nothing was found.
    """
    if answer.finish_reason == "nothing_found":
        return [technique_label(answer.question.technique, language)]  # no model was asked
    rate = tokens_per_second(answer)
    prompt, completion, seconds = answer.tokens.prompt, answer.tokens.completion, answer.timings.first_token_s
    calls = [step for step in answer.steps if step.query is None]
    facts = [
        technique_label(answer.question.technique, language),
        answer.model.id,
        *once(precision_name(answer.model.precision, language), engine_name(answer.engine, language)),
        answer.model.adapter and say("facts.adapter", language, name=answer.model.adapter),
        len(calls) > 1 and say("facts.calls", language, count=len(calls)),
        (prompt or completion) and _tokens(answer, language),
        seconds is not None and say("facts.first_token", language, seconds=f"{seconds:.2f}"),
        rate is not None and say("facts.rate", language, rate=f"{rate:.1f}"),
        answer.seed is not None and say("facts.seed", language, seed=answer.seed),
    ]
    return [fact for fact in facts if fact]


def _tokens(answer: Answer, language: str) -> str:
    counts = answer.tokens
    prompt, completion = _count(counts.prompt, answer), _count(counts.completion, answer)
    return say("facts.tokens", language, prompt=prompt, completion=completion)


def _count(tokens: int, answer: Answer) -> str:
    """A number of tokens; "?" where there is text, and the model did not tell how many tokens it has."""
    return f"{tokens:,}" if tokens or not answer.raw else "?"


def tokens_per_second(answer: Answer) -> float | None:
    """Decoding speed: tokens after the first over the seconds after the first; None of too few to be one."""
    times, tokens = answer.timings, answer.tokens.completion
    if times.total_s is None or times.first_token_s is None or tokens < FEWEST_TIMED:
        return None
    seconds = times.total_s - (times.retrieve_s or 0.0) - times.first_token_s
    return (tokens - 1) / seconds if seconds > 0 else None


def technique_label(key: str, language: str) -> str:
    """The technique's name; its key where this Maru does not know it."""
    try:
        return pick(technique(key).label, language)
    except TechniqueNotFound:
        return key


def _question(text: str, language: str, tools: bool) -> str:
    button = _button("edit", say("turn.edit", language)) if tools else ""
    return (
        f'<div class="question"><div class="asked" dir="auto">{plain(text)}</div>'
        f'<div class="tools">{button}</div></div>'
    )


def _problem(problem: Text | None, language: str) -> str:
    """Why the answer came no further; beside what there is of it, so that it is still told tomorrow."""
    words = problem and (problem.get(known_language(language)) or next(iter(problem.values())))
    return f'<p class="problem">{plain(words)}</p>' if words else ""


def _answer(
    answer: Answer | None, language: str, waiting: str, more: Sequence[str] = (), failed: bool = False
) -> str:
    if answer is None:
        return f'<p class="waiting" role="status">{plain(waiting)}</p>' if waiting else ""
    idle = waiting and not answer.raw and not writing(answer)
    return "".join(
        [
            f'<p class="waiting" role="status">{plain(waiting)}</p>' if idle else "",
            steps_fold(answer, language),
            running_steps(answer, language),
            _reasoning(answer, language),
            f'<div class="text" dir="auto">{rich(answer.text, answer.sentences, language)}</div>',
            agreement(answer, language),
            _remarks(answer, language, failed),
            _sources(answer.citations, language) if answer.citations else "",
            _facts(answer, language, more) if answer.done else "",
        ]
    )


def _reasoning(answer: Answer, language: str) -> str:
    if not answer.reasoning:
        return ""
    begun = "open" if not answer.done and not answer.text else ""
    return fold("reasoning", say("answer.reasoning", language), rich(answer.reasoning), state=begun)


def _remarks(answer: Answer, language: str, failed: bool) -> str:
    """How it ended, what was left out, what is not supported: in words. Where it `failed`, the cause says how
    it ended, unless there is text of which to say that it was written before."""
    said = [say(f"notice.{notice}", language) for notice in answer.notices if notice in NOTICES]
    if answer.done and answer.finish_reason in ENDINGS and not (failed and not answer.text):
        said.append(say(f"ending.{answer.finish_reason}", language))
    if any(sentence.supported is False for sentence in answer.sentences):
        legend = plain(say("answer.unsupported_legend", language))
        said_html = f'<p class="remark"><span class="unsupported">{legend}</span></p>'
    else:
        said_html = ""
    return said_html + "".join(f'<p class="remark">{plain(words)}</p>' for words in said)


def _sources(citations: Sequence[Citation], language: str) -> str:
    items = "".join(f"<li>{_source(citation, language)}</li>" for citation in citations)
    title = say("answer.sources", language, count=len(citations))
    return fold("sources", title, f"<ol>{items}</ol>")


def place_of(found: Citation | Passage, language: str) -> list[str]:
    """Where a passage stands and how well it fits: file, page, relevance, score."""
    place = [found.source]
    if found.page is not None:
        place.append(say("source.page", language, page=found.page))
    if found.relevance is not None:
        place.append(say("source.relevance", language, percent=f"{found.relevance * 100:.0f}"))
    place.append(say("source.score", language, score=f"{found.score:.3f}"))
    return place


def _source(citation: Citation, language: str) -> str:
    place = place_of(citation, language)
    ranges = [(start - citation.start, end - citation.start) for start, end in citation.highlights]
    title = f'<span class="number">{citation.n}</span> {" · ".join(plain(part) for part in place)}'
    passage = f'<blockquote dir="auto">{highlighted(citation.text, ranges)}</blockquote>'
    return fold(f"source-{citation.n}", title, passage, safe=True, source=citation.n)


def _facts(answer: Answer, language: str, more: Sequence[str] = ()) -> str:
    told = [*model_facts(answer, language), *more]
    facts = " · ".join(f"<span>{plain(fact)}</span>" for fact in told)
    return f'<p class="facts">{facts}</p>'


def _prompt(answer: Answer, language: str) -> str:
    if not answer.prompt.messages:
        return ""
    whole = f"<pre>{plain(answer.prompt_text)}</pre>"
    exact = fold("templated", say("prompt.exact", language), whole) if answer.prompt_text else ""
    title = prompt_title(answer.prompt, language)
    return fold("prompt", title, messages(answer.prompt, answer.tokens.by_message, language) + exact)


def _tools(answer: Answer | None, language: str, last: bool) -> str:
    answered = answer is not None and bool(answer.text)
    buttons = [_button("copy", say("turn.copy", language))] if answered else []
    if last:
        buttons += [
            _button("retry", say("turn.retry" if answered else "turn.ask_again", language)),
            _button("undo", say("turn.undo", language)),
        ]
    return f'<div class="tools">{"".join(buttons)}</div>'


def _button(action: str, label: str) -> str:
    return f'<button type="button" data-do="{action}">{plain(label)}</button>'

"""What was done on the way to an answer, as HTML: each call with its prompt and text, each search.

While a call runs that is not the answer's own, its text is shown as it grows; afterwards all is folded away.
"""

from collections.abc import Sequence

from app.locales import pick, say
from app.marked import plain, rich
from chains.question import Answer, Message, Prompt, Step


def steps_fold(answer: Answer, language: str) -> str:
    """The steps that are done, but for the one whose text is the answer: that one is seen anyway."""
    done = [step for step in answer.steps if not step.final and not _runs(step)]
    if not done:
        return ""
    items = "".join(f"<li>{_step(number, step, language)}</li>" for number, step in enumerate(done, start=1))
    return fold("steps", say("answer.steps", language, count=len(done)), f"<ol>{items}</ol>")


def running_steps(answer: Answer, language: str) -> str:
    """The steps that run, as far as they have come."""
    if answer.done:
        return ""
    running = [step for step in answer.steps if not step.final and _runs(step)]
    return "".join(
        f'<section class="running"><h4>{plain(pick(step.name, language))}</h4>'
        f'<div class="so-far" dir="auto"><div>{rich(step.raw)}</div></div></section>'
        for step in running
    )


def writing(answer: Answer) -> bool:
    """Whether any step is being written."""
    return any(step.raw and _runs(step) for step in answer.steps)


def agreement(answer: Answer, language: str) -> str:
    """How many of the samples say what the answer says."""
    words = agreement_words(answer, language)
    return f'<p class="remark">{plain(words)}</p>' if words else ""


def agreement_words(answer: Answer, language: str) -> str:
    """As above, in words; empty where no samples were taken. A share where it is no share of the calls."""
    if answer.agreement is None:
        return ""
    samples = sum(step.query is None and not step.final for step in answer.steps)
    agreeing = answer.agreement * samples
    if not samples or abs(agreeing - round(agreeing)) > 1e-6:
        return say("answer.agreement_share", language, percent=f"{answer.agreement * 100:.0f}")
    return say("answer.agreement", language, agreeing=round(agreeing), samples=samples)


def messages(prompt: Prompt, counts: Sequence[int], language: str) -> str:
    """The messages of a prompt with the tokens of each, and where the model stops."""
    known: list[int | None] = [*counts, *[None] * (len(prompt.messages) - len(counts))]
    shown = "".join(
        _message(message, count, language) for message, count in zip(prompt.messages, known, strict=False)
    )
    stops = say("prompt.stop", language, strings=", ".join(map(repr, prompt.stop)))
    return shown + (f'<p class="remark">{plain(stops)}</p>' if prompt.stop else "")


def prompt_title(prompt: Prompt, language: str) -> str:
    """What stands on a folded prompt: of how many messages it is made."""
    count = len(prompt.messages)
    return say("prompt.show_one", language) if count == 1 else say("prompt.show", language, count=count)


def fold(
    name: str, title: str, content: str, state: str = "", safe: bool = False, source: int | None = None
) -> str:
    """A folded part. `content` is HTML; `title` is text, or HTML where it is `safe`."""
    number = "" if source is None else f' data-source="{source}"'
    return (
        f'<details class="fold {name.split("-")[0]}" data-fold="{name}"{number} {state}>'
        f"<summary>{title if safe else plain(title)}</summary>"
        f'<div class="folded">{content}</div></details>'
    )


def _runs(step: Step) -> bool:
    return step.total_s is None


def _step(number: int, step: Step, language: str) -> str:
    facts = [pick(step.name, language)]
    if step.query is None:
        tokens = step.tokens
        facts.append(say("facts.tokens", language, prompt=tokens.prompt, completion=tokens.completion))
    facts.append(say("step.seconds", language, seconds=f"{step.total_s or 0.0:.1f}"))
    content = _search(step, language) if step.query is not None else _call(number, step, language)
    return fold(f"step-{number}", " · ".join(facts), content)


def _call(number: int, step: Step, language: str) -> str:
    title = prompt_title(step.prompt, language)
    asked = messages(step.prompt, step.tokens.by_message, language)
    prompt = fold(f"prompt-{number}", title, asked) if step.prompt.messages else ""
    return f'<div class="text" dir="auto">{rich(step.raw)}</div>{prompt}'


def _search(step: Step, language: str) -> str:
    found = "".join(
        f'<li><blockquote dir="auto">{plain(passage.text)}</blockquote></li>' for passage in step.passages
    )
    words = say("step.query", language, query=step.query or "", count=len(step.passages))
    return f'<p class="remark" dir="auto">{plain(words)}</p>' + (f"<ul>{found}</ul>" if found else "")


def _message(message: Message, tokens: int | None, language: str) -> str:
    count = "" if tokens is None else say("prompt.tokens", language, count=f"{tokens:,}")
    return (
        f'<section class="message {message.role}"><h4>{plain(say(f"role.{message.role}", language))}'
        f' <span class="count">{plain(count)}</span></h4>'
        f'<pre dir="auto">{plain(message.content)}</pre></section>'
    )

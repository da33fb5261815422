"""What a technique may ask for while it works, and what it gets: generations, and searches.

A technique that asks the model several times is a generator. It yields what it wants next, all of which may
run side by side, is sent a Reply for each, in the same order, and returns its Outcome:

    def run(question, passages):
        (plan,) = yield [Call(name=PLAN, build=ask_for_plan)]
        (answer,) = yield [Call(name=ANSWER, build=with_plan(plan.text), final=True)]
        return Outcome(answer.text, reasoning=plan.text)

It never meets a model: whoever drives it (chains/answer.py) decides whether one question streams or
hundreds share a batch.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from adapters.spec import GenerationOptions, Text
from chains.question import Prompt, Question
from vectorstore.passage import Passage

Build = Callable[[Question, tuple[Passage, ...]], Prompt]
Read = Callable[[str, bool], tuple[str | None, str]]

ANSWER: Text = {"en": "Answer", "ko": "답변"}
"""What the call that writes the answer is called."""


def all_is_answer(text: str, done: bool) -> tuple[str | None, str]:
    """How a text without reasoning is read."""
    return None, text.strip() if done else text.lstrip()


@dataclass(frozen=True)
class Call:
    """One generation.

    `name` says on the screen what it is for. `build(question, passages)` makes its prompt; it may be called
    several times, with less history and fewer passages, until the prompt fits. `read` parts what the model
    wrote into reasoning and answer: it is called on every partial text with `done=False`, where both parts
    may only grow, and once at the end with `done=True`. `options`, where given, replace the question's, as
    `passages` do those that the technique was given: `build` gets as many of them as fit. The text of a
    `final` call is the answer, and may be shown while it grows; at most one of those that are yielded
    together is.
    """

    name: Text
    build: Build
    read: Read = all_is_answer
    options: GenerationOptions | None = None
    final: bool = False
    passages: tuple[Passage, ...] | None = None


@dataclass(frozen=True)
class Search:
    """A search in the question's collection for `query`; its Reply holds the relevant passages.

    Without a collection it finds the passages that were given with the question, whatever is searched.
    """

    name: Text
    query: str


@dataclass(frozen=True)
class Reply:
    """What came of a Call (`text` is its answer part, `raw` everything) or of a Search (`passages`)."""

    text: str = ""
    reasoning: str | None = None
    raw: str = ""
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What a technique answers in the end. `agreement` is the share of samples that said it (0..1), where
    the technique took samples. `passages` are those it found itself, to be cited instead of the given ones.
    """

    text: str
    reasoning: str | None = None
    agreement: float | None = None
    passages: tuple[Passage, ...] | None = None


Wanted = Call | Search
Run = Generator[Sequence[Wanted], Sequence[Reply], Outcome]


def one_call(build: Build, read: Read) -> Callable[[Question, tuple[Passage, ...]], Run]:
    """The run of a technique that asks the model once."""

    def run(question: Question, passages: tuple[Passage, ...]) -> Run:
        (answer,) = yield [Call(ANSWER, build, read, final=True)]
        return Outcome(answer.text, answer.reasoning)

    return run

"""The nouns of the program: what is asked, what is sent, what comes back. All frozen, none does anything.

    Question -> tuple[Passage, ...] -> Prompt -> chunks -> Answer

The exact Prompt stays in the Answer, so that the screen, the comparison and a bug report all show the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from adapters.spec import GenerationOptions, ModelSpec, Text
from vectorstore.passage import Passage

Role = Literal["system", "user", "assistant"]
FinishReason = Literal["stop", "length", "stopped", "time_limit", "nothing_found", "error"]
"""stop: the model ended; length: max_tokens reached; stopped: the person pressed Stop (or left);
nothing_found: no passage was relevant, the model was not asked; error: it broke, the text so far is kept."""


@dataclass(frozen=True)
class Message:
    """One message as the model sees it."""

    role: Role
    content: str


@dataclass(frozen=True)
class Example:
    """One few-shot example: a question and the answer the model should imitate."""

    question: str
    answer: str


@dataclass(frozen=True)
class Template:
    """A prompt template: `system` and `user` hold variables like {question}; `version` counts from 1, with
    every change."""

    name: str
    system: str
    user: str
    version: int = 1
    language: str = ""


@dataclass(frozen=True)
class Question:
    """What a person asks.

    `history` holds earlier user and assistant messages, oldest first. `collection` names where passages come
    from (None: not grounded). `system` replaces the technique's own system prompt. `examples` are used by
    few-shot techniques (None: the technique's default set). `language` ("en", "ko") is that of our own words
    in the prompt and in notices. `passages`, when given, are used instead of retrieving. `template` is the
    person's own wording, for the technique that uses one. `choices` are the texts to choose the answer from,
    in the order of their letters A, B, C, … `numeric`: the answer is known to be a number.
    """

    text: str
    history: tuple[Message, ...] = ()
    technique: str = "zero_shot"
    collection: str | None = None
    system: str | None = None
    examples: tuple[Example, ...] | None = None
    language: str = "en"
    passages: tuple[Passage, ...] | None = None
    options: GenerationOptions = field(default_factory=GenerationOptions)
    template: Template | None = None
    choices: tuple[str, ...] = ()
    numeric: bool = False


@dataclass(frozen=True)
class Prompt:
    """Exactly what is sent: the messages, and strings at which the model is to stop."""

    messages: tuple[Message, ...]
    stop: tuple[str, ...] = ()


@dataclass(frozen=True)
class Citation:
    """The n-th cited passage. `text == loaded_text[start:end]`; each highlight is a (start, end) range of
    the same loaded text, within the passage: the words that support the answer. `score` and `relevance` are
    the passage's: the first orders one search, the second (0..1) compares between searches."""

    n: int
    source: str
    page: int | None
    text: str
    start: int
    end: int
    score: float
    highlights: tuple[tuple[int, int], ...] = ()
    relevance: float | None = None


@dataclass(frozen=True)
class Sentence:
    """One sentence of the answer, `answer.text[start:end]`, and the citation numbers that support it.

    `supported` is None where there was nothing to support it with (no collection, a greeting, a question).
    """

    start: int
    end: int
    citations: tuple[int, ...] = ()
    supported: bool | None = None


@dataclass(frozen=True)
class Timings:
    """Seconds. None: did not happen (yet).

    Where many questions were answered together, `total_s` is the time of the whole group and `shared_s` this
    question's part of it, by the tokens written: over the group they add up to it.
    """

    retrieve_s: float | None = None
    first_token_s: float | None = None
    total_s: float | None = None
    shared_s: float | None = None


@dataclass(frozen=True)
class Tokens:
    """Tokens in and out; `by_message` counts each message of the prompt, template marks included."""

    prompt: int = 0
    completion: int = 0
    by_message: tuple[int, ...] = ()


@dataclass(frozen=True)
class Step:
    """One thing done for an answer: a call of the model, or a search (`query` is then what was searched for).

    `name` says what for; the text of a `final` call is the answer. `raw` is everything the model wrote,
    `text` its answer part. `passages` are those that stayed in the call's prompt, or that the search found.
    `total_s` is None while the step runs; of many that ran together it is the time of all. `seed` is the one
    that was used.
    """

    name: Text
    prompt: Prompt = field(default_factory=lambda: Prompt(()))
    prompt_text: str = ""
    raw: str = ""
    reasoning: str | None = None
    text: str = ""
    tokens: Tokens = field(default_factory=Tokens)
    total_s: float | None = None
    query: str | None = None
    passages: tuple[Passage, ...] = ()
    seed: int | None = None
    finish_reason: FinishReason | None = None
    final: bool = False


@dataclass(frozen=True)
class Answer:
    """The answer as far as it has grown; the last one of a stream has `done=True`.

    `text` is what the model answered, without its reasoning and without marks; `cited_text` adds [1] [2].
    `raw` is everything the model wrote. `prompt_text` is the prompt after the model's chat template.
    `engine` is what ran the model, where that is known. `seed` is the one that was used, also when none was
    asked for. `notices` are keys of things the person should know ("history_trimmed", "passages_trimmed").
    `waiting` says in both languages why no word comes just now, as long as that is so.

    `steps` are all calls of the model and all searches behind it, in the order in which they were asked for,
    those that run included; `prompt`, `prompt_text` and `raw` are those of the final call, or else of the
    last one, `tokens` are the sum over all. `agreement` is the share of samples (0..1) that say what `text`
    says, where the technique took samples.
    """

    question: Question
    prompt: Prompt
    text: str = ""
    raw: str = ""
    reasoning: str | None = None
    passages: tuple[Passage, ...] = ()
    citations: tuple[Citation, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    prompt_text: str = ""
    model: ModelSpec = field(default_factory=ModelSpec)
    engine: str = ""
    waiting: Text | None = None
    seed: int | None = None
    timings: Timings = field(default_factory=Timings)
    tokens: Tokens = field(default_factory=Tokens)
    finish_reason: FinishReason | None = None
    notices: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    agreement: float | None = None
    done: bool = False

    @property
    def cited_text(self) -> str:
        """The text with the citation marks of each sentence, as [1][2] before its closing white space."""
        return cited(self.text, self.sentences)


def cited(text: str, sentences: Sequence[Sentence]) -> str:
    """`text` with [n] marks behind each supported sentence."""
    pieces, at = [], 0
    for sentence in sentences:
        marks = "".join(f"[{n}]" for n in sentence.citations)
        pieces.append(text[at : sentence.end] + (f" {marks}" if marks else ""))
        at = sentence.end
    return "".join(pieces) + text[at:]

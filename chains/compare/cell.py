"""One cell of the grid: one question, answered in one way, once. Everything a score or the screen needs."""

from dataclasses import dataclass

from chains.question import Citation, FinishReason, Message, Sentence
from vectorstore.passage import Passage


@dataclass(frozen=True)
class Generation:
    """One call of the model behind an answer (or one search: `query`), as it was sent and came back."""

    name: str
    messages: tuple[Message, ...] = ()
    raw: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    query: str = ""


@dataclass(frozen=True)
class AnsweredBy:
    """What really answered: the model, the precision that "auto" came to, the engine, and the line that
    fingerprints weights, libraries and adapters (adapters/fingerprint.py)."""

    model: str
    precision: str
    engine: str
    fingerprint: str


@dataclass(frozen=True)
class Cell:
    """An answer that is kept. `column`, `item` (its id) and `repeat` (from 0) place it; `key` is the hash of
    everything that determines it.

    `seconds` is its share of the batch it ran in and of the search before it, with its likelihoods;
    `beside_s` is what of that the search and the likelihoods took.
    `log_likelihoods` has one value per choice, where a metric wants them: the sum of the logarithms of the
    probabilities of its letter's tokens, in `text_log_likelihoods` of its text's. `error` says, in both
    languages, why there is no answer; it counts as wrong. `answered_by` is None where nothing answered, and
    for what was kept before it was noted.
    """

    column: str
    item: str
    repeat: int
    key: str
    text: str = ""
    reasoning: str | None = None
    agreement: float | None = None
    passages: tuple[Passage, ...] = ()
    citations: tuple[Citation, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    generations: tuple[Generation, ...] = ()
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    peak_memory_bytes: int | None = None
    finish_reason: FinishReason | None = None
    notices: tuple[str, ...] = ()
    log_likelihoods: tuple[float, ...] | None = None
    text_log_likelihoods: tuple[float, ...] | None = None
    error: dict[str, str] | None = None
    answered_by: AnsweredBy | None = None
    passing: bool = False
    """With an `error` of the moment (no memory, a server that is away): nothing is known of the answer yet,
    so it does not count as wrong either."""
    beside_s: float = 0.0

    @property
    def messages(self) -> tuple[Message, ...]:
        """The prompt of the last generation: what the answer answers."""
        sent = [one.messages for one in self.generations if one.messages]
        return sent[-1] if sent else ()

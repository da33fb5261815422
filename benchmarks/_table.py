"""The tables that `benchmarks.models` prints."""

import statistics
from collections import defaultdict
from dataclasses import dataclass, field

from benchmarks._contestants import PLAIN
from benchmarks._limits import Limits, Shape

LLAMA = "llama.cpp"
LLAMA_BYTES = 92_000_000 / 134_500_000
"""Of a weight in its file; its output layer is the embedding, stored like the rest."""

HEAD = "| work | {ours} | {peers} | ratio | reach | | limit here |\n|---|---|---|---|---|---|---|"
USERS, USER_TOKENS, PROMPT_TOKENS, ANSWER_TOKENS = 8, 300, 900, 64
BLOCK_TOKENS, QUESTION_TOKENS, SHORT_TOKENS = 1000, 70, 32


@dataclass
class Figures:
    """What was measured, a value per round, by kind of work and contestant."""

    values: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, work: str, name: str, value: float) -> None:
        """Another round."""
        self.values[work, name].append(value)

    def get(self, work: str, name: str) -> float | None:
        """The median, None when it was not measured."""
        values = self.values.get((work, name))
        return statistics.median(values) if values else None


@dataclass(frozen=True)
class Counts:
    """How many questions shared the block, and which precision is which."""

    questions: int
    fast: str
    reference: str
    decoding: str


@dataclass(frozen=True)
class Row:
    """A line: our figure, the peer's by name, and how it is compared. `lower` is better (seconds) or not."""

    work: str
    ours: float | None
    peers: dict[str, float | None]
    peer: str | None
    reach: str
    target: float
    limit: str
    lower: bool = True
    unit: str = "s"

    @property
    def ratio(self) -> float | None:
        """How many times better than the peer; without one our figure itself."""
        other = self.peers.get(self.peer) if self.peer else self.ours
        if self.ours is None or other is None:
            return None
        return (other / self.ours if self.lower else self.ours / other) if self.peer else self.ours

    @property
    def reached(self) -> bool | None:
        """Whether the target is met: at least, or (without a peer) at most."""
        if self.ratio is None:
            return None
        return self.ratio >= self.target if self.peer else self.ratio <= self.target

    def line(self) -> str:
        """As Markdown."""
        peers = ", ".join(
            f"{name} {_number(value, self.unit)}" for name, value in self.peers.items() if value
        )
        ratio = "" if self.ratio is None or not self.peer else f"{self.ratio:.1f}× {self.peer}"
        mark = {True: "✓", False: "✗", None: "–"}[self.reached]
        ours = _number(self.ours, self.unit)
        return f"| {self.work} | {ours} | {peers} | {ratio} | {self.reach} | {mark} | {self.limit} |"


@dataclass(frozen=True)
class Bounds:
    """The limits of this machine for one precision, in words."""

    shape: Shape
    limits: Limits
    weights: float
    outputs: float

    def prefill(self, tokens: int, known: int = 0) -> str:
        """To read a prompt."""
        return f"≥ {_number(self.shape.prefill_s(tokens, self.limits, known), 's')}: arithmetic"

    def answer(self, tokens: int, new: int) -> str:
        """To read a prompt and write an answer."""
        seconds = self.shape.prefill_s(tokens, self.limits) + new * self._step(1)
        return f"≥ {_number(seconds, 's')}: arithmetic, then memory"

    def decode(self) -> str:
        """Tokens per second for one reader."""
        return f"≤ {1 / self._step(1):.0f} tokens/s: memory"

    def users(self, people: int, tokens: int, new: int) -> str:
        """Tokens per second of all people."""
        seconds = people * self.shape.prefill_s(tokens, self.limits) + new * self._step(people)
        return f"≤ {people * new / seconds:.0f} tokens/s: arithmetic"

    def block(self, questions: int) -> str:
        """To answer many behind one block."""
        one = self.shape.prefill_s(QUESTION_TOKENS, self.limits, BLOCK_TOKENS)
        many = questions * (one + SHORT_TOKENS * self._step(questions) / questions)
        return f"≥ {_number(self.shape.prefill_s(BLOCK_TOKENS, self.limits) + many, 's')}: arithmetic"

    def _step(self, readers: int) -> float:
        return self.shape.step_s(readers, self.weights, self.outputs, self.limits)


def bounds(precision: str, shape: Shape, limits: Limits) -> Bounds:
    """Those of a precision of ours."""
    from adapters.precision import precisions

    found = precisions()[precision]
    weights = found.bytes_per_weight
    return Bounds(shape, limits, weights, getattr(found, "bytes_per_embedding", weights))


def report(figures: Figures, counts: Counts, limits: Limits, shape: Shape) -> str:
    """Both tables, what decoding was chosen by, and where starting spends its time."""
    peers = f"peers: {LLAMA} Q4_1, {PLAIN} transformers bfloat16"
    lines = [
        f"Memory is read at {limits.bandwidth / 1e9:.0f} GB/s; matrix products reach "
        f"{limits.bfloat16 / 1e12:.2f} (bfloat16) and {limits.int8 / 1e12:.2f} (int8) TOPS."
    ]
    if figures.get("first", counts.fast) is not None:
        fast, decoding = (bounds(one, shape, limits) for one in (counts.fast, counts.decoding))
        lines += ["", HEAD.format(ours=f"Maru, OpenVINO ({counts.fast})", peers=peers)]
        lines += [row.line() for row in _fast_rows(figures, counts, fast, decoding)]
    slow = bounds(counts.reference, shape, limits)
    lines += ["", HEAD.format(ours=f"Maru, transformers ({counts.reference})", peers=peers)]
    lines += [row.line() for row in _reference_rows(figures, counts, slow)]
    return "\n".join([*lines, "", _perplexities(figures, counts), _start(figures)])


def _peers(figures: Figures, work: str) -> dict[str, float | None]:
    return {name: figures.get(work, name) for name in (LLAMA, PLAIN)}


def _fast_rows(figures: Figures, counts: Counts, fast: Bounds, decoding: Bounds) -> list[Row]:
    name = counts.fast
    return [
        Row(
            f"first token, {PROMPT_TOKENS}-token prompt",
            figures.get("first", name),
            *(_peers(figures, "first"), LLAMA, "≥ 6× llama.cpp", 6),
            fast.prefill(PROMPT_TOKENS),
        ),
        Row(
            "second turn, first token",
            figures.get("second", name),
            *(_peers(figures, "second"), PLAIN, "≥ 10× plain", 10),
            fast.prefill(90, PROMPT_TOKENS),
        ),
        Row(
            f"grounded answer, {PROMPT_TOKENS} in, {ANSWER_TOKENS} out",
            figures.get("grounded", name),
            *(_peers(figures, "grounded"), LLAMA, "≥ 3× llama.cpp", 3),
            fast.answer(PROMPT_TOKENS, ANSWER_TOKENS),
        ),
        Row(
            f"decode, one user ({counts.decoding})",
            figures.get("decode", counts.decoding),
            *(_peers(figures, "decode"), LLAMA, "≥ 1× llama.cpp", 1),
            decoding.decode(),
            lower=False,
            unit="tokens/s",
        ),
        *_user_rows(figures, name, fast, 5),
        _block_row(figures, counts, name, fast, 12),
        Row(
            "start of `ask` to its first text",
            *(figures.get("start", "ask"), {}, None, "≤ 5 s", 5),
            "see below",
        ),
    ]


def _reference_rows(figures: Figures, counts: Counts, slow: Bounds) -> list[Row]:
    name = counts.reference
    second = Row(
        "second turn, first token",
        figures.get("second", name),
        *({PLAIN: figures.get("second", PLAIN)}, PLAIN, "≥ 5× plain", 5),
        slow.prefill(90, PROMPT_TOKENS),
    )
    return [second, *_user_rows(figures, name, slow, 4), _block_row(figures, counts, name, slow, 6)]


def _user_rows(figures: Figures, name: str, bound: Bounds, target: float) -> list[Row]:
    """Against every way of asking one after another: a plain loop decides, our own engine is shown."""
    peers = {"itself in turn": figures.get("in turn", name)} | _peers(figures, "users")
    limit = bound.users(USERS, USER_TOKENS, ANSWER_TOKENS)
    total = figures.get("users", name)
    work = f"{USERS} users, {USER_TOKENS} in, {ANSWER_TOKENS} out"
    return [
        Row(work, total, peers, PLAIN, f"≥ {target:g}× plain", target, limit, lower=False, unit="tokens/s"),
        Row(
            "their first token, of the fair share",
            figures.get("fairness", name),
            {},
            None,
            "≤ 1.5",
            1.5,
            "1",
            unit="×",
        ),
    ]


def _block_row(figures: Figures, counts: Counts, name: str, bound: Bounds, target: float) -> Row:
    return Row(
        f"{counts.questions} questions behind {BLOCK_TOKENS} shared tokens",
        figures.get("block", name),
        *(_peers(figures, "block"), PLAIN, f"≥ {target:g}× plain", target),
        bound.block(counts.questions),
    )


def _perplexities(figures: Figures, counts: Counts) -> str:
    known = [
        f"{name} {value:.2f}"
        for (work, name), values in figures.values.items()
        if work == "perplexity" and (value := statistics.median(values))
    ]
    return f"Perplexity: {', '.join(known)}. Decoding counts in {counts.decoding}."


def _start(figures: Figures) -> str:
    start, imports = figures.get("start", "ask"), figures.get("start: imports", "ask")
    if start is None:
        return "Starting was not measured."
    if imports is None:
        return f"Start: {start:.2f} s to the first text."
    rest = start - imports
    return (
        f"Start: {imports:.2f} s until loading begins, {rest:.2f} s for loading, reading and the first word."
    )


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    if unit == "s":
        return (
            f"{value * 1000:.0f} ms"
            if value < 0.0995
            else f"{value:.2f} s"
            if value < 10
            else f"{value:.0f} s"
        )
    return f"{value:.2f}" if unit == "×" else f"{value:.0f} {unit}"

"""How fast models answer here, against what a person would use instead: `python -m benchmarks.models`.

Contestants: our model on OpenVINO and on transformers, llama.cpp on the same GGUF file with the same threads
(llama-cpp-python, built from source for this only), and plain transformers `generate` in a loop (bfloat16).
Each is a process of its own that waits while another runs; they take turns in every round, so that whatever
else the machine does hits all alike, and medians count. Every contestant reads the same tokens, greedily.

A first token is what a person waits for: ours includes templates and LangChain. `fair share`: eight first
tokens at once, against eight prompts read one after another. Loops are measured on a sample: their rate does
not depend on how long they are. Limits: see benchmarks/_limits.py.
"""

import argparse
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

from app.settings import read_settings
from benchmarks._contestants import PLAIN, ROOT, Contestant, llama, llama_python, ours, plain
from benchmarks._limits import Shape, measure_limits
from benchmarks._prompts import Prompts, make_prompts
from benchmarks._table import Counts, Figures, report

FAST, REFERENCE = "int8_openvino", "bfloat16"
CANDIDATES = ("int4_openvino",)
TOLERANCE = 1.05
"""For decoding, a precision counts whose perplexity is at most so many times bfloat16's."""

USERS, USER_TOKENS = 8, 300
PROMPT_TOKENS, ANSWER_TOKENS, DECODE_TOKENS = 900, 64, 128
QUESTIONS, BLOCK_TOKENS, SHORT_TOKENS = 200, 1000, 32
SAMPLE, IN_TURN = 10, 3


@dataclass(frozen=True)
class Bench:
    """All that a run needs."""

    prompts: Prompts
    contestants: Sequence[Contestant]
    figures: Figures
    questions: int

    def named(self, name: str) -> Contestant | None:
        """The contestant of that name, if it takes part."""
        return next((one for one in self.contestants if one.name == name), None)


def first_token(bench: Bench, one: Contestant, number: int) -> None:
    """A prompt that nobody has read before."""
    prompt = bench.prompts.grounded(1000 + number, PROMPT_TOKENS, 2)
    bench.figures.add("first", one.name, one.ask("stream", **prompt)["first_s"])


def second_turn(bench: Bench, one: Contestant, number: int) -> None:
    """The next question of a conversation, after it was answered once."""
    prompt = bench.prompts.grounded(2000 + number, PROMPT_TOKENS, ANSWER_TOKENS)
    answer = one.ask("stream", **prompt).get("text") or "They tell of a house by a river. " * 6
    again = bench.prompts.follow_up(prompt, answer, 2)
    bench.figures.add("second", one.name, one.ask("stream", **again)["first_s"])


def grounded(bench: Bench, one: Contestant, number: int) -> None:
    """A whole answer, for one person."""
    done = one.ask("stream", **bench.prompts.grounded(3000 + number, PROMPT_TOKENS, ANSWER_TOKENS))
    bench.figures.add("grounded", one.name, done["total_s"])
    bench.figures.add("grounded tokens", one.name, done["tokens"])


def decode(bench: Bench, one: Contestant, _number: int) -> None:
    """A long answer, from its first token on."""
    done = one.ask("stream", **bench.prompts.story(DECODE_TOKENS))
    bench.figures.add("decode", one.name, (done["tokens"] - 1) / (done["total_s"] - done["first_s"]))


def users(bench: Bench, one: Contestant, number: int) -> None:
    """Eight people at once; one after another has a rate that a few of them tell."""
    seeds = range(4000 + 100 * number, 4000 + 100 * number + USERS)
    mine = one.name in (FAST, REFERENCE)
    asked = [bench.prompts.grounded(seed, USER_TOKENS, ANSWER_TOKENS) for seed in seeds]
    asked = asked if mine else asked[:IN_TURN]
    done = one.ask("together", many=[prompt | {"owner": f"u{n}"} for n, prompt in enumerate(asked)])
    bench.figures.add("users", one.name, done["tokens"] / done["total_s"])
    if not mine:
        return
    others = [bench.prompts.grounded(seed + 50, USER_TOKENS, ANSWER_TOKENS) for seed in seeds[:IN_TURN]]
    alone = [one.ask("stream", **prompt) for prompt in others]
    tokens, seconds = sum(row["tokens"] for row in alone), sum(row["total_s"] for row in alone)
    bench.figures.add("in turn", one.name, tokens / seconds)
    shared = USERS * statistics.median(row["first_s"] for row in alone)
    bench.figures.add("fairness", one.name, max(done["firsts"]) / shared)


def shared_block(bench: Bench, one: Contestant) -> None:
    """Many short questions behind one long block; the peers' loops are scaled up from a sample."""
    asked = bench.prompts.few_shot(bench.questions, BLOCK_TOKENS, SHORT_TOKENS)
    mine = one.name in (FAST, REFERENCE)
    sample = asked if mine else asked[:SAMPLE]
    done = one.ask("batch" if mine else "together", many=sample)
    bench.figures.add("block", one.name, done["total_s"] * len(asked) / len(sample))


def judge(bench: Bench, one: Contestant) -> None:
    """The perplexity of our text, in the windows of the quality card."""
    from adapters.card_text import read_text
    from adapters.perplexity import perplexity, windows

    tokens = bench.prompts.tokenizer(read_text("en"), add_special_tokens=False)["input_ids"]
    spans = windows(len(tokens))
    found = one.ask("score", windows=[tokens[span.start : span.end] for span in spans])["logarithms"]
    judged = [
        value
        for span, values in zip(spans, found, strict=True)
        for value in values[-(span.end - span.judged) :]
    ]
    bench.figures.add("perplexity", one.name, perplexity(judged))


def start_up(bench: Bench) -> None:
    """From the start of `python -m app ask` to the first text on its standard output."""
    command = [sys.executable, "-m", "app", "ask", "What is the capital of France?", "--max-tokens", "16"]
    began = time.perf_counter()
    environment = os.environ | {"LC_ALL": "C.UTF-8"}
    process = Popen(command, cwd=ROOT, env=environment, stdout=PIPE, stderr=PIPE, text=True)
    assert process.stdout is not None and process.stderr is not None
    steps: dict[str, float] = {}

    def hear(lines: Any) -> None:
        for line in lines:
            steps.setdefault(line.strip(), time.perf_counter() - began)

    listening = threading.Thread(target=hear, args=(process.stderr,))
    listening.start()
    process.stdout.read(1)
    bench.figures.add("start", "ask", time.perf_counter() - began)
    process.stdout.read()
    listening.join()
    bench.figures.add("exit", "ask", time.perf_counter() - began)
    loading = [at for step, at in steps.items() if step.startswith("Loading the model")]
    if loading:
        bench.figures.add("start: imports", "ask", loading[0])
    if process.wait():
        raise SystemExit("`python -m app ask` failed; run it to see why")


ROUNDS: tuple[Callable[[Bench, Contestant, int], None], ...] = (
    first_token,
    second_turn,
    grounded,
    decode,
    users,
)


def run(bench: Bench, rounds: int) -> None:
    """Everything, in turns; the first round warms up and does not count."""
    for one in bench.contestants:
        judge(bench, one)
    for number in range(rounds + 1):
        for work in ROUNDS:
            for one in bench.contestants:
                if work is not decode and one.name in CANDIDATES:
                    continue
                print(f"round {number} of {rounds}: {work.__name__}, {one.name}", file=sys.stderr)
                if number or work in (first_token, decode):
                    work(bench, one, number)
        if not number:
            for kind in ("first", "decode"):
                for one in bench.contestants:
                    bench.figures.values.pop((kind, one.name), None)
            continue
        start_up(bench)
    for one in bench.contestants:
        if one.name not in CANDIDATES:
            print(f"{bench.questions} questions, {one.name}", file=sys.stderr)
            shared_block(bench, one)


def main() -> None:
    """Prints the tables as Markdown."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.models", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="one round, fewer questions")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of measuring; medians count")
    parser.add_argument("--llama", default=os.environ.get("MARU_BENCH_LLAMA"), help="a Python that has it")
    parser.add_argument("--no-llama", action="store_true", help="leave llama.cpp out")
    args = parser.parse_args()
    models = read_settings().models
    began, limits = time.perf_counter(), measure_limits()
    with ExitStack() as stack:
        makers = [*(_later(name) for name in usable((FAST, REFERENCE, *CANDIDATES))), plain]
        if not args.no_llama:
            python = llama_python(args.llama)
            makers.append(lambda: llama(python))
        contestants = []
        for make in makers:
            contestants.append(make())
            stack.callback(contestants[-1].close)
        questions = 40 if args.quick else QUESTIONS
        bench = Bench(make_prompts(models), contestants, Figures(), questions)
        try:
            run(bench, 1 if args.quick else args.rounds)
        except KeyboardInterrupt:
            print("stopped; what follows is what was measured", file=sys.stderr)
        best = best_decoding(bench.figures)
        counts = Counts(questions, FAST, REFERENCE, best)
        print(report(bench.figures, counts, limits, shape(models)))
    print(f"\nTook {time.perf_counter() - began:.0f} s.")


def best_decoding(figures: Figures) -> str:
    """The fastest precision whose perplexity is near enough to bfloat16's."""
    limit = TOLERANCE * (figures.get("perplexity", PLAIN) or 0.0)
    near = [name for name in (FAST, *CANDIDATES) if (figures.get("perplexity", name) or limit + 1) <= limit]
    return max(near or [REFERENCE], key=lambda name: figures.get("decode", name) or 0.0)


def usable(names: Sequence[str]) -> list[str]:
    """Those precisions that work on this machine; says what is left out."""
    from adapters.precision import precisions

    reasons = {
        name: precisions()[name].available() if name in precisions() else {"en": "?"} for name in names
    }
    for name, reason in reasons.items():
        if reason:
            print(f"without {name}: {reason['en']}", file=sys.stderr)
    return [name for name, reason in reasons.items() if reason is None]


def _later(name: str) -> Callable[[], Contestant]:
    return lambda: ours(name)


def shape(models: Path) -> Shape:
    """The sizes of the default model."""
    from adapters.checkpoint import read_checkpoint
    from adapters.models import find_model
    from adapters.weights import prepare_folder

    checkpoint = read_checkpoint(prepare_folder(find_model("default", models), models))
    output = checkpoint.vocabulary * checkpoint.hidden_size
    inputs = output if "lm_head.weight" in checkpoint.tensors else 0  # only looked up, never multiplied
    computed = checkpoint.parameters - inputs - output
    return Shape(computed, output, checkpoint.layers, checkpoint.hidden_size)


if __name__ == "__main__":
    main()

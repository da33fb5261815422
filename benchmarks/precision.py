"""What bfloat16 gains and loses against float32 here: `python -m benchmarks.precision [--rounds N]`.

Both are loaded in one process and measured turn by turn, so that whatever else the machine does hits both.
Speed is that of the engine itself, a reader's view: 512 tokens of prompt until the first new token, then 64
new tokens. Perplexity is on a text written for this purpose, so that no model can have read it.
"""

import argparse
import math
import statistics
import time
from dataclasses import dataclass
from typing import cast

from adapters.chat_model import LocalChatModel
from adapters.load import load
from adapters.machine import native_bfloat16
from adapters.request import Request
from adapters.spec import ModelSpec
from app.settings import read_settings

PRECISIONS = ("float32", "bfloat16")
PROMPT_TOKENS, NEW_TOKENS = 512, 64

TEXT = """
The house stood where the lane bent twice before it reached the ferry. Its floor of dark pine ran
out under the eaves, and in summer the whole family sat on it until the mosquitoes drove them in.
Grandmother shelled beans into a brass bowl. My uncle, who had worked eleven years on a dredger,
told the same three stories in a new order every evening, and nobody minded, because he changed the
endings. In the first the anchor was lost; in the second it was found again, though by another ship;
in the third there had never been an anchor at all.

When the ferry stopped running the lane grew quiet. A surveyor came with a tripod and two
assistants, measured the slope, drank a cup of barley tea and left a stake with a red ribbon beside
the well. We were told that a bridge would be built, then that it would not, and then that it had
been built already, forty kilometres upstream, where the river was narrow and the money was closer.
Grandmother pulled the stake out in the spring and used it to hold up the beans.

To keep a wooden floor for a century you need only four things: shade, air from below, a broom, and
somebody who notices when a board begins to speak. A board that creaks is not broken. It has dried
on one side more than on the other, and it wants to be turned, not nailed. Measure the gap, lift the
board at the end that is free, and plane away less than you think you should. Then wait a week
before you judge your work, for wood answers slowly, and it remembers every hurry.
"""


@dataclass
class Speeds:
    """Tokens per second, a value per round."""

    prefill: list[float]
    decode: list[float]


def measure(model: LocalChatModel, speeds: Speeds) -> None:
    """One round: reads a prompt, then writes."""
    prompt = (model.get_token_ids(TEXT) * 3)[:PROMPT_TOKENS]
    began = first = time.perf_counter()
    tokens = 0
    for chunk in model.engine.generate([Request(prompt, max_tokens=NEW_TOKENS)]):
        if chunk.tokens and not tokens:
            first = time.perf_counter()
        tokens = max(tokens, chunk.tokens)
    speeds.prefill.append(len(prompt) / (first - began))
    speeds.decode.append((tokens - 1) / (time.perf_counter() - first))


def judge(model: LocalChatModel) -> tuple[float, list[int]]:
    """The perplexity of the text, and the token the model finds likeliest at each place."""
    import torch

    ids = torch.tensor([model.get_token_ids(TEXT.strip())], device=model.engine.model.device)
    with torch.inference_mode():
        logits = model.engine.model(ids).logits[0, :-1].float()
        loss = torch.nn.functional.cross_entropy(logits, ids[0, 1:])
    return math.exp(loss.item()), logits.argmax(dim=-1).tolist()


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.precision", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of measuring; the median counts")
    rounds = parser.parse_args().rounds
    folder = read_settings().models
    models = {name: cast(LocalChatModel, load(ModelSpec(precision=name), folder)) for name in PRECISIONS}
    speeds = {name: Speeds([], []) for name in PRECISIONS}
    for number in range(rounds + 1):
        for name, model in models.items():
            measure(model, speeds[name] if number else Speeds([], []))  # the first round warms up
    report(speeds, {name: judge(model) for name, model in models.items()})
    for model in models.values():
        model.close()


def report(speeds: dict[str, Speeds], judged: dict[str, tuple[float, list[int]]]) -> None:
    """One line per quantity: float32, bfloat16, and their ratio."""
    full, half = (speeds[name] for name in PRECISIONS)
    rows = [
        (f"prefill {PROMPT_TOKENS}, tokens/s", full.prefill, half.prefill),
        (f"decode {NEW_TOKENS}, tokens/s", full.decode, half.decode),
        ("perplexity", [judged["float32"][0]], [judged["bfloat16"][0]]),
    ]
    print(f"{'':<24} {'float32':>9} {'bfloat16':>9} {'ratio':>7}")
    for label, *values in rows:
        a, b = (statistics.median(value) for value in values)
        print(f"{label:<24} {a:>9.2f} {b:>9.2f} {b / a:>7.3f}")
    ours, theirs = (judged[name][1] for name in PRECISIONS)
    same = sum(a == b for a, b in zip(ours, theirs, strict=True)) / len(ours)
    print(f"same likeliest next token: {same:.1%} of {len(ours)} places")
    print(f"bfloat16 native: {'yes' if native_bfloat16() else 'no'}")


if __name__ == "__main__":
    main()

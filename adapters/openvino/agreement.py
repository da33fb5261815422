"""Whether a converted model still answers as the reference does: compared once, after the conversion.

The reference is transformers in float32, which is there anyway to be traced. Compared are the perplexity of a
text of ours in English and in Korean (through the very pipeline that will answer), the distributions of the
next token after its first tokens, and greedy answers. The figures lie beside the model.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from adapters.openvino.texts import QUESTIONS, TEXTS

FILE = "agreement.json"
LIMITS = {8: 0.02, 4: 0.08}
"""By how much perplexity may grow at the most, per bits of a weight."""

DIVERGENCES, SAME_TOPS = {8: 0.02, 4: 0.1}, {8: 0.9, 4: 0.8}
"""Likewise how far the next-token distributions may diverge (nats), and which share of likeliest tokens must
be the same: perplexity alone would not tell a model that became surer of its errors."""

ANSWER_TOKENS = 16
DISTRIBUTIONS = 128
"""So many next-token distributions are compared per text: each is as long as the vocabulary."""


@dataclass(frozen=True)
class Agreement:
    """`perplexity`: per language the reference's and ours. `divergence`: Kullback-Leibler divergence of our
    next-token distribution from the reference's, mean over tokens, in nats. `same_top`: share of tokens
    after which both find the same token likeliest. `same_answers`: share of greedy tokens before the first
    that differs, mean over the questions."""

    bits: int
    perplexity: Mapping[str, Sequence[float]]
    divergence: float
    same_top: float
    same_answers: float
    reference: str = "transformers float32"

    @property
    def growth(self) -> float:
        """By which share perplexity grew, in the language where it grew most; below 0 where it fell."""
        return max(ours / reference - 1 for reference, ours in self.perplexity.values())

    @property
    def holds(self) -> bool:
        """Whether it answers as the reference does."""
        return (
            self.growth <= LIMITS[self.bits]
            and self.divergence <= DIVERGENCES[self.bits]
            and self.same_top >= SAME_TOPS[self.bits]
        )


@dataclass(frozen=True)
class Reference:
    """What the reference said. `texts`: token ids, the log-probability of each but the first, and those of
    the whole vocabulary after each of the first (tokens × vocabulary). `answers`: prompt and answer."""

    texts: dict[str, tuple[list[int], list[float], Any]] = field(default_factory=dict)
    answers: list[tuple[list[int], list[int]]] = field(default_factory=list)


def agrees(folder: Path) -> bool:
    """Whether the comparison of that converted model was made and came out well. Reads one small file."""
    found = read(folder)
    return found is not None and found.holds


def read(folder: Path) -> Agreement | None:
    """The comparison's figures; None where there are none."""
    try:
        values = json.loads((folder / FILE).read_text(encoding="utf-8"))
        values.pop("growth", None)
        return Agreement(**values)
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def write(folder: Path, agreement: Agreement) -> None:
    """Puts the figures beside the model."""
    values = {**asdict(agreement), "growth": agreement.growth}
    (folder / FILE).write_text(json.dumps(values, indent=1), encoding="utf-8")


def read_reference(model: Any, tokenizer: Any) -> Reference:
    """Asks the reference, a transformers model, what `compare` needs."""
    import torch

    reference = Reference()
    with torch.inference_mode():
        for language, text in TEXTS.items():
            ids = tokenizer(text, add_special_tokens=False)["input_ids"]
            found = model(torch.tensor([ids])).logits[0].float().log_softmax(-1)
            chosen = found[:-1].gather(1, torch.tensor(ids[1:])[:, None])[:, 0]
            reference.texts[language] = (ids, chosen.tolist(), found[:DISTRIBUTIONS].numpy().copy())
        for question in QUESTIONS:
            prompt = list(tokenizer(question, add_special_tokens=False)["input_ids"])
            rows = torch.tensor([prompt])
            answer = model.generate(
                rows, attention_mask=torch.ones_like(rows), max_new_tokens=ANSWER_TOKENS, do_sample=False
            )
            reference.answers.append((prompt, answer[0, len(prompt) :].tolist()))
    return reference


def compare(folder: Path, reference: Reference, bits: int) -> Agreement:
    """Runs the converted model over what the reference said."""
    from adapters.openvino.pipeline import BLOCK, Pipeline, score

    longest = max(len(ids) for ids, _, _ in reference.texts.values())
    pipeline = Pipeline(folder, (), longest + 2 * BLOCK, remember=False)
    perplexity = {}
    for language, (ids, theirs, _) in reference.texts.items():
        perplexity[language] = [_perplexity(theirs), _perplexity(score(pipeline, ids))]
    same = [_same_start(pipeline, prompt, answer) for prompt, answer in reference.answers]
    divergence, same_top = _distributions(folder, reference)
    return Agreement(bits, perplexity, divergence, same_top, sum(same) / len(same))


def _perplexity(log_probabilities: Sequence[float]) -> float:
    return math.exp(-sum(log_probabilities) / len(log_probabilities))


def _same_start(pipeline: Any, prompt: list[int], answer: list[int]) -> float:
    """The share of the answer before the first token that differs."""
    from adapters.openvino.pipeline import read_tokens
    from adapters.request import Request

    handle = pipeline.begin(Request(prompt, max_tokens=len(answer)), frozenset(), 0)
    while pipeline.working:
        pipeline.step()
    pairs = list(zip(read_tokens(handle), answer, strict=False))
    return next((at for at, (ours, theirs) in enumerate(pairs) if ours != theirs), len(answer)) / len(answer)


def _distributions(folder: Path, reference: Reference) -> tuple[float, float]:
    """Mean divergence (nats) and share of equal likeliest tokens, over the texts' first tokens."""
    import numpy as np
    import openvino as ov

    from adapters.openvino.store import GRAPH

    run = ov.Core().compile_model(folder / GRAPH, "CPU").create_infer_request()
    divergences, same = [], []
    for ids, _, expected in reference.texts.values():
        run.reset_state()
        rows = np.array([ids[: len(expected)]])
        inputs = {"input_ids": rows, "attention_mask": np.ones_like(rows), "beam_idx": np.zeros(1, np.int32)}
        logits = run.infer({**inputs, "position_ids": np.arange(len(expected))[None]})["logits"][0]
        logits = logits - logits.max(-1, keepdims=True)
        found = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
        divergences.append((np.exp(expected) * (expected - found)).sum(-1))
        same.append(expected.argmax(-1) == found.argmax(-1))
    return float(np.concatenate(divergences).mean()), float(np.concatenate(same).mean())

"""How fast a comparison runs, against a loop over chains: `python -m benchmarks.compare --data DIR`.

Eight techniques on questions of XQuAD, each with its own passage, greedily, as `python -m app compare` runs
them: model loaded, keys made, answers cited and kept. Against it the plain way: one LangChain chain per
question, one after the other, over transformers' `generate` on the same weights (bfloat16); and the same loop
through our own model, to tell the engine's part from that of the batches. The loops run the same techniques
and are timed on a sample, spread over the questions: their rate does not depend on how long they are. The
first question of a loop warms up and does not count.

Last columns: the share of answers that differ at temperature 0, between our batches and our model asked
alone, and between our batches and the plain model.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from adapters.spec import GenerationOptions, ModelSpec
from adapters.template import render
from app.comparing.machine import LocalMachine
from app.settings import read_settings
from chains.answer import ask
from chains.compare.cell import Cell
from chains.compare.experiment import Column, Experiment
from chains.compare.kept import Kept
from chains.compare.plan import Chunk, questions_of
from chains.compare.public import load
from chains.compare.run import run
from chains.compare.scores import score_all

TECHNIQUES = (
    *("zero_shot", "few_shot", "few_shot_similar", "chain_of_thought"),
    *("self_consistency", "plan_and_solve", "self_refine", "step_back"),
)
QUESTIONS, SAMPLE = 200, 10
QUICK_QUESTIONS, QUICK_SAMPLE = 16, 2
HEADINGS = (
    "| technique | calls | batches s | loop, our model s | plain loop s | ratio | F1 | "
    "other than alone | other than plain |"
)
OPTIONS = GenerationOptions(max_tokens=32, temperature=0.0, seed=0)


class PlainChat(BaseChatModel):
    """transformers' `generate` behind LangChain, one prompt at a time, as its documentation shows."""

    tokenizer: Any
    model: Any
    capacity: int = 1

    @property
    def _llm_type(self) -> str:
        return "plain"

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        import torch

        ids = torch.tensor([render(self.tokenizer, messages).ids])
        sampling: dict[str, Any] = {"do_sample": False}
        if kwargs.get("temperature"):
            torch.manual_seed(kwargs.get("seed") or 0)
            sampling = {"do_sample": True, "temperature": kwargs["temperature"], "top_p": kwargs["top_p"]}
        with torch.inference_mode():
            out = self.model.generate(
                ids, attention_mask=torch.ones_like(ids), max_new_tokens=kwargs["max_tokens"], **sampling
            )
        text = self.tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True)
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text))])


@dataclass(frozen=True)
class Loop:
    """A loop on the sample: the seconds a question takes, and the answers by question."""

    seconds: float
    texts: dict[str, str]


def plain_model(models: Path) -> PlainChat:
    """The embedded model in bfloat16, read by transformers."""
    from adapters.models import find_model
    from adapters.precision import precisions
    from adapters.weights import prepare_folder, read_tokenizer, read_weights

    folder = prepare_folder(find_model("default", models), models)
    return PlainChat(tokenizer=read_tokenizer(folder), model=read_weights(folder, precisions()["bfloat16"]))


def loop(experiment: Experiment, column: Column, model: BaseChatModel, sample: int) -> Loop:
    """One question after the other, each through a chain of its own."""
    items = experiment.questions.items
    chosen = items[:: max(1, len(items) // (sample + 1))][: sample + 1]
    questions = questions_of(Chunk(column, 0, chosen), experiment.questions, [None] * len(chosen))
    texts, spent = {}, 0.0
    for number, (item, question) in enumerate(zip(chosen, questions, strict=True)):
        began = time.perf_counter()
        *_, answer = ask(question, model)
        if number:
            spent += time.perf_counter() - began
            texts[item.id] = answer.text
    return Loop(spent / (len(chosen) - 1), texts)


def grid(data: Path, questions: int) -> Experiment:
    """Every technique a column, on the questions' own passages."""
    columns = tuple(Column(key, key, passage=True, options=OPTIONS) for key in TECHNIQUES)
    return Experiment(load("xquad", data, questions), columns, ("token_f1", "exact_match"), TECHNIQUES[0])


def compared(experiment: Experiment, machine: LocalMachine) -> tuple[float, list[Cell]]:
    """Seconds of the whole run, loading included, and its cells."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, Kept(Path(folder)) as kept:
        for progress in run(experiment, machine, kept):
            done = sum(progress.done.values())
            print(
                f"\r{done}/{len(experiment.columns) * len(experiment.questions.items)}",
                end="",
                file=sys.stderr,
            )
        print(file=sys.stderr)
        return time.perf_counter() - began, list(progress.cells)


def loops(experiment: Experiment, model: BaseChatModel, sample: int, name: str) -> dict[str, Loop]:
    """The loop for every technique."""
    found = {}
    for column in experiment.columns:
        print(f"loop over {name}: {column.name}", file=sys.stderr)
        found[column.name] = loop(experiment, column, model, sample)
    return found


def differing(cells: Sequence[Cell], column: str, one: Loop) -> tuple[int, int]:
    """How many answers of the sample are others, and of how many."""
    texts = {cell.item: cell.text for cell in cells if cell.column == column}
    return sum(texts[id] != text for id, text in one.texts.items()), len(one.texts)


def report(
    experiment: Experiment, took: float, cells: Sequence[Cell], ours: dict[str, Loop], plain: dict[str, Loop]
) -> str:
    """The table in Markdown."""
    count = len(experiment.questions.items)
    means = {
        name: float(values.mean()) for name, values in score_all(experiment, cells).values["token_f1"].items()
    }
    rows = [HEADINGS, "| --- " * 9 + "|"]
    totals, others = [0.0, 0.0, 0.0], [0, 0, 0]
    for column in experiment.columns:
        own = [cell for cell in cells if cell.column == column.name]
        seconds = (
            sum(cell.seconds for cell in own),
            ours[column.name].seconds * count,
            plain[column.name].seconds * count,
        )
        alone, asked = differing(cells, column.name, ours[column.name])
        against, _ = differing(cells, column.name, plain[column.name])
        totals = [total + one for total, one in zip(totals, seconds, strict=True)]
        others = [total + one for total, one in zip(others, (alone, against, asked), strict=True)]
        calls = sum(1 for cell in own for one in cell.generations if one.messages)
        rows.append(
            f"| {column.name} | {calls:,} | {seconds[0]:,.1f} | {seconds[1]:,.0f} | {seconds[2]:,.0f} | "
            f"{seconds[2] / seconds[0]:.1f} | {100 * means[column.name]:.1f} | {alone}/{asked} | "
            f"{against}/{asked} |"
        )
    alone, against, asked = others
    rows.append(
        f"| **all, loading included** | | {took:,.1f} | {totals[1]:,.0f} | {totals[2]:,.0f} | "
        f"**{totals[2] / took:.1f}** | | {alone}/{asked} | {against}/{asked} |"
    )
    return "\n".join(rows)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compare",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument(
        "--data", type=Path, default=Path("../shared/data"), help="a folder with XQuAD in English"
    )
    parser.add_argument("--quick", action="store_true", help="fewer questions, a smaller sample")
    args = parser.parse_args()
    questions, sample = (QUICK_QUESTIONS, QUICK_SAMPLE) if args.quick else (QUESTIONS, SAMPLE)
    experiment = grid(args.data, questions)
    machine = LocalMachine(read_settings())
    took, cells = compared(experiment, machine)
    model = machine.load(ModelSpec(), lambda *_: None, threading.Event())
    print(f"our model: {model.spec.precision} on {model.engine_key}", file=sys.stderr)
    ours = loops(experiment, model, sample, "our model")
    model.close()
    plain = loops(experiment, plain_model(read_settings().models), sample, "transformers")
    print(report(experiment, took, cells, ours, plain))
    failed = sum(cell.error is not None for cell in cells)
    print(f"\n{len(experiment.questions.items)} questions, loops on {sample} of them; {failed} cells failed.")


if __name__ == "__main__":
    main()

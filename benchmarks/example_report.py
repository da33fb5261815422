"""The comparisons of docs/example-report, asked again: `python -m benchmarks.example_report --work DIR`.

Four runs of `python -m app compare` on the embedded model: XQuAD (200 questions; four techniques, each
without passages, with passages found by meaning and by both legs, and with the question's own), SST-2's dev
part, GSM8K (100 problems) and KLUE-NLI (200 pairs). Few-shot examples come from the training parts; those of
KLUE-NLI from pairs that are not asked. Reports hold scores and settings, none of the sets' text. What was
answered stays in --work: the same command goes on where it was stopped.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from app.settings import Settings, read_settings
from benchmarks.retrieval import fill, read_squad
from chains.compare.public import example, examples_pool, load
from chains.question import Example
from vectorstore.store import Store

ROOT = Path(__file__).parent.parent
FILES = ("report.html", "report.md", "table.csv", "results.json")
ARTICLES = "XQuAD"
FEW, MANY = 8, 200
SHORT: dict[str, Any] = {"max_tokens": 48}
LONG: dict[str, Any] = {"max_tokens": 128}
"""Tokens for an answer alone, and for one with its reasoning."""

Specification = dict[str, Any]
Column = dict[str, Any]


def xquad(data: Path) -> Specification:
    """Technique x retrieval, and one passage instead of four."""
    techniques: dict[str, Column] = {
        "zero_shot": SHORT,
        "few_shot": SHORT,
        "chain_of_thought": LONG,
        "self_consistency": LONG | {"temperature": 0.7},
    }
    found: dict[str, Column] = {
        "off": {},
        "dense": {"collection": ARTICLES, "retriever": "dense"},
        "hybrid": {"collection": ARTICLES, "retriever": "hybrid"},
        "gold": {"passage": True},
    }
    columns = [
        {"name": f"{technique} {name}", "technique": technique, "options": options} | passages
        for technique, options in techniques.items()
        for name, passages in found.items()
    ]
    one: Column = {"name": "zero_shot hybrid, 1 passage", "technique": "zero_shot", "k": 1, "options": SHORT}
    columns.insert(4, one | found["hybrid"])
    return asked("xquad", ["token_f1", "exact_match", "contains"], columns, limit=200)


def sst2(data: Path) -> Specification:
    """Whether examples like the question beat the same ones for all."""
    fixed, pool = (pairs(examples_pool("sst2", data, count)) for count in (FEW, MANY))
    columns = examined("few_shot", "few_shot_similar", examples={"few_shot": fixed, "few_shot_similar": pool})
    return asked("sst2", ["choice_letter", "choice_likelihood"], columns)


def klue_nli(data: Path) -> Specification:
    """The same in Korean, and reasoning."""
    asked_ids = {item.id for item in load("klue_nli", data, 200).items}
    others = [item for item in load("klue_nli", data, 200 + MANY).items if item.id not in asked_ids]
    pool = pairs(tuple(example(item) for item in others))
    examples = {"few_shot": pool[:FEW], "few_shot_similar": pool}
    columns = examined("few_shot", "few_shot_similar", "chain_of_thought", examples=examples)
    return asked("klue_nli", ["choice_letter", "choice_likelihood"], columns, limit=200)


def gsm8k(data: Path) -> Specification:
    """Reasoning before the answer, with and without examples of it."""
    bare, worked = (pairs(examples_pool("gsm8k", data, 4, worked=one)) for one in (False, True))
    reasoning = {"max_tokens": 256}
    columns: list[Column] = [
        {"name": "zero_shot", "options": SHORT},
        {"name": "few_shot", "technique": "few_shot", "examples": bare, "options": SHORT},
        {"name": "chain_of_thought", "technique": "chain_of_thought", "options": reasoning},
        {
            **{"name": "chain_of_thought_few_shot", "technique": "chain_of_thought_few_shot"},
            **{"examples": worked, "options": reasoning},
        },
        {
            **{"name": "self_consistency", "technique": "self_consistency"},
            "options": reasoning | {"temperature": 0.7},
        },
    ]
    return asked("gsm8k", ["last_number"], columns, limit=100)


SPECIFICATIONS: dict[str, Callable[[Path], Specification]] = {
    "sst2": sst2,
    "klue-nli": klue_nli,
    "gsm8k": gsm8k,
    "xquad": xquad,
}


def examined(*techniques: str, examples: dict[str, list[dict[str, str]]]) -> list[Column]:
    """Zero-shot and these, each named by its technique; a choice takes few tokens."""
    columns: list[Column] = [{"name": "zero_shot", "technique": "zero_shot", "options": {"max_tokens": 12}}]
    for name in techniques:
        column: Column = {"name": name, "technique": name, "options": {"max_tokens": 12}}
        if name in examples:
            column["examples"] = examples[name]
        if name == "chain_of_thought":
            column["options"] = LONG
        columns.append(column)
    return columns


def asked(key: str, metrics: list[str], columns: list[Column], limit: int | None = None) -> Specification:
    """A specification over a public set in the folder `data` beside it."""
    found = {"questions": f"public:{key}", "folder": "data", "metrics": metrics, "columns": columns}
    return found if limit is None else found | {"limit": limit}


def pairs(examples: tuple[Example, ...]) -> list[dict[str, str]]:
    """Few-shot examples as a specification writes them."""
    return [{"question": one.question, "answer": one.answer} for one in examples]


def prepare(work: Path, data: Path) -> None:
    """A data home of its own: the models of this machine, the articles of XQuAD as a collection."""
    work.mkdir(parents=True, exist_ok=True)
    for name, target in (("data", data), ("models", read_settings().models)):
        if not (work / name).exists():
            (work / name).symlink_to(target.resolve())
    with Store(Settings(work).vectorstore) as store:
        if ARTICLES not in [one.name for one in store.collections()]:
            fill(store, ARTICLES, read_squad(data / "xquad_en_even.json").paragraphs, work / "articles")


def compare(work: Path, name: str, specification: Specification, out: Path) -> None:
    """Runs one comparison as a user would, and puts its report in place."""
    file = work / f"{name}.yaml"
    file.write_text(yaml.safe_dump(specification, allow_unicode=True, sort_keys=False), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "app",
        "compare",
        str(file),
        "--out",
        str(work / name),
        "--without-texts",
    ]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"MARU_HOME": str(work)}, check=True)
    (out / name).mkdir(parents=True, exist_ok=True)
    for one in FILES:
        (out / name / one).write_bytes((work / name / one).read_bytes())


def main() -> None:
    """Runs all, or those that are named."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.example_report",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SPECIFICATIONS)}")
    parser.add_argument(
        "--data", type=Path, default=Path("../shared/data"), help="a folder with the four sets"
    )
    parser.add_argument("--work", type=Path, required=True, help="where collections and answers are kept")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "example-report")
    args = parser.parse_args()
    if unknown := set(args.names) - set(SPECIFICATIONS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; known: {', '.join(SPECIFICATIONS)}")
    prepare(args.work, args.data)
    for name in args.names or SPECIFICATIONS:
        compare(args.work, name, SPECIFICATIONS[name](args.data), args.out)


if __name__ == "__main__":
    main()

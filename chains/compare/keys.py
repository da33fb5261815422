"""The key of a cell: everything that determines its answer, in one hash.

The model's fingerprint; the technique and the code behind it; the embedders, where it chooses by them; the
question, its choices, what was found for it; examples, template, instruction, options with the cell's own
seed; and whether likelihoods are wanted.
The company in the batch counts, too: sums over other rows are rounded otherwise, and a close choice may then
fall the other way (of 50 greedy answers on OpenVINO in 8 bits 13 were others than alone, 9 to 10 others
than in two halves, and none where the batch was the same). So a chunk is kept and found as a whole.
"""

import ast
import hashlib
import importlib.util
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from chains.compare.experiment import Column
from chains.question import Question

DRIVER = "chains.answer"
DATA = (".json", ".txt", ".yaml", ".yml")
"""Files beside a module that it may read: examples, roles."""
LIKELIHOOD = "chains.compare.likelihood"
NEAREST = "vectorstore.nearest.nearest"
TECHNIQUES = "chains.techniques"
FORMAT = 4
"""Another number when what is kept of a cell changes its meaning (before 4 a failed search could be kept)."""


def question_part(question: Question) -> str:
    """The hash of all that a question brings: texts, choices, passages, examples, template, options, seed."""
    return _hash(asdict(question))


def column_part(
    column: Column, fingerprint: str, likelihood: bool, collection: str | None, embedders: str | None = None
) -> str:
    """The hash of what all cells of a column share. `collection` is the state of the collection, where the
    technique searches in it while it works; `embedders` that of the embedders, where it embeds."""
    searching = [collection, column.collection, column.retriever, column.k] if collection else None
    code = code_version(column.technique, likelihood)
    embedding = [] if embedders is None else [embedders]
    return _hash([FORMAT, fingerprint, column.technique, code, searching, *embedding])


def chunk_keys(column: str, questions: Sequence[str]) -> list[str]:
    """The key of each cell of a chunk; `column` and `questions` are the parts above, in the order in which
    they are asked."""
    company = _hash([column, *questions])
    return [_hash([company, number, one]) for number, one in enumerate(questions)]


@cache
def code_version(technique: str, likelihood: bool = False) -> str:
    """The hash of the technique's code and of all of chains that it or the driver imports, with the data that
    lies beside it. Comments and layout of the code do not count; of data every character does."""
    roots = [f"{TECHNIQUES}.{technique}", DRIVER, *([LIKELIHOOD] if likelihood else [])]
    return _hash([_meaning(path) for path in sorted(set(_files(roots)))])


@cache
def searches(technique: str) -> bool:
    """Whether the technique may search while it works."""
    path = _origin(f"{TECHNIQUES}.{technique}")
    return path is not None and "chains.steps.Search" in set(_imported(_tree(path)))


@cache
def embeds(technique: str) -> bool:
    """Whether the technique chooses texts by an embedder: it, or what it is made of, asks for the nearest."""
    found = _files([f"{TECHNIQUES}.{technique}"])
    return any(NEAREST in _imported(_tree(path)) for path in found if path.suffix == ".py")


def _files(roots: Sequence[str]) -> Iterator[Path]:
    waiting, seen = list(roots), set(roots)
    while waiting:
        path = _origin(waiting.pop())
        if path is None:
            continue
        yield path
        yield from (one for one in path.parent.iterdir() if one.suffix in DATA)
        for name in _imported(_tree(path)):
            # what is imported is a module, or a name in the module before its last dot
            near = {name, name.rpartition(".")[0]} - seen
            waiting += [one for one in near if one.startswith("chains.") and not _is_compare(one)]
            seen |= near


def _is_compare(name: str) -> bool:
    return name.startswith("chains.compare") and name != LIKELIHOOD


def _origin(name: str) -> Path | None:
    try:
        found = importlib.util.find_spec(name)
    except ModuleNotFoundError:  # a name in a module, no module
        return None
    return Path(found.origin) if found and found.origin and found.origin.endswith(".py") else None


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def _meaning(path: Path) -> str:
    return ast.dump(_tree(path)) if path.suffix == ".py" else path.read_text(encoding="utf-8")


def _hash(value: Any) -> str:
    return hashlib.blake2b(repr(value).encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()

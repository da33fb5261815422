"""The text of an exported script: a fixed frame, with the column's own values put in as Python literals."""

import ast
import pprint
from pathlib import Path
from typing import Any

from adapters.spec import DEFAULT_MODEL
from chains.compare.experiment import Column
from chains.compare.export.prompts import Exported, Marked
from chains.techniques import chain_of_thought, technique

_DEFAULT_REPOSITORY = "HuggingFaceTB/SmolLM2-135M-Instruct"


def script(column: Column, exported: Exported) -> str:
    """Python source that needs langchain-core, and langchain-openai or transformers, and nothing of Maru."""
    frame = (Path(__file__).parent / "frame.txt").read_text(encoding="utf-8")
    values = {
        "NOTES": [*_notes(column, exported)],
        "NAME": column.name,
        "MODEL": _DEFAULT_REPOSITORY if column.model == DEFAULT_MODEL else column.model,
        "OPTIONS": {
            "max_tokens": column.options.max_tokens,
            "temperature": exported.temperature,
            "top_p": column.options.top_p,
            "seed": column.options.seed,
        },
        "SAMPLES": exported.samples,
        "ANSWER_MARK": chain_of_thought._MARK.pattern if exported.reads == "marked" else None,
        "NAMED_PASSAGES": column.collection is not None,
        "HAS_CHOICES": exported.choices,
        "PLAIN": _prompt(exported.plain),
        "GROUNDED": _prompt(exported.grounded) if exported.grounded else None,
    }
    written = "\n".join(f"{name} = {_literal(value)}" for name, value in values.items())
    made = frame.replace("# <<values>>", written)
    ast.parse(made)
    return made


def _prompt(marked: Marked) -> dict[str, Any]:
    return {
        "messages": [(one.role, one.content) for one in marked.messages],
        "stop": list(marked.stop),
        "between": marked.between,
    }


def _literal(value: Any) -> str:
    """Python for it, in ASCII where a character could hide something (a lone surrogate, a bidi mark)."""
    text = pprint.pformat(value, width=100, sort_dicts=False)
    return "".join(one if one.isprintable() or one == "\n" else ascii(one)[1:-1] for one in text)


def _notes(column: Column, exported: Exported) -> list[str]:
    """What the script does not do, or does differently."""
    notes = []
    if column.collection:
        notes.append(
            f"The search in the collection {column.collection!r} ({column.retriever}, {column.k} passages) "
            "is not part of this script: hand in passages with --passage FILE."
        )
    if column.passage:
        notes.append("In the comparison each question had its own passage: hand it in with --passage FILE.")
    if exported.choices:
        notes.append("Each question had choices: name each, in order, with --choice TEXT.")
    if column.adapter:
        notes.append(f"It used the adapter {column.adapter!r}: serve it, or name its folder with --adapter.")
    if column.precision != "auto":
        notes.append(f"It ran in the precision {column.precision!r}; here the weights run as they are.")
    if column.model == DEFAULT_MODEL:
        notes.append("Maru's embedded model is a 4-bit copy of this one: answers can differ a little.")
    if exported.samples > 1:
        label = technique(column.technique).label["en"]
        notes.append(
            f"{label}: the majority is counted over the wording of the answers; Maru also counts equal "
            "numbers and equal letters of choices as the same."
        )
    if exported.reads == "unread":
        notes.append("It prints everything the model writes, reasoning included.")
    return notes

"""Models, precisions and engines as JSON: what `models` and `doctor` print."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.terminal.console import Console

if TYPE_CHECKING:
    from adapters.checkpoint import Checkpoint
    from adapters.models import ModelEntry
    from adapters.own_files import OwnFiles


def model_entry(model: "ModelEntry", console: Console) -> dict[str, Any]:
    """One model; `bytes` on disk, `ready`: without converting or downloading first."""
    return {
        "id": model.id,
        "label": model.label,
        "description": console.text(model.description),
        "kind": model.kind,
        "parameters": model.parameters,
        "bytes": model.bytes,
        "licence": model.licence,
        "languages": list(model.languages),
        "context_length": model.context_length,
        "source": model.source,
        "revision": model.revision,
        "server_model": model.server_model,
        "key_env": model.key_env,
        "gated": model.gated,
        "default": model.default,
        "removable": model.removable,
        "ready": model.ready,
        "problem": console.explain(model.problem) if model.problem else None,
    }


def estimate_entries(
    model: "ModelEntry", checkpoint: "Checkpoint | None", context: int, free: int
) -> list[dict[str, Any]]:
    """What each precision would need of the memory. `kept` is what prompts read earlier may take beside the
    total. Before a model is here only its weights are known: the total is `at_least` that much, and `fits` is
    None unless they alone are too large."""
    from adapters.memory import estimate, fits
    from adapters.precision import precisions

    entries = []
    for key, precision in precisions().items():
        weights, cache, overhead = round(model.parameters * precision.bytes_per_weight), None, None
        kept = None
        if checkpoint is not None:
            known = estimate(checkpoint, key, context)
            weights, cache, overhead = known.weights, known.cache, known.overhead
            kept = known.cache_at_most(free) - cache
        total = weights + (cache or 0) + (overhead or 0)
        entry = {"precision": key, "weights": weights, "cache": cache, "overhead": overhead, "total": total}
        enough = fits(total, free) if total else None
        if checkpoint is None and enough:
            enough = None
        entries.append({**entry, "kept": kept, "at_least": checkpoint is None, "fits": enough})
    return entries if model.kind != "server" else []


def widest(estimates: Sequence[Mapping[str, Any]], free: int) -> str | None:
    """The widest precision that works here and fits, as the page names it; None where none does."""
    from adapters.memory import Estimate, widest_that_fits

    sized = {
        one["precision"]: Estimate(one["weights"], one["cache"] or 0, one["overhead"] or 0)
        for one in estimates
        if one["total"] and not one["problem"] and not one["at_least"]
    }
    return widest_that_fits(sized, free)


def adapter_entries(checkpoint: "Checkpoint | None", folder: Path, console: Console) -> list[dict[str, Any]]:
    """The LoRA adapters on this machine: those of this model, and why the others are not."""
    from adapters.lora import adapters_folder, list_adapters

    found = list_adapters(adapters_folder(folder), checkpoint) if checkpoint is not None else []
    return [
        {"name": one.name, "problem": console.text(one.problem) if one.problem else None} for one in found
    ]


def precision_entries(console: Console) -> list[dict[str, Any]]:
    """Every precision; `problem` says why it cannot work here (None: it can)."""
    from adapters.precision import precisions

    entries = []
    for key, precision in precisions().items():
        problem = precision.available()
        entries.append(
            {
                "key": key,
                "label": console.text(precision.label),
                "help": console.text(precision.help),
                "engine": precision.engine,
                "bytes_per_weight": precision.bytes_per_weight,
                "trains_lora": precision.trains_lora,
                "problem": console.text(problem) if problem else None,
            }
        )
    return entries


def engine_entries(console: Console) -> list[dict[str, Any]]:
    """Every engine; `problem` says why it cannot run here."""
    from adapters.engines import engines

    found = [(key, engine.label, engine.available()) for key, engine in engines().items()]
    return [
        {"key": key, "label": console.text(label), "problem": console.text(problem) if problem else None}
        for key, label, problem in found
    ]


def file_entries(files: "Iterable[OwnFiles]") -> list[dict[str, Any]]:
    """What Maru put on the disk for a model."""
    return [{"kind": one.kind, "path": str(one.path), "bytes": one.bytes} for one in files]

"""From a model's entry to a chat model that OpenVINO runs. Once the model is converted this imports neither
torch nor the models of transformers."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters import memory
from adapters.chat_model import LocalChatModel
from adapters.checkpoint import read_checkpoint, read_config
from adapters.embedded import ready
from adapters.errors import PrecisionUnavailable
from adapters.openvino.agreement import DIVERGENCES, LIMITS, SAME_TOPS, Agreement, read
from adapters.openvino.lanes import room
from adapters.openvino.reach import beyond_reach
from adapters.openvino.store import place, prepare
from adapters.spec import ModelSpec, Text
from adapters.text import end_tokens
from adapters.warm_up import warm_up
from adapters.weights import prepare_folder, read_saved_tokenizer, read_whole_config, stop_if

if TYPE_CHECKING:
    from adapters.loading import Loading

CONVERTING_BYTES = 8
"""Of memory for each weight while it is converted: float32 twice, what is traced and what is written."""


def start(loading: "Loading") -> LocalChatModel:
    """The model, converted on the first call.

    Raises PrecisionUnavailable when it does not answer as the reference does or would not in the context,
    LoadCancelled, and what conversion raises.
    """
    from adapters.openvino.engine import OpenVinoEngine

    spec, report = loading.spec, loading.report
    source, converted = convert(loading)
    report("loading", 0.1)
    _refuse_other_answers(converted, spec.precision)
    tokenizer, checkpoint = read_saved_tokenizer(converted), read_checkpoint(source)
    stop_if(loading.cancelled, loading.entry.id)
    report("loading", 0.3)
    space = room(checkpoint, spec.precision, spec.context)
    context = min(checkpoint.context_length, spec.context or checkpoint.context_length, space.bare)
    engine = OpenVinoEngine(converted, tokenizer, _ends(converted, tokenizer), space)
    report("loading", 0.8)
    warm_up(engine, tokenizer)
    return LocalChatModel(
        spec=spec,
        context_length=context,
        engine_key="openvino",
        folder=loading.folder,
        checkpoint=checkpoint,
        tokenizer=tokenizer,
        engine=engine,
    )


def convert(loading: "Loading") -> tuple[Path, Path]:
    """The model's folder and the converted one, both made on the first call. Raises as `start` does."""
    folder, report, cancelled = loading.folder, loading.report, loading.cancelled
    source = prepare_folder(loading.entry, folder, report, cancelled)
    bits = loading.precision.bits  # type: ignore[attr-defined]
    made = place(source, folder, bits)
    _refuse_out_of_reach(read_config(made) if ready(made) else read_whole_config(source), loading.spec)
    if not ready(made):
        _refuse_without_memory(source, loading.spec.precision)
    return source, prepare(source, folder, bits, report, cancelled)


def _refuse_out_of_reach(config: Mapping[str, Any], spec: ModelSpec) -> None:
    """A model that is another one in long texts is not converted, and none that was is used for them."""
    if (reason := beyond_reach(config, spec.context)) is not None:
        raise PrecisionUnavailable(precision=spec.precision, reason=reason, usable="bfloat16, float32")


def _refuse_without_memory(source: Path, precision: str) -> None:
    """Converting takes more than the model does afterwards: it must not end the whole process."""
    needed, free = CONVERTING_BYTES * read_checkpoint(source).parameters, memory.free()
    if memory.fits(needed, free):
        return
    sizes = {"needed": memory.shown(needed), "free": memory.shown(free)}
    raise PrecisionUnavailable(
        precision=precision,
        reason={
            "en": "converting this model takes {needed} of memory, and {free} are free".format(**sizes),
            "ko": "이 모델을 변환하려면 메모리가 {needed} 필요한데 {free}만 남아 있어요".format(**sizes),
        },
        usable="bfloat16, float32",
    )


def _refuse_other_answers(converted: Path, precision: str) -> None:
    found = read(converted)
    if found is not None and found.holds:
        return
    raise PrecisionUnavailable(precision=precision, reason=_otherwise(found), usable="bfloat16, float32")


def _otherwise(found: Agreement | None) -> Text:
    if found is None:
        return {
            "en": "how this model answers in it compared with float32 cannot be read",
            "ko": "이 정밀도를 float32와 비교한 결과를 읽을 수 없어요",
        }
    bits = found.bits
    values = {
        "growth": f"{100 * found.growth:.1f} %",
        "most": f"{100 * LIMITS[bits]:.0f} %",
        "divergence": f"{found.divergence:.3f} (≤ {DIVERGENCES[bits]})",
        "same": f"{100 * found.same_top:.0f} % (≥ {100 * SAME_TOPS[bits]:.0f} %)",
    }
    told = {
        "en": "it answers otherwise than in float32: perplexity grows by {growth} (≤ {most}), next-token "
        "distributions diverge by {divergence} nats, {same} of likeliest tokens are the same",
        "ko": "float32와 다르게 답해요: 퍼플렉서티 증가 {growth}(≤ {most}), 다음 토큰 분포의 차이 "
        "{divergence}, 가장 그럴듯한 토큰의 일치 {same}",
    }
    return {language: words.format(**values) for language, words in told.items()}


def _ends(converted: Path, tokenizer: Any) -> frozenset[int]:
    """The tokens with which the model ends its answer."""
    settings = json.loads((converted / "generation_config.json").read_text(encoding="utf-8"))
    return end_tokens(settings.get("eos_token_id"), tokenizer)

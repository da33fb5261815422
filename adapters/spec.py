"""What a model and a generation are asked to be. Standard library only, so that anyone may import it.

An option is declared once, here: the form in the browser, the flags of the command line and the table in the
docs all come from the metadata of these fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Text = Mapping[str, str]
"""One text for the user in every language: {"en": …, "ko": …}."""

DEFAULT_MODEL = "default"
"""The logical id of the model that is used when nobody chose one."""


@dataclass(frozen=True)
class ModelSpec:
    """Which model answers: a registered id, a precision ("auto": the fastest native one), an adapter, and how
    many tokens it may read (None: as many as it can)."""

    id: str = DEFAULT_MODEL
    precision: str = "auto"
    adapter: str | None = None
    context: int | None = None


def option(default: Any, label: Text, help: Text, low: float, high: float, step: float) -> Any:
    """A dataclass field that a form, a command line and a docs table can be made from."""
    metadata = {"label": label, "help": help, "low": low, "high": high, "step": step}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class GenerationOptions:
    """How an answer is sampled. `temperature` 0 is greedy; `seed` None draws a fresh one and reports it."""

    max_tokens: int = option(
        256,
        {"en": "Max new tokens", "ko": "최대 생성 토큰"},
        {
            "en": "The answer ends here at the latest. One token is about ¾ of an English word.",
            "ko": "답변이 이 길이를 넘지 않아요. 한글은 한 글자가 여러 토큰일 수 있어요.",
        },
        low=1,
        high=4096,
        step=1,
    )
    temperature: float = option(
        0.2,
        {"en": "Temperature", "ko": "온도"},
        {
            "en": "Higher is more varied, lower more predictable. 0 always takes the likeliest word.",
            "ko": "높을수록 다양하고 낮을수록 일정해요. 0이면 늘 가장 그럴듯한 단어를 골라요.",
        },
        low=0.0,
        high=2.0,
        step=0.05,
    )
    top_p: float = option(
        0.9,
        {"en": "Top-p", "ko": "Top-p"},
        {
            "en": "Sample only from the likeliest words whose probabilities add up to this.",
            "ko": "확률의 합이 이 값이 될 때까지, 그럴듯한 단어 중에서만 골라요.",
        },
        low=0.05,
        high=1.0,
        step=0.05,
    )
    seed: int | None = option(
        None,
        {"en": "Seed", "ko": "시드"},
        {
            "en": "Alone, the same seed and settings give the same answer. Empty draws a new one each time.",
            "ko": "혼자 물을 때는 시드와 설정이 같으면 답변도 같아요. 비워 두면 매번 새로 뽑아요.",
        },
        low=0,
        high=2**31 - 1,
        step=1,
    )

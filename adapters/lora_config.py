"""What adapter_config.json says, as far as it can be honoured: whatever would be ignored silently is named.

The fields are PEFT's `LoraConfig` (https://huggingface.co/docs/peft/package_reference/lora). Standard library
only.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.spec import Text

NEUTRAL = {
    "task_type", "peft_type", "auto_mapping", "peft_version", "base_model_name_or_path", "revision",
    "inference_mode", "lora_dropout", "megatron_core", "qalora_group_size", "runtime_config", "eva_config",
    "loftq_config", "corda_config", "lora_ga_config",
}  # fmt: skip
"""Fields that change nothing once the adapter is trained (its initialisation is judged by itself)."""

HONOURED = {
    "r", "lora_alpha", "use_rslora", "use_dora", "target_modules", "exclude_modules", "layers_to_transform",
    "layers_pattern", "rank_pattern", "alpha_pattern", "bias", "init_lora_weights",
}  # fmt: skip
"""Fields that are read here; every other one must be unset."""

STARTS = (None, True, False, "gaussian", "eva", "orthogonal")
"""Initialisations that leave the base as it is; the others (pissa, olora, …) change its weights."""

LARGEST_CONFIG = 1_000_000
LARGEST_RANK = 4096
REPEATS = re.compile(r"[*+?{]")
LAYER = re.compile(r".*?\.[^.]*\.(\d+)\.")


@dataclass(frozen=True)
class LoraSettings:
    """The settings that decide what an adapter does. `targets` and `excluded` are names, or one pattern."""

    base: str
    rank: int
    alpha: float
    rslora: bool = False
    dora: bool = False
    targets: tuple[str, ...] | str = ()
    excluded: tuple[str, ...] | str = ()
    layers: tuple[int, ...] = ()
    layer_lists: tuple[str, ...] = ()
    ranks: Mapping[str, int] = field(default_factory=dict)
    alphas: Mapping[str, float] = field(default_factory=dict)

    def covers(self, module: str) -> bool:
        """Whether PEFT would wrap the module ("model.layers.0.mlp.up_proj")."""
        if not self.targets or (self.excluded and _matches(self.excluded, module)):
            return False
        if isinstance(self.targets, str) or module in self.targets or not self.layers:
            return _matches(self.targets, module)
        return _matches(self.targets, module) and self._layer(module) in self.layers

    def rank_of(self, module: str) -> int:
        """Its rank, by `rank_pattern` or `r`."""
        return int(_by_pattern(self.ranks, module, self.rank))

    def scale_of(self, module: str) -> float:
        """What B·A is multiplied with: alpha / r, or alpha / √r (rsLoRA, https://arxiv.org/abs/2312.03732)."""
        rank, alpha = self.rank_of(module), _by_pattern(self.alphas, module, self.alpha)
        return alpha / (math.sqrt(rank) if self.rslora else rank)

    def _layer(self, module: str) -> int | None:
        patterns = [re.compile(rf"(?:^|.*?\.){re.escape(one)}\.(\d+)\.") for one in self.layer_lists] or [
            LAYER
        ]
        found = next((match for pattern in patterns if (match := pattern.match(module))), None)
        return int(found[1]) if found else None


def read_settings(path: Path) -> tuple[LoraSettings | None, list[Text]]:
    """The settings, and everything that is wrong with them; None when there is nothing to go on with."""
    try:
        if path.stat().st_size > LARGEST_CONFIG:
            raise ValueError("too large")
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None, [_unreadable(path.name)]
    if not isinstance(config, dict):
        return None, [_unreadable(path.name)]
    if config.get("peft_type") != "LORA":
        return None, [_not_lora(config.get("peft_type"))]
    wrong = [_bad_field(name, config.get(name)) for name in _badly_typed(config)] or _dangerous(config)
    if wrong:
        return None, wrong
    return _settings(config), _unsupported(config)


def _settings(config: Mapping[str, Any]) -> LoraSettings:
    layers = config.get("layers_to_transform")
    return LoraSettings(
        base=str(config.get("base_model_name_or_path") or ""),
        rank=config["r"],
        alpha=float(config["lora_alpha"]),
        rslora=bool(config.get("use_rslora")),
        dora=bool(config.get("use_dora")),
        targets=_names(config.get("target_modules")),
        excluded=_names(config.get("exclude_modules")),
        layers=(layers,) if isinstance(layers, int) else tuple(layers or ()),
        layer_lists=_tuple(config.get("layers_pattern")),
        ranks=dict(config.get("rank_pattern") or {}),
        alphas=dict(config.get("alpha_pattern") or {}),
    )


def _badly_typed(config: Mapping[str, Any]) -> list[str]:
    """The names of fields whose value is not what it has to be."""
    layers = config.get("layers_to_transform")
    checks = {
        "r": _is_rank(config.get("r")),
        "lora_alpha": _is_alpha(config.get("lora_alpha")),
        "target_modules": _is_names(config.get("target_modules")),
        "exclude_modules": _is_names(config.get("exclude_modules")),
        "layers_to_transform": layers is None
        or all(type(one) is int for one in (layers if isinstance(layers, list) else [layers])),
        "layers_pattern": _is_names(config.get("layers_pattern")),
        "rank_pattern": _is_pattern(config.get("rank_pattern"), _is_rank),
        "alpha_pattern": _is_pattern(config.get("alpha_pattern"), _is_alpha),
    }
    return [name for name, fine in checks.items() if not fine]


def _unsupported(config: Mapping[str, Any]) -> list[Text]:
    """Whatever the adapter asks for that would not happen, or not for every engine's requests."""
    asked = [
        name
        for name, value in config.items()
        if name not in NEUTRAL | HONOURED and value not in (None, False, "", 0) and value not in ([], {})
    ]
    if config.get("bias") not in (None, "none"):
        asked.append("bias")
    if config.get("init_lora_weights") not in STARTS:
        asked.append("init_lora_weights")
    if config.get("task_type") not in (None, "CAUSAL_LM"):
        asked.append("task_type")
    return [_asks_for(name, config[name]) for name in sorted(asked)]


def _dangerous(config: Mapping[str, Any]) -> list[Text]:
    """Patterns that could keep a processor busy for hours (https://owasp.org/www-community/attacks/ReDoS)."""
    patterns = [
        (name, config[name])
        for name in ("target_modules", "exclude_modules")
        if isinstance(config.get(name), str)
    ]
    patterns += [(name, key) for name in ("rank_pattern", "alpha_pattern") for key in config.get(name) or {}]
    return [_bad_pattern(name, pattern) for name, pattern in patterns if not _is_harmless(pattern)]


def _is_harmless(pattern: str) -> bool:
    """A pattern that compiles, with few repetitions and none of a group."""
    if len(pattern) > 2000 or len(REPEATS.findall(pattern)) > 4 or re.search(r"\)[*+?{]", pattern):
        return False
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return True


def _matches(names: tuple[str, ...] | str, module: str) -> bool:
    if isinstance(names, str):
        return re.fullmatch(names, module) is not None
    return any(module == name or module.endswith(f".{name}") for name in names)


def _by_pattern(values: Mapping[str, float], module: str, default: float) -> float:
    return next((value for key, value in values.items() if re.match(rf"(.*\.)?({key})$", module)), default)


def _names(value: str | list[str] | None) -> tuple[str, ...] | str:
    return value if isinstance(value, str) else tuple(value or ())


def _tuple(value: str | list[str] | None) -> tuple[str, ...]:
    return ((value,) if value else ()) if isinstance(value, str) else tuple(value or ())


def _is_rank(value: object) -> bool:
    return type(value) is int and 1 <= value <= LARGEST_RANK


def _is_alpha(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 < value < math.inf  # type: ignore[operator]


def _is_names(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(one, str) and one for one in value)
    return value is None or isinstance(value, str)


def _is_pattern(value: object, is_value: Any) -> bool:
    if value is None:
        return True
    return isinstance(value, dict) and all(is_value(one) for one in value.values())


def _unreadable(name: str) -> Text:
    return {
        "en": f"{name} is missing or is not JSON; copy the adapter's folder again",
        "ko": f"{name} 파일이 없거나 JSON이 아니에요. 어댑터 폴더를 다시 복사해 주세요",
    }


def _not_lora(kind: object) -> Text:
    said = _short(kind)
    return {
        "en": f'it is no LoRA adapter (peft_type is {said}, "LORA" is needed)',
        "ko": f'LoRA 어댑터가 아니에요(peft_type: {said}, 필요한 값: "LORA")',
    }


def _bad_field(name: str, value: object) -> Text:
    said = _short(value)
    return {
        "en": f"{name} in adapter_config.json cannot be {said}",
        "ko": f"adapter_config.json의 {name} 값이 잘못됐어요: {said}",
    }


def _asks_for(name: str, value: object) -> Text:
    said = _short(value)
    return {
        "en": f"it asks for {name} = {said}, which would not be done here; train it without that",
        "ko": f"여기서 지원하지 않는 {name} = {said} 설정이 있어요. 이 설정 없이 학습해 주세요",
    }


def _bad_pattern(name: str, pattern: str) -> Text:
    said = _short(pattern)
    return {
        "en": f"the pattern {said} in {name} is too involved; list the modules by name",
        "ko": f"{name}의 패턴이 너무 복잡해요({said}). 모듈 이름을 나열해 주세요",
    }


def _short(value: object) -> str:
    said = json.dumps(value, ensure_ascii=False, default=str)
    return said if len(said) <= 80 else f"{said[:77]}…"

"""Which layers the engines here can run, from a checkpoint's header: attention, which keeps keys and values.

Layers of state spaces (Mamba, https://arxiv.org/abs/2312.00752), of linear recurrences (RWKV,
https://arxiv.org/abs/2305.13048), of linear attention or of convolutions keep a state instead. Neither engine
batches or remembers that; models that mix them with attention (Jamba, Qwen3-Next, LFM2) are refused as well.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from adapters.errors import SourceRefused

KINDS = ("layer_types", "layers_block_type")
"""Where a configuration lists the kind of each of its layers."""

ATTENTION = {"attention", "full_attention", "sliding_attention", "chunked_attention"}
"""The kinds of layers there that keep keys and values."""

STATE = re.compile(
    r"(^|\.)(A_log|mamba2?|ssm(_\w+)?|rg_lru|mlstm_layer|slstm_layer|delta_net|linear_attn|short_?conv"
    r"|time_(mix|mixing|decay|mix_\w+)|(conv|conv1d)\.(conv\.)?(weight|bias))(\.|$)"
)
"""Parts of tensors' names that only such layers have."""

OTHER_PARTS = re.compile(r"vision|visual|audio|image")
"""Parts of a model that are not its language model: their convolutions are no matter here."""

SETTINGS = re.compile(
    r"^(mamba_|ssm_|state_size$|lru_width$|conv_L_cache$|linear_(attn|conv|num)_|time_step_"
    r"|rescale_every$|chunkwise_kernel$)"
)
"""Names in a configuration that only such models have."""


def check_tensors(what: object, names: Iterable[str]) -> None:
    """Raises SourceRefused when a tensor belongs to a layer that keeps a state; `what` is named in it."""
    for name in names:
        if (found := STATE.search(name)) and not OTHER_PARTS.search(name):
            raise _refused(what, found[2])


def check_config(what: object, config: Mapping[str, Any]) -> None:
    """As `check_tensors`, from config.json alone: before anything large is downloaded.

    A configuration that names the kind of each layer is believed: those of families that mix both kinds
    (Granite 4) have the settings of state spaces even where every layer is attention.
    """
    text = config.get("text_config")
    shape = text if isinstance(text, dict) else config
    kinds = [kind for name in KINDS if isinstance(shape.get(name), list) for kind in shape[name]]
    for kind in kinds:
        if kind not in ATTENTION:
            raise _refused(what, kind)
    for name in shape:
        if SETTINGS.search(name) and not kinds:
            raise _refused(what, shape.get("model_type") or name)


def _refused(what: object, found: object) -> SourceRefused:
    kind = str(found)[:40]
    return SourceRefused(
        reason={
            "en": (
                f'{what} has layers ("{kind}": state-space, recurrent, linear or otherwise not plain '
                "attention) which no engine here can run. Serve it with vLLM or llama.cpp's server and add "
                "that server, or take a model of attention layers only."
            ),
            "ko": (
                f"{what}: 일반 어텐션이 아닌 층('{kind}', 상태 공간·순환·선형 방식 등)이 있어 여기 있는 "
                "엔진으로는 쓸 수 없어요. vLLM이나 llama.cpp 서버로 띄워서 그 서버를 추가하거나, 어텐션 층만 "
                "있는 모델을 골라 주세요."
            ),
        }
    )

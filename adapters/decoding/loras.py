"""LoRA adapters on the weights of a running model: attached, mixed row by row in one batch, and let go
(PEFT).

PEFT puts a layer of its own around each layer that an adapter changes. Those are taken out again while nobody
uses an adapter, so that the bare model costs what it cost before.
"""

import json
import logging
from collections.abc import Collection, Sequence
from typing import Any, cast

import torch
from torch import nn

from adapters.errors import AdapterNotFound, AdapterUnusable
from adapters.lora import CONFIG, WEIGHTS, LoraAdapter, Mix, mix_names

MOST_MIXES = 8
"""So many weighted mixes are kept beside the adapters they are made of, or as many as one step needs."""

BASE = "__base__"
"""What PEFT calls a row without adapter."""

log = logging.getLogger(__name__)


class Loras:
    """The adapters of one model. For one thread.

    `forward` is the model's forward pass with one argument more: `mixes`, an adapter mix per row.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._peft: Any = None
        self._wrapped: list[tuple[nn.Module, str, Any]] = []
        self._inside = False
        self._active: str | None = None
        self._attached: dict[str, LoraAdapter] = {}
        self._mixed: dict[Mix, None] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The attached adapters."""
        return tuple(self._attached)

    def has(self, adapter: LoraAdapter) -> bool:
        """Whether this very adapter is attached."""
        return self._attached.get(adapter.name) == adapter

    def check(self, mix: Mix, leaving: Collection[str] = ()) -> None:
        """Raises AdapterNotFound for a name that is not attached, AdapterUnusable for a mix that cannot
        be."""
        known = [name for name in self._attached if name not in leaving]
        for name, _ in mix:
            if name not in known:
                raise AdapterNotFound(adapter=name, known=", ".join(known) or "–")
        dora = [name for name, weight in mix if self._attached[name].dora]
        if dora and (len(mix) > 1 or mix[0][1] != 1):
            reason = {
                "en": "it is a DoRA adapter, which works only alone and at full weight.",
                "ko": "DoRA 어댑터라서 가중치 1로 혼자 쓸 때만 동작해요.",
            }
            raise AdapterUnusable(adapter=dora[0], reason=reason)

    def alone(self, mix: Mix) -> bool:
        """Whether rows with this mix cannot share a step with others: PEFT does not mix DoRA."""
        return any(self._attached[name].dora for name, _ in mix)

    def attach(self, adapter: LoraAdapter) -> None:
        """Raises AdapterUnusable, and then nothing of it is left."""
        if self.has(adapter):
            return
        self._wrap()
        try:
            self._load(adapter)
        except Exception as error:
            log.exception("attaching %s failed", adapter.name)
            self._remove(_single(adapter.name))
            raise AdapterUnusable(adapter=adapter.name, reason=str(error)) from error
        finally:
            self._find_wrapped()
        self._attached[adapter.name] = adapter

    def detach(self, name: str) -> None:
        """Lets an adapter and the mixes with it go. Does nothing when it is not attached."""
        if self._attached.pop(name, None) is None:
            return
        self._wrap()
        for mix in [mix for mix in self._mixed if name in mix_names([mix])]:
            del self._mixed[mix]
            self._remove(_name(mix))
        self._remove(_single(name))
        self._find_wrapped()

    def release(self) -> None:
        """Lets the model go."""
        self._model, self._peft, self._wrapped = None, None, []
        self._attached.clear()

    def forward(self, mixes: Sequence[Mix], **inputs: Any) -> Any:
        """One pass, each row through its own adapters."""
        names = [self._ready(mix, mixes) for mix in mixes]
        if all(name == BASE for name in names):
            self._unwrap()
            return self._model(**inputs)
        self._wrap()
        if len(set(names)) == 1:
            self._activate(names[0])
            return self._model(**inputs)
        return self._peft(adapter_names=names, **inputs)

    def _activate(self, name: str) -> None:
        """One adapter for all rows: faster than a name per row."""
        if self._active != name:
            self._peft.base_model.set_adapter(name, inference_mode=True)
            self._active = name

    def _ready(self, mix: Mix, used: Sequence[Mix]) -> str:
        """PEFT's name for the mix; a weighted one is made when it is first used, beside those in use."""
        if not mix:
            return BASE
        if (len(mix) > 1 or mix[0][1] != 1) and mix not in self._mixed:
            self._combine(mix, used)
        return _name(mix)

    def _combine(self, mix: Mix, used: Sequence[Mix]) -> None:
        """The sum of the adapters' products, each with its weight: exact, whatever their ranks."""
        unused = [one for one in self._mixed if one not in used]
        for oldest in unused[: max(0, len(self._mixed) + 1 - MOST_MIXES)]:
            del self._mixed[oldest]
            self._wrap()
            self._remove(_name(oldest))
        self._wrap()
        name = _name(mix)
        self._mixed[mix] = None
        try:
            with torch.inference_mode(False):
                self._peft.base_model.add_weighted_adapter(
                    [_single(one) for one, _ in mix], [weight for _, weight in mix], name, "cat"
                )
        except Exception:
            del self._mixed[mix]
            self._remove(name)
            raise
        self._model.train(False)
        self._find_wrapped()
        for _, _, layer in self._wrapped:
            # the scales of its parts are in the weights already; PEFT would apply rsLoRA's once more
            if name in layer.scaling:
                layer.scaling[name] = 1.0

    def _load(self, adapter: LoraAdapter) -> None:
        from peft import PeftConfig, PeftModel
        from safetensors.torch import load_file

        name, tensors = _single(adapter.name), load_file(adapter.folder / WEIGHTS)
        fields = json.loads((adapter.folder / CONFIG).read_text("utf-8"))
        settings = PeftConfig.from_peft_type(**fields)  # type: ignore[no-untyped-call]
        settings.inference_mode = True
        with torch.inference_mode(False):
            if self._peft is None:
                self._peft = PeftModel(self._model, settings, adapter_name=name)
            else:
                self._peft.add_adapter(name, settings)
            self._fill(name, tensors)
        self._peft.train(False)

    def _fill(self, name: str, tensors: dict[str, torch.Tensor]) -> None:
        """Copies the tensors of the file into their places; each must have one, and each place its tensor.

        Not by PEFT, which asks the model for its state: bitsandbytes 0.50 unpacks its 4-bit weights for that
        on a processor, and they are wrong from then on.
        """
        places = {
            _stored(key, name): place
            for key, place in self._model.named_parameters()
            if name in key.split(".")
        }
        if places.keys() != tensors.keys():
            raise ValueError(f"no place or no tensor: {', '.join(sorted(places.keys() ^ tensors.keys()))}")
        for key, place in places.items():
            if place.shape != tensors[key].shape:
                raise ValueError(f"{key} is {tuple(tensors[key].shape)}, not {tuple(place.shape)}")
            place.data.copy_(tensors[key])

    def _remove(self, name: str) -> None:
        """Takes one of PEFT's adapters away; with the last one PEFT goes, too."""
        if self._peft is None:
            return self._strip()
        if name in self._peft.peft_config:
            if len(self._peft.peft_config) > 1:
                # PEFT would choose another active adapter by itself, and warn of it for every layer
                self._peft.base_model.set_adapter([], inference_mode=True)
                self._peft.delete_adapter(name)
            else:
                self._peft.unload()
                self._peft = None
                self._strip()
        return None

    def _strip(self) -> None:
        """Leaves no trace of PEFT in the model, not even after half a load."""
        from peft.tuners.tuners_utils import BaseTunerLayer

        for parent in list(self._model.modules()):
            for attribute, child in list(parent.named_children()):
                if isinstance(child, BaseTunerLayer):
                    setattr(parent, attribute, child.get_base_layer())
        for trace in ("peft_config", "_hf_peft_config_loaded"):
            self._model.__dict__.pop(trace, None)

    def _find_wrapped(self) -> None:
        """Notes which layers PEFT has put its own around, after PEFT has changed them."""
        from peft.tuners.tuners_utils import BaseTunerLayer

        self._wrapped = [
            (parent, attribute, cast(Any, child))
            for parent in self._model.modules()
            if not isinstance(parent, BaseTunerLayer)
            for attribute, child in parent.named_children()
            if isinstance(child, BaseTunerLayer)
        ]
        self._inside, self._active = bool(self._wrapped), None

    def _wrap(self) -> None:
        if not self._inside:
            for parent, attribute, layer in self._wrapped:
                setattr(parent, attribute, layer)
            self._inside = bool(self._wrapped)

    def _unwrap(self) -> None:
        if self._inside:
            for parent, attribute, layer in self._wrapped:
                setattr(parent, attribute, layer.get_base_layer())
            self._inside = False


def _name(mix: Mix) -> str:
    """PEFT's name for a mix. It becomes a key of a torch module, where a dot has a meaning of its own."""
    whole = "+".join(name if weight == 1 else f"{name}:{weight!r}" for name, weight in mix)
    return "maru_" + whole.replace("_", "__").replace(".", "_d")


def _stored(key: str, name: str) -> str:
    """What a file calls that parameter of the model: there the adapter has no name."""
    parts = [part for part in key.split(".") if part != name]
    if parts[-2] == "lora_magnitude_vector":
        parts.pop()
    return ".".join(["base_model", "model", *parts])


def _single(name: str) -> str:
    return _name(((name, 1.0),))

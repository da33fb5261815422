"""LoRA adapters as files: real ones made by PEFT, and each kind of damage."""

import json
import os
import re
import shutil
import struct
import time
from dataclasses import replace

import pytest

from adapters.checkpoint import Checkpoint, TensorHeader
from adapters.errors import AdapterNotFound, AdapterUnusable
from adapters.lora import (
    ABANDONED_S,
    ASIDE,
    CONFIG,
    WEIGHTS,
    find_adapter,
    import_adapter,
    known_adapters,
    list_adapters,
    mix_key,
    read_adapter,
    read_mix,
    remove_adapter,
)

pytestmark = [  # what PEFT itself causes in transformers and says while it saves
    pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated:FutureWarning"),
]

ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
Q0 = "model.layers.0.self_attn.q_proj"


@pytest.fixture(scope="module")
def base():
    """A tiny model of the same architecture as the real one."""
    from transformers import LlamaConfig, LlamaForCausalLM

    return LlamaForCausalLM(
        LlamaConfig(
            hidden_size=32,
            intermediate_size=48,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            vocab_size=64,
            tie_word_embeddings=True,
        )
    )


@pytest.fixture(scope="module")
def checkpoint(base):
    """Its shapes, as a checkpoint's header gives them."""
    tensors = {
        name: TensorHeader("F32", tuple(weight.shape), weight.numel() * 4)
        for name, weight in base.named_parameters()
    }
    return Checkpoint("LlamaForCausalLM", tensors, 2, 2, 8, 32, 64, 2048)


@pytest.fixture(scope="module")
def make(base, tmp_path_factory):
    """Trains nothing, but saves as PEFT does: make(target_modules=…) -> folder."""

    def make(**settings):
        from peft import LoraConfig, get_peft_model

        folder = tmp_path_factory.mktemp("peft")
        wrapped = get_peft_model(
            base, LoraConfig(**{"r": 4, "lora_alpha": 8, "target_modules": ALL} | settings)
        )
        wrapped.save_pretrained(folder)
        wrapped.unload()
        return folder

    return make


@pytest.fixture
def adapters(tmp_path, make):
    """A folder of adapters with a sound one, "poet"."""
    folder = tmp_path / "adapters"
    shutil.copytree(make(), folder / "poet")
    return folder


def configure(folder, **changes):
    config = json.loads((folder / CONFIG).read_text())
    (folder / CONFIG).write_text(json.dumps(config | changes))


def rewrite(folder, change):
    """Saves the tensors again after `change(tensors)`."""
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / WEIGHTS)
    change(tensors)
    save_file(tensors, folder / WEIGHTS)


def key(module, part):
    return f"base_model.model.{module}.{part}.weight"


def reason(adapters, checkpoint, name="poet"):
    with pytest.raises(AdapterUnusable) as caught:
        read_adapter(name, adapters, checkpoint)
    english, korean = caught.value.text("en"), caught.value.text("ko")
    assert name in english and re.search("[가-힣]", korean) and "{reason}" not in korean
    assert set(list_adapters(adapters, checkpoint)[0].problem) == {"en", "ko"}
    return english


def test_an_adapter_that_peft_saved_is_read(adapters, checkpoint):
    (entry,) = list_adapters(adapters, checkpoint)
    poet = read_adapter("poet", adapters, checkpoint)
    assert entry.adapter == poet and entry.problem is None
    assert (poet.rank, poet.scale, poet.dora, poet.uniform) == (4, 2.0, False, True)
    assert len(poet.targets) == 14 and Q0 in poet.targets
    assert poet.bytes == (adapters / "poet" / WEIGHTS).stat().st_size


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"use_rslora": True}, (4, 4.0, False, True)),
        ({"use_dora": True}, (4, 2.0, True, True)),
        ({"rank_pattern": {"q_proj": 2}}, (4, 4.0, False, False)),
        ({"rank_pattern": {Q0: 8}, "alpha_pattern": {Q0: 16}}, (8, 2.0, False, False)),
        ({"target_modules": r".*\.(q_proj|v_proj)"}, (4, 2.0, False, True)),
        ({"target_modules": "all-linear"}, (4, 2.0, False, True)),
        ({"target_modules": ["q_proj"], "layers_to_transform": [1]}, (4, 2.0, False, True)),
        ({"exclude_modules": ["down_proj"]}, (4, 2.0, False, True)),
        ({"init_lora_weights": "gaussian", "lora_dropout": 0.1}, (4, 2.0, False, True)),
    ],
)
def test_what_peft_can_be_told_is_understood_as_peft_does(make, checkpoint, settings, expected):
    folder = make(**settings)
    adapter = read_adapter(folder.name, folder.parent, checkpoint)
    assert (adapter.rank, adapter.scale, adapter.dora, adapter.uniform) == expected


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"modules_to_save": ["lm_head"]}, "modules_to_save"),
        ({"bias": "lora_only"}, "bias"),
        ({"lora_bias": True}, "lora_bias"),
        ({"trainable_token_indices": [1, 2]}, "trainable_token_indices"),
        ({"alora_invocation_tokens": [3]}, "alora_invocation_tokens"),
        ({"layer_replication": [[0, 2], [1, 2]]}, "layer_replication"),
        ({"target_parameters": ["q_proj.weight"]}, "target_parameters"),
        ({"init_lora_weights": "pissa"}, "init_lora_weights"),
        ({"fan_in_fan_out": True}, "fan_in_fan_out"),
        ({"task_type": "SEQ_CLS"}, "task_type"),
        ({"something_new": {"a": 1}}, "something_new"),
    ],
)
def test_what_would_be_left_undone_is_named(adapters, checkpoint, settings, name):
    configure(adapters / "poet", **settings)
    assert name in reason(adapters, checkpoint)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("r", 0),
        ("r", "8"),
        ("r", True),
        ("r", 10**9),
        ("lora_alpha", float("nan")),
        ("lora_alpha", -1),
        ("target_modules", [1]),
        ("rank_pattern", {"q_proj": 0}),
        ("alpha_pattern", [1]),
        ("layers_to_transform", ["1"]),
    ],
)
def test_a_field_of_another_kind_is_named(adapters, checkpoint, field, value):
    configure(adapters / "poet", **{field: value})
    assert f"{field} in adapter_config.json cannot be" in reason(adapters, checkpoint)


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(.*)*q_proj", "(" * 50, ".*.*.*.*.*.*x", r"(?:q|q){50}"])
def test_a_pattern_cannot_keep_the_processor_busy(adapters, checkpoint, pattern):
    configure(adapters / "poet", target_modules=pattern)
    assert "too involved" in reason(adapters, checkpoint)
    configure(adapters / "poet", target_modules=ALL, rank_pattern={pattern: 4})
    assert "rank_pattern" in reason(adapters, checkpoint)


@pytest.mark.parametrize("text", ["", "{", "[]", '"LORA"', "\x00", "[" * 100_000, '{"peft_type": "IA3"}'])
def test_a_configuration_that_is_none_is_refused(adapters, checkpoint, text):
    (adapters / "poet" / CONFIG).write_text(text)
    assert "adapter_config.json" in (said := reason(adapters, checkpoint)) or "IA3" in said


def cut(data):
    return data[:-100]


def half_a_header(data):
    return data[:300]


def longer(data):
    return data + b"xx"


def swallowed(data):
    return struct.pack("<Q", 2**62) + data[8:]


def overlapping(data):
    """Two tensors that claim the same bytes."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    names = [name for name in header if name != "__metadata__"]
    header[names[1]]["data_offsets"] = header[names[0]]["data_offsets"]
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data[8 + length :]


@pytest.mark.parametrize(
    "damage",
    [cut, half_a_header, longer, swallowed, overlapping, lambda data: b"", lambda data: b"\x80\x02}."],
)
def test_a_damaged_file_is_refused(adapters, checkpoint, damage):
    path = adapters / "poet" / WEIGHTS
    path.write_bytes(damage(path.read_bytes()))
    assert "damaged or cut off" in reason(adapters, checkpoint)


def test_a_pickle_is_refused_and_never_read(adapters, checkpoint):
    import pickle

    class Bomb:
        def __reduce__(self):
            return (print, ("ran",))

    (adapters / "poet" / WEIGHTS).unlink()
    assert "is missing" in reason(adapters, checkpoint)
    (adapters / "poet" / "adapter_model.bin").write_bytes(pickle.dumps(Bomb()))
    assert "pickle" in reason(adapters, checkpoint)


def test_missing_tensors_are_named(adapters, checkpoint):
    rewrite(adapters / "poet", lambda tensors: tensors.pop(key(Q0, "lora_B")))
    assert f"tensors are missing: {Q0}.lora_B.weight" in reason(adapters, checkpoint)


def test_tensors_that_nothing_takes_are_named(adapters, checkpoint):
    import torch

    rewrite(adapters / "poet", lambda tensors: tensors.update({"model.norm.weight": torch.ones(32)}))
    assert "would be ignored: model.norm.weight" in reason(adapters, checkpoint)


def test_an_empty_adapter_is_refused(adapters, checkpoint):
    rewrite(adapters / "poet", lambda tensors: tensors.clear())
    assert "no tensors" in reason(adapters, checkpoint)


def test_layers_outside_its_targets_and_targets_outside_the_model_are_named(adapters, checkpoint):
    configure(adapters / "poet", target_modules=["q_proj", "c_attn"])
    said = reason(adapters, checkpoint)
    assert "no linear layers of this model: c_attn" in said
    assert "target_modules leaves them out: model.layers.0.mlp.down_proj" in said and "and 8 more" in said


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_numbers_that_are_none_are_found(adapters, checkpoint, number, dtype):
    import torch

    def spoil(tensors):
        for name in tensors:
            tensors[name] = tensors[name].to(getattr(torch, dtype))

    rewrite(adapters / "poet", spoil)
    shutil.copytree(adapters / "poet", adapters / "sound")
    assert read_adapter("sound", adapters, checkpoint)
    rewrite(adapters / "poet", lambda tensors: tensors[key(Q0, "lora_A")][1].fill_(number))
    assert f"NaN or infinity; its training went wrong: {Q0}.lora_A.weight" in reason(adapters, checkpoint)


def test_a_number_type_of_its_own_is_refused(adapters, checkpoint):
    rewrite(
        adapters / "poet", lambda t: t.update({key(Q0, "lora_A"): t[key(Q0, "lora_A")].to(dtype=float_64())})
    )
    assert f"{key(Q0, 'lora_A')}: F64" in reason(adapters, checkpoint)


def float_64():
    import torch

    return torch.float64


def test_another_rank_than_it_says_is_named_with_both_shapes(adapters, checkpoint):
    configure(adapters / "poet", r=8)
    said = reason(adapters, checkpoint)
    assert "model.layers.0.mlp.down_proj.lora_A.weight: 4×48 ≠ 8×48" in said and "and 24 more" in said


def test_an_adapter_of_another_model_is_refused_with_every_mismatch(adapters, checkpoint):
    wide = {
        name: TensorHeader("F32", tuple(2 * size for size in tensor.shape), 8)
        for name, tensor in checkpoint.tensors.items()
        if "layers.1" not in name
    }
    other = Checkpoint("LlamaForCausalLM", wide, 1, 2, 16, 64, 128, 2048)
    with pytest.raises(AdapterUnusable) as caught:
        read_adapter("poet", adapters, other)
    kinds = [problem["en"].partition(":")[0] for problem in caught.value.values["problems"]]
    assert kinds == [
        "it was trained for layers that this model does not have",
        "these shapes differ, so it was trained for another model or rank (found ≠ expected)",
    ]
    assert "4×32 ≠ 4×64" in str(caught.value) and "and 3 more" in str(caught.value)


def test_what_is_listed_is_exactly_what_peft_loads_whole(make, base, checkpoint):
    """PEFT, given the same files, leaves no tensor out and misses none."""
    from peft import PeftModel

    folder = make(rank_pattern={"q_proj": 2}, target_modules=r".*\.(q_proj|up_proj)")
    adapter = read_adapter(folder.name, folder.parent, checkpoint)
    wrapped = PeftModel.from_pretrained(base, folder)
    layers = {name: layer for name, layer in wrapped.named_modules() if hasattr(layer, "lora_A")}
    assert {name.removeprefix("base_model.model.") for name in layers} == set(adapter.targets)
    assert max(layer.r["default"] for layer in layers.values()) == adapter.rank
    assert max(layer.scaling["default"] for layer in layers.values()) == adapter.scale
    wrapped.unload()


@pytest.mark.parametrize(
    ("text", "mix"),
    [
        (None, ()),
        (" ", ()),
        ("poet", (("poet", 1.0),)),
        ("poet:0.5+pirate:0.5", (("poet", 0.5), ("pirate", 0.5))),
        (" poet : 2 + pirate ", (("poet", 2.0), ("pirate", 1.0))),
        ("시인:0.25", (("시인", 0.25),)),
        ("\u1109\u1175\u110b\u1175\u11ab", (("시인", 1.0),)),
        ("poet:0.501+pirate:0.4999", (("poet", 0.5), ("pirate", 0.5))),
        ("poet:0.03", (("poet", 0.05),)),
        ("poet:0.99", (("poet", 1.0),)),
    ],
)
def test_a_mix_is_read(text, mix):
    assert read_mix(text) == mix
    assert read_mix(mix_key(mix)) == mix


def test_nobody_can_ask_for_endless_mixes_of_one_adapter():
    steps = [read_mix(f"poet:{weight / 1000}") for weight in range(26, 4001)]
    assert len(set(steps)) == 80 and steps == [read_mix(mix_key(mix)) for mix in steps]


NOT_NAMES = ["../poet", "a/b", ".", "$(x)", "%2e", "\u202epoet", "x" * 4000, "poet\x00", "a++b"]


@pytest.mark.parametrize(
    "text",
    [
        *NOT_NAMES,
        "poet:",
        "poet:0",
        "poet:0.02",
        "poet:nan",
        "poet:-1",
        "poet:99",
        "a:b",
        "poet+poet",
        "+".join("abcdefghi"),
    ],
)
def test_a_mix_that_is_none_says_how_it_is_written(text):
    with pytest.raises(AdapterUnusable) as caught:
        read_mix(text)
    assert len(str(caught.value)) < 400 and re.search("[가-힣]", caught.value.text("ko"))


@pytest.mark.parametrize("name", ["../poet", "/etc", "poet/", ".", "", "x" * 4000, "poet\x00"])
def test_a_name_never_becomes_a_path(adapters, checkpoint, name):
    with pytest.raises(AdapterNotFound, match="poet"):
        find_adapter(name, adapters)


def test_an_adapter_is_imported_whole_or_not_at_all(tmp_path, make, checkpoint):
    source, folder = make(), tmp_path / "adapters"
    adapter = import_adapter(source, "시인", folder, checkpoint, base="small")
    assert adapter.name == "시인" and adapter.base == "small"
    assert json.loads((adapter.folder / CONFIG).read_text())["base_model_name_or_path"] == "small"
    assert known_adapters(folder) == ["시인"] and [path.name for path in folder.iterdir()] == ["시인"]
    with pytest.raises(AdapterUnusable, match="of that name already"):
        import_adapter(source, "시인", folder, checkpoint)
    with pytest.raises(AdapterUnusable, match="up to 64 letters"):
        import_adapter(source, "../up", folder, checkpoint)
    with pytest.raises(AdapterUnusable, match=r"a space in its name.*Write - or _") as spaced:
        import_adapter(source, "my poet", folder, checkpoint)
    assert "공백" in spaced.value.text("ko")
    with pytest.raises(AdapterUnusable, match="a space in its name"):
        read_mix("my poet:0.5+pirate:0.5")
    (source / WEIGHTS).write_bytes(b"broken")
    with pytest.raises(AdapterUnusable, match="damaged"):
        import_adapter(source, "pirate", folder, checkpoint)
    with pytest.raises(AdapterUnusable, match="is missing or is not JSON"):
        import_adapter(tmp_path / "nowhere", "pirate", folder, checkpoint)
    assert [path.name for path in folder.iterdir()] == ["시인"]


def test_what_a_killed_import_left_is_swept_by_the_next_one(tmp_path, make, checkpoint):
    folder = tmp_path / "adapters"
    past = time.time() - 2 * ABANDONED_S
    for name, folder_written, file_written in [
        (f"{ASIDE}old", past, past),
        (f"{ASIDE}copying", past, time.time()),
        (f"{ASIDE}new", time.time(), past),
        (".somebody", past, past),
    ]:
        (folder / name).mkdir(parents=True)
        (folder / name / WEIGHTS).write_bytes(b"half")
        os.utime(folder / name / WEIGHTS, (file_written, file_written))
        os.utime(folder / name, (folder_written, folder_written))
    import_adapter(make(), "poet", folder, checkpoint)
    left = {path.name for path in folder.iterdir()}
    assert left == {"poet", ".somebody", f"{ASIDE}copying", f"{ASIDE}new"}
    assert known_adapters(folder) == ["poet"]


def test_where_it_was_trained_is_not_told(make, base, tmp_path, checkpoint):
    folder = make()
    configure(folder, base_model_name_or_path="/home/somebody/models/small")
    assert read_adapter(folder.name, folder.parent, checkpoint).base == "small"


def test_an_adapter_is_removed_whole(adapters, tmp_path, make):
    elsewhere = make()
    (adapters / "linked").symlink_to(elsewhere)
    remove_adapter("linked", adapters)
    assert (elsewhere / WEIGHTS).exists()
    remove_adapter("poet", adapters)
    assert list(adapters.iterdir()) == []
    with pytest.raises(AdapterNotFound):
        remove_adapter("poet", adapters)


def test_half_a_copy_is_not_listed(adapters, checkpoint):
    shutil.copytree(adapters / "poet", adapters / ".pirate.x1")
    shutil.copytree(adapters / "poet", adapters / "my adapter")
    assert known_adapters(adapters) == ["my adapter", "poet"]
    first, second = list_adapters(adapters, checkpoint)
    assert "a space in its name" in first.problem["en"] and second.adapter is not None


class Deleting(dict):
    """A model's tensors that delete a folder as soon as somebody looks at them."""

    def __init__(self, tensors, folder):
        super().__init__(tensors)
        self.folder = folder

    def items(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        return super().items()


def test_one_that_is_deleted_while_the_others_are_listed_is_left_out(adapters, checkpoint):
    shutil.copytree(adapters / "poet", adapters / "bard")
    racing = replace(checkpoint, tensors=Deleting(checkpoint.tensors, adapters / "bard"))
    assert [entry.name for entry in list_adapters(adapters, racing)] == ["poet"]
    shutil.copytree(adapters / "poet", adapters / "bard")
    with pytest.raises(AdapterNotFound):
        read_adapter("bard", adapters, racing)
    shutil.copytree(adapters / "poet", adapters / "bard")
    with pytest.raises(AdapterUnusable, match="could not be copied"):
        import_adapter(adapters / "bard", "copy", adapters, racing)
    assert known_adapters(adapters) == ["poet"]


def test_why_a_file_cannot_be_read_names_no_folder(adapters, checkpoint):
    path = adapters / "poet" / WEIGHTS
    path.unlink()
    path.symlink_to("/proc/self/mem")  # a file that nobody may map, not even root
    said = reason(adapters, checkpoint)
    assert "check its permissions" in said and "/" not in said

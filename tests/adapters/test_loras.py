"""Adapters on the running transformers engine, against PEFT's own and against weights merged by hand."""

import json
import shutil
import threading
from dataclasses import replace

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from adapters.decoding.loras import MOST_MIXES
from adapters.errors import AdapterNotFound, AdapterUnusable
from adapters.lora import CONFIG, WEIGHTS, LoraAdapter, adapters_folder
from adapters.request import Request
from tests.tensors import live_bytes

pytestmark = pytest.mark.model

LAYERS = 30
SHAPES = {"q_proj": (576, 576), "v_proj": (192, 576), "down_proj": (576, 1536)}
PLACES = {"q_proj": "self_attn", "v_proj": "self_attn", "down_proj": "mlp"}
POET, PIRATE, MONK = (("poet", 1.0),), (("pirate", 1.0),), (("monk", 1.0),)
BLEND = (("poet", 0.4), ("pirate", 0.7))


def write(folder, name, seed, targets=("q_proj", "v_proj"), rank=8, **settings):
    """A random adapter in PEFT's format, strong enough to change greedy answers."""
    generator = torch.Generator().manual_seed(seed)
    tensors = {}
    for layer in range(LAYERS):
        for target in targets:
            out, into = SHAPES[target]
            key = f"base_model.model.model.layers.{layer}.{PLACES[target]}.{target}"
            tensors[f"{key}.lora_A.weight"] = torch.randn(rank, into, generator=generator) * into**-0.5
            tensors[f"{key}.lora_B.weight"] = torch.randn(out, rank, generator=generator) * 0.05
            if settings.get("use_dora"):
                tensors[f"{key}.lora_magnitude_vector"] = 1 + torch.rand(out, generator=generator)
    place = folder / name
    place.mkdir(parents=True)
    save_file(tensors, place / WEIGHTS)
    known = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": rank, "lora_alpha": 2 * rank}
    (place / CONFIG).write_text(json.dumps(known | {"target_modules": list(targets)} | settings))
    scale = 2 * rank / (rank**0.5 if settings.get("use_rslora") else rank)
    return LoraAdapter(name, place, "", rank, scale, targets, bool(settings.get("use_dora")), 0)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("maru") / "adapters"
    return {
        "poet": write(folder, "poet", 1),
        "pirate": write(
            folder, "pirate", 2, targets=("q_proj", "v_proj", "down_proj"), rank=4, use_rslora=True
        ),
        "monk": write(folder, "monk", 3, use_dora=True),
    }


@pytest.fixture(scope="module")
def model(models_folder):
    """A model of its own, in float32: adapters change the modules of the one they are on."""
    from adapters.load import load
    from adapters.spec import ModelSpec

    model = load(ModelSpec(precision="float32"), models_folder)
    yield model
    model.close()


@pytest.fixture(scope="module")
def prompt(model):
    return model.get_token_ids("The old town lies by the river, and")


@pytest.fixture(scope="module")
def plain(model, prompt):
    """The bare model before any adapter: its scores and its answer."""
    return model.engine.score(prompt), answers(model.engine, [Request(prompt, max_tokens=12)])[0]


@pytest.fixture
def engine(model, plain, files):
    for adapter in files.values():
        model.engine.attach(adapter)
    yield model.engine
    for name in model.engine.adapters:
        model.engine.detach(name)


def answers(engine, requests):
    texts = [""] * len(requests)
    for chunk in engine.generate(requests):
        texts[chunk.index] += chunk.text
    return texts


def merged(models_folder, parts):
    """The answer model with the products of the adapters added to its weights, each with its weight."""
    from transformers import AutoModelForCausalLM

    from adapters.weights import prepare_embedded

    model = AutoModelForCausalLM.from_pretrained(prepare_embedded(models_folder), dtype=torch.float32)
    for adapter, weight in parts:
        tensors = load_file(adapter.folder / WEIGHTS)
        for key, down in tensors.items():
            if key.endswith("lora_A.weight"):
                up = tensors[key.replace("lora_A", "lora_B")]
                name = key.removeprefix("base_model.model.").removesuffix(".lora_A.weight")
                model.get_submodule(name).weight.data += weight * adapter.scale * (up @ down)
    return model


def greedy(model, tokenizer, prompt, count):
    ids = torch.tensor([prompt])
    out = model.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=count, do_sample=False, pad_token_id=0
    )
    return tokenizer.decode(out[0, len(prompt) :], skip_special_tokens=True)


@pytest.mark.parametrize(
    "mix", [BLEND, *(pytest.param(mix, marks=pytest.mark.slow) for mix in (POET, PIRATE, (("pirate", 0.5),)))]
)
def test_an_adapter_answers_as_weights_merged_by_hand(engine, model, files, models_folder, prompt, mix):
    reference = merged(models_folder, [(files[name], weight) for name, weight in mix])
    expected = greedy(reference, model.tokenizer, prompt, 12)
    assert answers(engine, [Request(prompt, max_tokens=12, mix=mix)]) == [expected]
    logits = reference(torch.tensor([prompt])).logits[0].log_softmax(-1)
    ours = torch.tensor(engine.score(prompt, mix))
    assert torch.allclose(ours, logits[range(len(prompt) - 1), prompt[1:]], atol=1e-3)


@pytest.mark.slow
def test_a_dora_adapter_answers_as_peft_does(engine, model, files, models_folder, prompt):
    from peft import PeftModel

    reference = PeftModel.from_pretrained(merged(models_folder, []), files["monk"].folder)
    expected = greedy(reference, model.tokenizer, prompt, 12)
    assert answers(engine, [Request(prompt, max_tokens=12, mix=MONK)]) == [expected]


@pytest.mark.slow
def test_different_adapters_in_one_batch_answer_as_each_alone(engine, prompt):
    requests = [Request(prompt, max_tokens=12, mix=mix) for mix in ((), POET, BLEND, PIRATE, MONK, POET, ())]
    alone = [answers(engine, [replace(one, stopped=threading.Event())])[0] for one in requests]
    assert answers(engine, requests) == alone
    assert len(set(alone)) == 5


@pytest.mark.slow
def test_more_mixes_in_one_batch_than_are_kept(engine, prompt):
    mixes = [(("poet", share / 10), ("pirate", 1 - share / 10)) for share in range(1, MOST_MIXES + 2)]
    requests = [Request(prompt, max_tokens=3, mix=mix) for mix in mixes]
    assert all(answers(engine, requests))


def test_attaching_and_detaching_leave_the_bare_model_as_it_was(engine, prompt, plain):
    bare = [Request(prompt, max_tokens=12)]
    assert (engine.score(prompt), answers(engine, bare)[0]) == plain
    answers(engine, [Request(prompt, max_tokens=2, mix=POET), Request(prompt, max_tokens=3)])
    assert engine.score(prompt) == plain[0]
    for name in ("poet", "pirate", "monk"):
        engine.detach(name)
    assert engine.adapters == ()
    assert not any("lora" in name for name, _ in engine.model.named_parameters())
    assert engine.score(prompt) == plain[0]


def test_while_nobody_uses_an_adapter_the_bare_layers_run(engine, prompt):
    from peft.tuners.tuners_utils import BaseTunerLayer

    def wrapped():
        return any(isinstance(module, BaseTunerLayer) for module in engine.model.modules())

    answers(engine, [Request(prompt, max_tokens=2, mix=POET)])
    assert wrapped()
    answers(engine, [Request(prompt, max_tokens=2)])
    assert not wrapped()


@pytest.mark.slow
@pytest.mark.parametrize("first", [True, False], ids=["the first adapter", "one beside others"])
@pytest.mark.parametrize("damage", ["shape", "missing", "truncated"])
def test_a_damaged_adapter_leaves_nothing_behind(engine, model, prompt, plain, tmp_path, damage, first):
    for name in engine.adapters if first else ():
        engine.detach(name)
    before = engine.adapters
    broken = write(tmp_path, "broken", 5)
    tensors = load_file(broken.folder / WEIGHTS)
    key = "base_model.model.model.layers.7.self_attn.q_proj.lora_A.weight"
    if damage == "shape":
        tensors[key] = torch.zeros(8, 100)
    elif damage == "missing":
        del tensors[key]
    save_file(tensors, broken.folder / WEIGHTS)
    if damage == "truncated":
        content = (broken.folder / WEIGHTS).read_bytes()
        (broken.folder / WEIGHTS).write_bytes(content[: len(content) // 2])
    with pytest.raises(AdapterUnusable, match="broken"):
        engine.attach(broken)
    assert engine.adapters == before
    assert not any("broken" in name for name, _ in engine.model.named_parameters())
    assert engine.score(prompt) == plain[0]
    engine.attach(write(tmp_path / "sound", "broken", 5))
    assert "broken" in engine.adapters


def test_an_unknown_adapter_is_refused_before_anything_runs(engine, prompt):
    for mix in ((("nobody", 1.0),), (("poet", 1.0), ("nobody", 0.5))):
        with pytest.raises(AdapterNotFound, match="nobody"):
            next(engine.generate([Request(prompt, max_tokens=2, mix=mix)]))
        with pytest.raises(AdapterNotFound, match="nobody"):
            engine.score(prompt, mix)


def test_dora_in_a_mix_is_refused_with_the_reason(engine, prompt):
    for mix in ((("monk", 0.5),), (("monk", 1.0), ("poet", 1.0))):
        with pytest.raises(AdapterUnusable, match="DoRA"):
            next(engine.generate([Request(prompt, max_tokens=2, mix=mix)]))


def test_detaching_waits_for_those_who_use_it_and_refuses_others(engine, prompt):
    stream = engine.generate([Request(prompt, max_tokens=1000, mix=POET)])
    while not next(stream).text:
        pass
    done = threading.Event()
    threading.Thread(target=lambda: (engine.detach("poet"), done.set())).start()
    assert not done.wait(0.5) and next(stream).finish_reason is None
    with pytest.raises(AdapterNotFound, match="poet"):
        next(engine.generate([Request(prompt, max_tokens=2, mix=POET)]))
    stream.close()
    assert done.wait(10)
    assert "poet" not in engine.adapters


def test_a_detached_adapters_prompts_are_not_reused_for_its_namesake(engine, prompt, tmp_path, plain):
    long = prompt * 8
    old = engine.score(long, POET)
    answers(engine, [Request(long, max_tokens=2, mix=POET)])
    engine.detach("poet")
    other = write(tmp_path, "poet", 99)
    engine.attach(other)
    fresh = answers(engine, [Request(long, max_tokens=12, mix=POET)])
    engine.prefixes.clear()
    assert answers(engine, [Request(long, max_tokens=12, mix=POET)]) == fresh
    assert engine.score(long, POET) != old


@pytest.mark.slow
def test_detaching_gives_the_memory_back(engine, tmp_path, prompt):
    large = [write(tmp_path, f"large{at}", at, tuple(SHAPES), rank=256) for at in range(2)]
    engine.attach(large[0])
    engine.detach("large0")
    before = live_bytes()
    engine.attach(large[1])
    answers(engine, [Request(prompt, max_tokens=2, mix=(("large1", 1.0),))])
    taken = live_bytes() - before
    with safe_open(large[1].folder / WEIGHTS, "pt") as file:
        size = sum(file.get_tensor(key).nbytes for key in file.keys())  # noqa: SIM118 (no mapping)
    assert taken >= size > 50e6
    engine.detach("large1")
    assert live_bytes() - before < 0.1 * taken


def test_the_chat_model_serves_people_with_their_own_adapters(model, files, plain):
    folder = files["poet"].folder.parent.parent
    model = model.model_copy(update={"folder": folder / "models"})
    assert adapters_folder(model.folder) == folder / "adapters"
    poet, blend = model.serving("poet", "ann"), model.serving("poet:0.4+pirate:0.7", "ben")
    assert (poet.mix, poet.owner, poet.spec.adapter) == (POET, "ann", "poet")
    assert (blend.mix, blend.spec.adapter) == (BLEND, "poet:0.4+pirate:0.7")
    asked = {"input": "Write a poem about the sea.", "temperature": 0, "max_tokens": 12}
    assert len({one.invoke(**asked).content for one in (model, poet, blend)}) == 3
    assert model.serving(None).mix == () and model.serving(None).spec.adapter is None
    assert next(poet.stream("Hi", max_tokens=2)).response_metadata["adapter"] == "poet"
    with pytest.raises(AdapterNotFound, match="nobody"):
        model.serving("nobody")
    for name in model.engine.adapters:
        model.engine.detach(name)


def test_an_adapter_that_was_replaced_on_disk_answers_as_the_new_one(model, prompt, tmp_path):
    model = model.model_copy(update={"folder": tmp_path / "models"})
    place = adapters_folder(model.folder)
    write(place, "poet", 1)
    model.serving("poet")
    old = model.engine.score(prompt, POET)
    assert model.serving("poet") and model.engine.score(prompt, POET) == old
    shutil.rmtree(place / "poet")
    write(place, "poet", 99)
    model.serving("poet:0.5")
    new = model.engine.score(prompt, POET)
    assert new != old
    (place / "poet" / CONFIG).write_text((place / "poet" / CONFIG).read_text().replace('"r": 8', '"r":  8'))
    before = model.engine._worker.loras._attached["poet"]
    model.serving("poet")
    assert model.engine._worker.loras._attached["poet"] != before, "its settings may be others, too"
    assert model.engine.score(prompt, POET) == new
    model.engine.detach("poet")


@pytest.mark.parametrize("precision", ["nf4", "int8", "int8_weight_only"])
@pytest.mark.slow
def test_a_quantized_base_is_left_as_it_was(models_folder, files, prompt, precision):
    from adapters.load import load
    from adapters.precision import precisions
    from adapters.spec import ModelSpec

    if (reason := precisions()[precision].available()) is not None:
        pytest.skip(reason["en"])
    model = load(ModelSpec(precision=precision), models_folder)
    try:
        before = model.engine.score(prompt)
        model.engine.attach(files["poet"])
        assert model.engine.score(prompt) == before != model.engine.score(prompt, POET)
        mixed = answers(
            model.engine, [Request(prompt, max_tokens=3), Request(prompt, max_tokens=3, mix=POET)]
        )
        assert all(mixed)
        model.engine.detach("poet")
        assert model.engine.score(prompt) == before
    finally:
        model.close()

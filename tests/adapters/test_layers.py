"""Models that no engine here can run are refused from their headers, with what to do."""

import json

import pytest

from adapters import sources
from adapters.errors import ModelFailed, SourceRefused
from adapters.layers import check_config, check_tensors
from adapters.load import load
from adapters.precision import precisions
from adapters.registry import Registered, change, registry_file
from adapters.spec import ModelSpec
from tests.small_models import CONFIG, shapes, write_gguf, write_header, write_tokenizer

NO_HEADS = {"hidden_size": 32, "num_hidden_layers": 2, "vocab_size": 300}
MAMBA = {**NO_HEADS, "architectures": ["MambaForCausalLM"], "model_type": "mamba", "state_size": 16}
RWKV = {**NO_HEADS, "architectures": ["RwkvForCausalLM"], "model_type": "rwkv"}
HYBRID = {**CONFIG, "architectures": ["JambaForCausalLM"], "model_type": "jamba", "mamba_d_state": 16}
MIXED = {**CONFIG, "layer_types": ["full_attention", "linear_attention"]}
PLAIN = {**CONFIG, "model_type": "own"}
TENSORS = {
    "mamba": "backbone.layers.0.mixer.A_log",
    "rwkv": "rwkv.blocks.0.attention.time_decay",
    "jamba": "model.layers.0.mamba.in_proj.weight",
    "llama": "model.layers.1.linear_attn.out_proj.weight",
    "own": "model.layers.1.conv.conv.weight",
}
MODELS = [MAMBA, RWKV, HYBRID, MIXED, PLAIN]
named = pytest.mark.parametrize("config", MODELS, ids=["mamba", "rwkv", "hybrid", "layer types", "tensors"])


def write(place, config):
    place.mkdir()
    (place / "config.json").write_text(json.dumps(config))
    write_header(place / "model.safetensors", {**shapes(), TENSORS[config["model_type"]]: (32, 16)})
    write_tokenizer(place)
    return place


@named
def test_such_a_folder_is_refused_with_what_to_do(tmp_path, config):
    models = tmp_path / "models"
    with pytest.raises(SourceRefused, match=r"no engine here can run.*vLLM.*attention layers only") as caught:
        sources.add_folder(write(tmp_path / "model", config), models)
    assert "서버를 추가" in caught.value.text("ko")
    assert not registry_file(models).exists()


@pytest.mark.parametrize("precision", ["auto", "float32", "int8_openvino"])
def test_one_that_is_on_the_list_already_is_refused_by_each_engine(tmp_path, precision):
    models, place = tmp_path / "models", write(tmp_path / "model", HYBRID)
    change(models, lambda _: [Registered("hybrid", "folder", str(place))])
    with pytest.raises(ModelFailed, match="no engine here can run") as caught:
        load(ModelSpec("hybrid", precision), models)
    assert "엔진으로는 쓸 수 없어요" in caught.value.text("ko")


@pytest.mark.parametrize("kind, tensor", [("mamba", "blk.0.ssm_a"), ("lfm2", "blk.0.shortconv.conv.weight")])
def test_such_a_gguf_file_is_refused_with_what_to_do(tmp_path, kind, tensor):
    file = write_gguf(tmp_path / "x.gguf", kind, tensor)
    with pytest.raises(SourceRefused, match=r"no engine here can run.*llama\.cpp"):
        sources.add(str(file), tmp_path / "models")


@pytest.mark.parametrize(
    "name",
    ["vision_tower.embeddings.conv.weight", "model.visual.conv1d.weight", "audio_tower.conv.weight"],
)
def test_what_sees_and_hears_does_not_count(name):
    check_tensors("x", [name, "model.layers.0.self_attn.q_proj.weight"])
    with pytest.raises(SourceRefused):
        check_tensors("x", [name, "model.layers.0.conv.weight"])


@pytest.fixture(scope="module")
def attention_only(tmp_path_factory):
    """A Granite 4 without a single Mamba layer; its configuration has all their settings."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(0)
    sizes = {key: CONFIG[key] for key in CONFIG if key not in ("architectures", "model_type")}
    config = AutoConfig.for_model(
        "granitemoehybrid",
        **sizes,
        layer_types=["attention"] * 2,
        mamba_n_heads=4,
        mamba_d_head=16,
        shared_intermediate_size=64,
        num_local_experts=0,
        num_experts_per_tok=0,
    )
    place = tmp_path_factory.mktemp("hybrid") / "granite"
    model = AutoModelForCausalLM.from_config(config)
    model.save_pretrained(place)
    write_tokenizer(place)
    return place, model


@pytest.mark.parametrize("key", ["float32", pytest.param("int8_openvino", marks=pytest.mark.slow)])
def test_a_hybrid_of_attention_layers_only_answers_as_it_does_in_plain_transformers(
    attention_only, tmp_path, key
):
    import torch

    if precisions()[key].available() is not None:
        pytest.skip("not on this machine")
    (place, plain), models = attention_only, tmp_path / "models"
    assert any(name.startswith("mamba_") for name in json.loads((place / "config.json").read_text()))
    sources.add_folder(place, models)
    model = load(ModelSpec("granite", key), models)
    try:
        assert model.invoke("Hello there.", temperature=0, max_tokens=4).content
        ids = model.get_token_ids("Hello there, how are you today?")
        found = model.engine.score(ids)
    finally:
        model.close()
    with torch.inference_mode():
        logits = plain(torch.tensor([ids])).logits[0, :-1].log_softmax(-1)
    assert found == pytest.approx(logits[range(len(ids) - 1), ids[1:]].tolist(), abs=0.01)


@pytest.mark.parametrize("name", ["layer_types", "layers_block_type"])
def test_one_layer_of_another_kind_is_enough_to_be_refused(name):
    with pytest.raises(SourceRefused, match='"mamba"'):
        check_config("x", {**CONFIG, name: ["attention", "mamba"]})


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", ["bamba", "falcon_mamba", "mamba2", "olmo_hybrid", "recurrent_gemma", "rwkv"]
)
def test_the_real_architectures_are_known_by_configuration_and_by_tensors(kind):
    """Each marks itself as stateful in transformers."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    config = AutoConfig.for_model(kind)
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    assert model._is_stateful
    with pytest.raises(SourceRefused):
        check_config(kind, config.to_dict())
    with pytest.raises(SourceRefused):
        check_tensors(kind, model.state_dict())

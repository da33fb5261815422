"""Model folders that want to run code: the canary in them never runs, whatever they are asked."""

import json
import os

import pytest

from adapters.errors import ModelFailed, SourceRefused
from adapters.load import load
from adapters.sources import add_folder
from adapters.spec import ModelSpec
from tests.small_models import CONFIG, write_model


@pytest.fixture
def canary(tmp_path):
    return tmp_path / "the canary ran"


@pytest.fixture
def place(tmp_path, canary):
    """A whole model, with a Python file in it that leaves a mark when it is imported."""
    folder = write_model(tmp_path / "canary")
    code = f"from pathlib import Path\nPath({str(canary)!r}).touch()\nclass Evil: pass\n"
    for name in ("evil.py", "modeling_llama.py", "tokenization_evil.py", "__init__.py"):
        (folder / name).write_text(code)
    return folder


def change(file, **values):
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


def run(models, canary):
    """Loads and asks. Returns what went wrong, if anything."""
    try:
        model = load(ModelSpec("canary", "float32"), models)
        try:
            model.invoke("hello", max_tokens=2)
        finally:
            model.close()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        assert not canary.exists()
    return ""


@pytest.mark.parametrize("kind", ["llama", "evil"])
def test_code_in_a_folder_is_never_imported(place, tmp_path, canary, kind):
    auto = {"AutoConfig": "evil.Evil", "AutoModelForCausalLM": "evil.Evil", "AutoTokenizer": "evil.Evil"}
    change(place / "config.json", auto_map=auto, model_type=kind)
    change(place / "tokenizer_config.json", auto_map={"AutoTokenizer": ["evil.Evil", "evil.Evil"]})
    models = tmp_path / "home" / "models"
    try:
        add_folder(place, models)
    except SourceRefused:
        assert not canary.exists()
        return
    assert run(models, canary) == "" or kind == "evil"


def test_a_pickle_beside_safetensors_is_never_opened(place, tmp_path, canary):
    import pickle

    class Evil:
        def __reduce__(self):
            return os.system, (f"touch '{canary}'",)

    (place / "pytorch_model.bin").write_bytes(pickle.dumps(Evil()))
    (place / "training_args.bin").write_bytes(pickle.dumps(Evil()))
    models = tmp_path / "home" / "models"
    add_folder(place, models)
    assert run(models, canary) == ""
    (place / "model.safetensors").unlink()
    assert "safetensors" in run(models, canary)
    with pytest.raises(SourceRefused, match="pickle"):
        add_folder(place, models)


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}{{ cycler.__init__.__globals__.os.system('MARK') }}",
        "{{ self.__init__.__globals__.__builtins__.__import__('os').system('MARK') }}",
        "{% set x = messages.append('x') %}{{ lipsum.__globals__['os'].popen('MARK').read() }}",
    ],
)
def test_a_chat_template_is_held_in_its_sandbox(place, tmp_path, canary, template):
    change(place / "tokenizer_config.json", chat_template=template.replace("MARK", f"touch {canary}"))
    models = tmp_path / "home" / "models"
    add_folder(place, models)
    assert run(models, canary), "it is refused, with an error"


@pytest.mark.parametrize("damage", ["truncated", "another shape", "gone", "a tensor less"])
def test_weights_that_broke_after_they_were_added_are_named(place, tmp_path, damage):
    models = tmp_path / "home" / "models"
    add_folder(place, models)
    if damage == "truncated":
        os.truncate(place / "model.safetensors", (place / "model.safetensors").stat().st_size - 8)
    elif damage == "gone":
        (place / "model.safetensors").unlink()
    elif damage == "a tensor less":
        change(place / "config.json", num_hidden_layers=3)
    else:
        change(place / "config.json", hidden_size=CONFIG["hidden_size"] * 2)
    with pytest.raises(ModelFailed) as caught:
        load(ModelSpec("canary", "float32"), models)
    said = {"another shape": "other shapes", "a tensor less": "model.layers.2."}
    assert said.get(damage, "model.safetensors") in str(caught.value) and "canary" in caught.value.text("ko")

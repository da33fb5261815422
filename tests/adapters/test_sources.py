"""Adding and removing models: what is taken, what is refused and why, and what is left of it."""

import json
import os
import shutil
import struct

import pytest

from adapters import embedded, sources
from adapters.checkpoint import read_checkpoint
from adapters.errors import ModelNotFound, RegistryDamaged, SourceRefused
from adapters.models import EMBEDDED, ORIGINAL, find_model, known_models
from adapters.own_files import CONVERTED, KINDS
from adapters.registry import registered, registry_file
from tests.small_models import CONFIG, write_gguf, write_model

HOSTILE = [
    "../x",
    "a/../b",
    "/etc/passwd",
    "x\0y",
    "a\nb",
    "$(id)",
    "%2e",
    "x" * 65,
    "\u202egnp",
    "..",
    "-x",
    " ",
]


@pytest.fixture
def models(tmp_path):
    return tmp_path / "home" / "models"


@pytest.fixture
def place(tmp_path):
    return write_model(tmp_path / "my model")


def test_a_folder_is_added_found_and_removed_and_stays(models, place):
    entry = sources.add(str(place), models)
    assert (entry.id, entry.kind, entry.removable, entry.ready) == ("my model", "folder", True, True)
    assert entry.location == str(place) and entry.context_length == CONFIG["max_position_embeddings"]
    assert entry.parameters == read_checkpoint(place).parameters > 0
    assert find_model("my model", models) == entry
    sources.remove_model("my model", models, delete=KINDS)
    assert "my model" not in {one.id for one in known_models(models)}
    assert (place / "model.safetensors").exists()


def test_what_was_converted_from_a_folder_goes_with_its_files(models, place):
    from adapters.openvino.store import place as converted_to

    sources.add_folder(place, models)
    made = [converted_to(place, models, bits) for bits in (4, 8)]
    for one in made:
        one.mkdir(parents=True)
    sources.add_folder(place, models, "again")
    assert sources.remove_model("again", models, delete=KINDS).kept == (), "nothing of it was its own"
    assert all(one.exists() for one in made), "the other entry uses them"
    sources.remove_model("my model", models, delete=KINDS)
    assert not any(one.exists() for one in made) and (place / "config.json").exists()


def test_what_stays_of_a_removed_model_is_told_with_its_size(models, tmp_path):
    from adapters.gguf_file import converted

    file = write_gguf(tmp_path / "own.gguf", "llama")
    made = converted(file, models)
    for _ in range(2):
        sources.add_gguf(file, models)
        made.mkdir(parents=True, exist_ok=True)
        (made / "model.safetensors").write_bytes(b"x" * 1000)
        removed = sources.remove_model("own", models)
        assert [(one.kind, one.path, one.bytes) for one in removed.kept] == [("converted", made, 1000)]
        assert removed.deleted == () and made.exists()
    sources.add_gguf(file, models)
    assert sources.remove_model("own", models, CONVERTED).deleted == removed.kept
    assert not made.exists() and file.exists()


def test_a_download_is_shared_with_other_programs_and_goes_only_when_that_is_asked(
    models, tmp_path, monkeypatch
):
    cache = tmp_path / "hub"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    snapshot = cache / "models--a--b" / "snapshots" / ("0" * 40)
    write_model(snapshot)
    (snapshot.parent.parent / "refs").mkdir()
    (snapshot.parent.parent / "refs" / "main").write_text("0" * 40)
    sources.add_repository("a/b", models)
    kept = sources.remove_model("a/b", models, CONVERTED).kept
    assert [(one.kind, one.path) for one in kept] == [("downloaded", snapshot.parent.parent)]
    assert kept[0].bytes > 1000 and snapshot.exists()
    sources.add_repository("a/b", models)
    assert sources.remove_model("a/b", models, KINDS).deleted == kept
    assert not snapshot.parent.parent.exists()


def test_what_is_on_marus_own_list_is_not_added_again(models):
    with pytest.raises(SourceRefused, match="on the list already"):
        sources.add(ORIGINAL, models)
    with pytest.raises(SourceRefused, match="name of its own"):
        sources.add_repository(ORIGINAL, models, "abc")
    assert not next(one for one in known_models(models) if one.id == ORIGINAL).removable
    assert sources.add_repository(ORIGINAL, models, "abc", "pinned").revision == "abc"


def test_a_file_that_is_gone_can_be_removed_with_its_files(models, tmp_path):
    file = write_gguf(tmp_path / "own.gguf", "llama")
    sources.add_gguf(file, models)
    file.unlink()
    sources.remove_model("own", models, delete=KINDS)
    assert registered(models) == []


def test_the_same_folder_may_be_added_twice_but_a_name_only_once(models, place, tmp_path):
    sources.add_folder(place, models)
    sources.add_folder(place, models)
    assert len(registered(models)) == 1
    other = shutil.copytree(place, tmp_path / "other" / "my model")
    with pytest.raises(SourceRefused, match="called"):
        sources.add_folder(other, models)
    assert sources.add_folder(other, models, "another").id == "another"


@pytest.mark.parametrize("id", [EMBEDDED, ORIGINAL])
def test_what_comes_with_maru_is_neither_replaced_nor_removed(models, place, id):
    with pytest.raises(SourceRefused):
        sources.add_folder(place, models, id)
    with pytest.raises(SourceRefused, match="own list"):
        sources.remove_model(id, models)
    with pytest.raises(ModelNotFound):
        sources.remove_model("nobody", models)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_never_becomes_a_path(models, place, name):
    with pytest.raises(SourceRefused, match="cannot be a name"):
        sources.add_folder(place, models, name)
    assert not registry_file(models).exists()


@pytest.mark.parametrize("name", ["마루 모델", "Qwen2.5-0.5B", "법률_v2"])
def test_names_of_any_script(models, place, name):
    assert sources.add_folder(place, models, name).id == name


def truncate(place):
    os.truncate(place / "model.safetensors", (place / "model.safetensors").stat().st_size - 1000)


def spoil_header(place):
    with (place / "model.safetensors").open("r+b") as file:
        file.write(struct.pack("<Q", 1 << 60))


def spoil_config(place):
    (place / "config.json").write_text('{"architectures": [')


def unknown_architecture(place):
    config = {
        **CONFIG,
        "architectures": ["EvilForCausalLM"],
        "auto_map": {"AutoModelForCausalLM": "evil.Evil"},
    }
    (place / "config.json").write_text(json.dumps(config))


def only_pickles(place):
    (place / "model.safetensors").rename(place / "pytorch_model.bin")


def index_outside(place):
    index = {"weight_map": {"model.norm.weight": "../../secret.safetensors"}}
    (place / "model.safetensors.index.json").write_text(json.dumps(index))


def shard_gone(place):
    index = {"weight_map": {"model.norm.weight": "model-00001-of-00002.safetensors"}}
    (place / "model.safetensors.index.json").write_text(json.dumps(index))


@pytest.mark.parametrize(
    "damage, said",
    [
        (truncate, "its header says"),
        (spoil_header, "damaged"),
        (spoil_config, "damaged"),
        (lambda place: (place / "config.json").unlink(), "has no config.json"),
        (lambda place: (place / "model.safetensors").unlink(), "has no model.safetensors"),
        (lambda place: (place / "tokenizer.json").unlink(), "tokenizer"),
        (unknown_architecture, "EvilForCausalLM.*never run"),
        (only_pickles, "pickles"),
        (index_outside, "damaged"),
        (shard_gone, "00001-of-00002"),
    ],
)
def test_a_bad_folder_is_refused_with_its_reason(models, place, damage, said):
    damage(place)
    with pytest.raises(SourceRefused, match=said) as caught:
        sources.add_folder(place, models)
    assert "{" not in caught.value.text("ko") and caught.value.text("ko") != str(caught.value)
    assert not registry_file(models).exists(), "nothing is left of it"


def test_a_folder_without_a_chat_template_says_so(models, place):
    settings = json.loads((place / "tokenizer_config.json").read_text())
    settings.pop("chat_template", None)
    (place / "tokenizer_config.json").write_text(json.dumps(settings))
    (place / "chat_template.jinja").unlink(missing_ok=True)
    assert "plain one" in sources.add_folder(place, models).description["en"]


def test_a_folder_that_is_gone_is_listed_with_the_reason(models, place):
    sources.add_folder(place, models)
    shutil.rmtree(place)
    entry = find_model("my model", models)
    assert not entry.ready and "not there any more" in str(entry.problem)


def test_a_gguf_file_is_added_with_its_facts(models, tmp_path):
    file = write_gguf(tmp_path / "tiny.Q8.gguf", "llama")
    entry = sources.add(str(file), models)
    assert (entry.kind, entry.id, entry.ready) == ("gguf", "tiny.Q8", False)
    assert entry.context_length == 128 and entry.parameters > 0


@pytest.mark.parametrize("kind", ["rwkv7", "bert"])
def test_a_gguf_of_another_kind_is_refused_with_the_mend(models, tmp_path, kind):
    with pytest.raises(SourceRefused, match=f'"{kind}".*llama.cpp'):
        sources.add(str(write_gguf(tmp_path / "x.gguf", kind)), models)


def test_a_gguf_that_is_none_is_refused(models, tmp_path):
    file = tmp_path / "x.gguf"
    with pytest.raises(SourceRefused, match="no file"):
        sources.add(str(file), models)
    file.write_bytes(b"GGUF" + b"\xff" * 100_000)
    with pytest.raises(SourceRefused, match="no whole GGUF"):
        sources.add(str(file), models)


@pytest.mark.parametrize("length", [4, 8, 16, 24, 30, 1000, 100_000, 1_700_000, 3_000_000])
def test_a_gguf_that_ends_early_is_said_to_with_the_mend(models, tmp_path, length):
    """In its marks, in its header, or among its tensors."""
    file = tmp_path / "x.gguf"
    with embedded.find().open("rb") as whole:
        file.write_bytes(whole.read(length))
    with pytest.raises(SourceRefused, match=f"ends early: it has {length:,} bytes.*download it") as caught:
        sources.add(str(file), models)
    assert "중간에 끝나요" in caught.value.text("ko")
    for text in (str(caught.value), caught.value.text("ko")):
        assert not any(word in text for word in ("array", "dtype", "index", "unpack"))


@pytest.mark.parametrize(
    "content, said",
    [
        (b"# Notes\nA text about maru.\n", 'does not begin with "GGUF"'),
        (b"", 'does not begin with "GGUF"'),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "git lfs pull"),
    ],
)
def test_another_file_that_is_only_called_gguf_is_said_to_be_none(models, tmp_path, content, said):
    file = tmp_path / "x.gguf"
    file.write_bytes(content)
    with pytest.raises(SourceRefused, match=said) as caught:
        sources.add(str(file), models)
    assert "GGUF" in caught.value.text("ko") and "{" not in caught.value.text("ko")


def test_any_repository_by_revision(models):
    entry = sources.add_repository("someone/model", models, "refs/pr/1", "mine")
    assert (entry.id, entry.location, entry.revision) == ("mine", "someone/model", "refs/pr/1")
    assert entry.source.endswith("someone/model@refs/pr/1") and not entry.ready
    sources.remove_model("mine", models)


@pytest.mark.parametrize("given", ["../x/y", "a/b/c", "x", "", "file:///etc", "a/b;rm", "hub://a/b"])
def test_what_is_nothing_is_refused(models, given):
    with pytest.raises(SourceRefused):
        sources.add(given, models)


@pytest.mark.parametrize("revision", ["../x", "a b", "-x", "a..b", "x" * 101])
def test_a_revision_is_strict(models, revision):
    with pytest.raises(SourceRefused, match="branch"):
        sources.add_repository("a/b", models, revision)


def test_a_server_is_added_by_its_address(models):
    entry = sources.add_server("http://127.0.0.1:8000/v1/", models, "", "llama3", "MY_KEY")
    assert (entry.kind, entry.server_model, entry.key_env) == ("server", "llama3", "MY_KEY")
    assert entry.location == "http://127.0.0.1:8000/v1" and entry.ready
    assert sources.add_server("http://127.0.0.1:8000/v1", models, "", "llama3", "MY_KEY").id == "llama3"
    assert sources.add_server("http://127.0.0.1:9000/v1", models, "", "llama3").id == "llama3 2"
    assert sources.add_server("http://127.0.0.1:9000/v1", models).id == "server"
    with pytest.raises(SourceRefused):
        sources.add_server("http://user:secret@host/v1", models)
    assert "secret" not in registry_file(models).read_text()


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"version": 2, "models": []}',
        '{"version": 1, "models": [{"id": "../x", "kind": "folder", "location": "/"}]}',
        '{"version": 1, "models": [{"id": "x", "kind": "pickle", "location": "/"}]}',
        '{"version": 1, "models": [{"id": "x", "kind": "folder", "location": "/", "parameters": "many"}]}',
        '{"version": 1, "models": [{"id": "x", "kind": "folder", "location": "/", "code": "evil"}]}',
        '{"version": 1, "models": [{"id": "x", "kind": "embedded", "location": "/"}]}',
        '{"version": 1, "models": [{"id": "x", "kind": "hub", "location": "../../etc"}]}',
        '{"version": 1, "models": [{"id": "x", "kind": "hub", "location": "a/b", "revision": "../x"}]}',
    ],
)
def test_a_damaged_list_says_so_and_is_left_as_it_is(models, place, text):
    file = registry_file(models)
    file.parent.mkdir(parents=True)
    file.write_text(text)
    assert EMBEDDED in {one.id for one in known_models(models)}, "the others can be used"
    with pytest.raises(RegistryDamaged):
        find_model("mine", models)
    with pytest.raises(RegistryDamaged):
        sources.add_folder(place, models)
    assert file.read_text() == text


def test_the_list_survives_a_kill_while_it_is_written(models, place):
    sources.add_folder(place, models)
    registry_file(models).with_suffix(".part").write_text('{"version": 1, "mod')
    assert [one.id for one in registered(models)] == ["my model"]
    sources.add_repository("a/b", models)
    assert [one.id for one in registered(models)] == ["my model", "a/b"]


@pytest.mark.model
@pytest.mark.slow
def test_a_gguf_file_is_converted_once_and_answers(tmp_path):
    """The packaged weights, as if they were a file of one's own."""
    from adapters.load import load
    from adapters.spec import ModelSpec

    models, file = tmp_path / "home" / "models", tmp_path / "own.gguf"
    shutil.copy(embedded.find(), file)
    sources.add_gguf(file, models)
    heard = []
    model = load(ModelSpec("own", "float32"), models, lambda step, _: heard.append(step))
    assert "Paris" in model.invoke("What is the capital of France?", temperature=0, max_tokens=8).content
    model.close()
    assert "converting" in heard and find_model("own", models).ready
    sources.remove_model("own", models, delete=KINDS)
    assert file.exists() and not list(models.glob("gguf-*/"))

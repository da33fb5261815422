"""The form that chooses a model: the contexts it offers, and what is said of a model that is removed."""

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.gguf_file import converted
from adapters.models import find_model
from adapters.own_files import OwnFiles, Removed
from adapters.precision import AUTO, OPENVINO, precisions
from adapters.sources import add_folder, add_gguf, add_server
from adapters.spec import ModelSpec
from app.errors import BadOption
from app.model_choices import precision_choices
from app.model_form import CONTEXTS, Contexts, fitting_contexts, model_list, precision_list, present_context
from app.model_state import Answering, ModelState
from app.services import Services
from app.settings import DEFAULT_CONTEXT, Settings
from app.tabs.models import what_became
from tests.small_models import CONFIG, write_gguf, write_model

LONGEST = CONFIG["max_position_embeddings"]


@pytest.fixture
def services(tmp_path: Path) -> Services:
    services = Services(Settings(tmp_path / "home"))
    add_folder(write_model(tmp_path / "tiny"), services.settings.models)
    add_server("http://127.0.0.1:9/v1", services.settings.models, "box", "tiny")
    return services


def test_a_context_is_cut_to_what_the_model_reads(services: Services) -> None:
    cut = fitting_contexts(services, "tiny", "131072")
    assert (cut.chosen, cut.cut, cut.sizes[-1]) == (LONGEST, True, LONGEST)
    whole = fitting_contexts(services, "tiny", str(LONGEST))
    assert (whole.chosen, whole.cut, whole.sizes) == (LONGEST, False, cut.sizes)
    assert all(size in CONTEXTS for size in cut.sizes[:-1])


def test_where_nobody_knows_what_the_model_reads_every_context_is_offered(services: Services) -> None:
    assert fitting_contexts(services, "box", "131072") == Contexts(CONTEXTS, 131072)
    assert fitting_contexts(services, "gone", "131072") == Contexts(CONTEXTS, 131072)


def test_a_context_of_another_model_stays_on_offer(services: Services) -> None:
    assert fitting_contexts(services, "box", "600").sizes == (600, *CONTEXTS)


@pytest.mark.parametrize("value", ["0", "-1", "x", "131073", None, 1.5])
def test_what_is_no_context_is_refused(services: Services, value: object) -> None:
    with pytest.raises(BadOption):
        fitting_contexts(services, "tiny", value)


def test_the_present_context_is_offered_whatever_was_asked_for(services: Services) -> None:
    asked = ModelSpec("box", context=5000)
    services.model.state = ModelState(Answering(asked, "server", asked=asked))
    assert present_context(services).chosen == 5000 in present_context(services).sizes
    wide = replace(asked, context=10**7)
    services.model.state = ModelState(Answering(wide, "server", asked=wide))
    assert present_context(services).chosen == DEFAULT_CONTEXT


def test_the_list_names_what_maru_converted_and_only_for_the_owner(
    services: Services, tmp_path: Path
) -> None:
    models = services.settings.models
    file = write_gguf(tmp_path / "own.gguf", "llama")
    add_gguf(file, models)
    made = converted(file, models)
    made.mkdir(parents=True)
    (made / "model.safetensors").write_bytes(b"x" * 2_000_000)
    html = model_list(services, {}, "en")["html"]
    assert f'data-files="{made.name} (2 MB)"' in html
    assert html.count('data-files=""') == 2  # of the others nothing was made
    public = Services(Settings(tmp_path / "home", public=True))
    assert "data-files" not in model_list(public, {}, "en")["html"]
    removed = services.remove_model("own", converted=True)
    assert [one.path for one in removed.deleted] == [made] and not made.exists() and file.exists()


def test_what_became_of_a_models_files_is_said() -> None:
    files = (OwnFiles("converted", Path("/home/x/gguf-a"), 540_000_000),)
    assert (
        what_became("a", Removed(kept=files), "en")
        == "“a” is off the list. Still on the disk: gguf-a (540 MB)."
    )
    assert "Deleted: gguf-a (540 MB)." in what_became("a", Removed(deleted=files), "en")
    assert what_became("a", Removed(), "ko") == "‘a’ 모델을 목록에서 뺐어요."


@pytest.mark.skipif(precisions()[OPENVINO].available() is not None, reason="OpenVINO is not here")
def test_a_precision_that_would_not_read_as_the_model_does_is_not_offered(
    services: Services, tmp_path: Path
) -> None:
    """Mistral's layers look back over a window; OpenVINO's graph looks back over everything."""
    windowed = {**CONFIG, "architectures": ["MistralForCausalLM"], "model_type": "mistral"}
    add_folder(
        write_model(
            tmp_path / "windowed", {**windowed, "sliding_window": 512, "max_position_embeddings": 4096}
        ),
        services.settings.models,
    )
    entry = find_model("windowed", services.settings.models)
    near, far = (
        {one.key: one for one in precision_choices(entry, services.settings.models, context)}
        for context in (512, 4096)
    )
    assert near[OPENVINO].problem is None and near[AUTO].engine == "openvino"
    assert "512 tokens only" in far[OPENVINO].problem["en"]
    assert (far[AUTO].problem, far[AUTO].engine) == (None, "transformers")
    offered = precision_list(services, "windowed", {"chosen": OPENVINO}, "4096", "en")
    assert offered["chosen"] == AUTO
    assert "512 tokens only" in offered["html"]

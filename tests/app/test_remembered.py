"""What the operator chose comes back after a restart, and nothing else writes it."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar

import pytest

from adapters.errors import AdapterBusy, ModelBusy
from adapters.registry import registered
from adapters.sources import add_server
from adapters.spec import ModelSpec
from app.model_state import Loading, ModelState
from app.remembered import Chosen, LastChoice, recall, remember
from app.services import Services
from app.settings import Settings
from chains.question import Question
from tests.app.test_slot import until
from tests.loras import write_adapter
from tests.serving import GRADIO_WARNS

CHOSEN = Chosen(
    ModelSpec("마루 모델", "bfloat16", context=2048), {"마루 모델": ("poet", "시인"), "other": ("bard",)}
)


def test_what_is_remembered_comes_back_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "home" / "chosen.json"
    assert recall(file) is None
    remember(file, CHOSEN)
    assert recall(file) == CHOSEN
    assert [one.name for one in file.parent.iterdir()] == ["chosen.json"]


@pytest.mark.parametrize(
    "change",
    [
        {"version": 3},
        {"version": 1, "adapters": {}},
        {"model": 7},
        {"precision": ["float32"]},
        {"context": "8192"},
        {"context": True},
        {"context": 0},
        {"adapters": "poet"},
        {"adapters": {"other": [1]}},
        {"adapters": ["poet"]},
    ],
)
def test_a_file_of_another_kind_is_logged_and_left_alone(
    tmp_path: Path, change: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "chosen.json"
    remember(file, CHOSEN)
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | change), "utf-8")
    assert recall(file) is None
    assert "chosen.json" in caplog.text
    for damaged in ("", "[]", '{"version": 1}', "\0"):
        file.write_text(damaged, "utf-8")
        assert recall(file) is None


def test_a_disk_that_refuses_costs_nobody_the_model(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    remember(tmp_path / "file" / "chosen.json", CHOSEN)
    assert "cannot be written" in caplog.text


def test_what_an_earlier_version_wrote_is_read(tmp_path: Path) -> None:
    file = tmp_path / "chosen.json"
    told = {"version": 1, "model": "m", "precision": "auto", "context": 2048, "adapters": ["poet"]}
    file.write_text(json.dumps(told), "utf-8")
    assert recall(file) == Chosen(ModelSpec("m", context=2048), {"m": ("poet",)})


def test_an_adapter_that_is_loaded_leaves_the_chosen_model_alone(tmp_path: Path) -> None:
    """The chosen model may be one that could not be loaded this time, or none at all."""
    file = tmp_path / "chosen.json"
    choice = LastChoice(file)
    choice.keep("fallback", lambda names: [*names, "poet"])
    assert recall(file) == Chosen(None, {"fallback": ("poet",)})
    choice.choose(ModelSpec("large"))
    choice.keep("large", lambda names: [*names, "poet", "bard"])
    again = LastChoice(file)
    assert (again.spec, again.adapters("fallback")) == (ModelSpec("large"), ("poet",))
    again.forget("poet")
    assert recall(file) == Chosen(ModelSpec("large"), {"large": ("bard",)})


def test_many_writers_lose_nothing_and_the_file_is_whole_at_every_moment(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "chosen.json"
    choice = LastChoice(file)
    names = [f"{writer}-{number}" for writer in range(4) for number in range(25)]
    choice.keep("m", lambda kept: ["first"])
    with ThreadPoolExecutor(5) as pool:
        writing = [
            pool.submit(choice.keep, "m", lambda kept, name=name: [*kept, name])  # type: ignore[misc]
            for name in names
        ]
        while not all(one.done() for one in writing):
            assert recall(file) is not None
    found = recall(file)
    assert found is not None and set(found.adapters["m"]) == {"first", *names}
    assert not caplog.text and [one.name for one in tmp_path.iterdir()] == ["chosen.json"]


@pytest.fixture
def home(tmp_path: Path, models_folder: Path) -> Iterator[Path]:
    (tmp_path / "models").symlink_to(models_folder)
    write_adapter(tmp_path / "adapters" / "poet", seed=1)
    yield tmp_path


def services(home: Path, spec: ModelSpec | None = None) -> Services:
    return Services(Settings(home), spec)


class TestWithTheRealModel:
    pytestmark: ClassVar = [pytest.mark.model, *GRADIO_WARNS]

    @pytest.mark.slow
    def test_model_precision_context_and_adapters_survive_a_restart(self, home: Path) -> None:
        one = services(home)
        one.model.choose(ModelSpec("default", "bfloat16", context=2048))
        until(lambda: recall(Settings(home).chosen) is not None, 120)
        one.attach("poet")
        one.close()
        two = services(home)
        model = two.model.loaded()
        assert (model.spec.precision, model.context_length) == ("bfloat16", 2048)
        assert two.attached_adapters() == ["poet"]
        two.detach("poet")
        two.close()
        kept = recall(Settings(home).chosen)
        assert kept is not None and kept.adapters == {}

    @pytest.mark.slow
    def test_a_choice_that_is_gone_falls_back_to_the_default_and_says_so(self, home: Path) -> None:
        gone = Chosen(ModelSpec("sold-last-year", "bfloat16", context=2048))
        remember(Settings(home).chosen, gone)
        one = services(home)
        model = one.model.loaded()
        assert model.spec.id == "SmolLM2-135M-Instruct-Q4_1"
        state = one.model.state
        assert state.failed == gone.spec
        assert "sold-last-year" in str(state.error)
        one.attach("poet")
        one.close()
        kept = recall(Settings(home).chosen)
        assert kept is not None and kept.spec == gone.spec  # it may be back at the next start
        assert kept.adapters == {model.spec.id: ("poet",)}

    def test_an_adapter_is_deleted_unless_an_answer_is_written_through_it(self, home: Path) -> None:
        remember(Settings(home).chosen, CHOSEN)  # a command that names its model neither reads nor writes it
        one = services(home, ModelSpec(precision="bfloat16"))
        answers = one.ask(Question("Tell a long story."), adapter="poet")
        next(answers)
        with pytest.raises(AdapterBusy, match="poet"):
            one.remove_adapter("poet")
        assert one.fitting_adapters() == ["poet"]
        answers.close()  # type: ignore[attr-defined]
        one.remove_adapter("poet")
        assert one.fitting_adapters() == one.attached_adapters() == []
        assert list(one.adapters_folder.iterdir()) == []
        assert recall(Settings(home).chosen) == CHOSEN
        one.close()


def test_a_model_that_is_removed_is_chosen_no_more(tmp_path: Path) -> None:
    file = tmp_path / "chosen.json"
    remember(file, CHOSEN)
    choice = LastChoice(file)
    choice.forget_model("other")
    assert recall(file) == Chosen(CHOSEN.spec, {"마루 모델": ("poet", "시인")})
    choice.forget_model("마루 모델")
    assert recall(file) == Chosen()


def test_a_model_that_is_on_its_way_is_not_removed(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    added = add_server("http://127.0.0.1:9/v1", settings.models, "mine", "tiny")
    services = Services(settings)
    services.model.state = ModelState(loading=Loading(ModelSpec(added.id)))
    with pytest.raises(ModelBusy, match="mine"):
        services.remove_model("mine")
    services.model.state = ModelState()
    services.remove_model("mine")
    assert registered(settings.models) == []

"""What the operator chose comes back after a restart, and nothing else writes it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from adapters.errors import AdapterBusy
from adapters.spec import ModelSpec
from app.remembered import Chosen, recall, remember
from app.services import Services
from app.settings import Settings
from chains.question import Question
from tests.app.test_slot import until
from tests.loras import write_adapter
from tests.serving import GRADIO_WARNS

CHOSEN = Chosen(ModelSpec("마루 모델", "bfloat16", context=2048), ("poet", "시인"))


def test_what_is_remembered_comes_back_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "home" / "chosen.json"
    assert recall(file) is None
    remember(file, CHOSEN)
    assert recall(file) == CHOSEN
    assert [one.name for one in file.parent.iterdir()] == ["chosen.json"]


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"model": None},
        {"precision": ["float32"]},
        {"context": "8192"},
        {"context": True},
        {"context": 0},
        {"adapters": "poet"},
        {"adapters": [1]},
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


@pytest.fixture
def home(tmp_path: Path, models_folder: Path) -> Iterator[Path]:
    (tmp_path / "models").symlink_to(models_folder)
    write_adapter(tmp_path / "adapters" / "poet", seed=1)
    yield tmp_path


def services(home: Path, spec: ModelSpec | None = None) -> Services:
    return Services(Settings(home), spec)


class TestWithTheRealModel:
    pytestmark: ClassVar = [pytest.mark.model, *GRADIO_WARNS]

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
        assert kept is not None and kept.adapters == ()

    def test_a_choice_that_is_gone_falls_back_to_the_default_and_says_so(self, home: Path) -> None:
        gone = Chosen(ModelSpec("sold-last-year", "bfloat16", context=2048))
        remember(Settings(home).chosen, gone)
        one = services(home)
        model = one.model.loaded()
        assert model.spec.id == "SmolLM2-135M-Instruct-Q4_1"
        state = one.model.state
        assert state.failed == gone.spec
        assert "sold-last-year" in str(state.error)
        one.close()
        assert recall(Settings(home).chosen) == gone  # it may be back at the next start

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

"""Adapters that are used, brought in and deleted while others do the same; and those that a server has."""

import shutil
import threading
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar, Self

import pytest
from pydantic import Field

from adapters import sources
from adapters.errors import AdapterBusy, AdapterNotFound, AdapterUnusable
from adapters.spec import ModelSpec
from app.comparing.machine import LocalMachine
from app.comparing.names import LocalNames
from app.in_use import InUse
from app.remembered import Chosen, remember
from app.services import Services
from app.settings import Settings
from app.show_adapters import adapters
from chains.question import Question
from tests.fakes import PretendModel
from tests.loras import write_adapter
from tests.model_server import model_server
from tests.serving import GRADIO_WARNS

SERVED = ("sql-lora-1.0", "org/poet")
LISTED = {"data": [{"id": "base"}, *({"id": name, "parent": "base"} for name in SERVED)]}


def test_while_one_adapter_is_being_deleted_the_others_are_used() -> None:
    used = InUse()
    with used.leaving("poet"):
        with used.through(None), used.through("bard"), pytest.raises(AdapterBusy):
            used.leaving("bard").__enter__()
        with pytest.raises(AdapterUnusable, match="being deleted"), used.through("bard:0.5+poet:0.5"):
            pass
        with pytest.raises(AdapterUnusable, match="being deleted"):
            used.leaving("poet").__enter__()
    with used.through("poet"), pytest.raises(AdapterBusy, match="poet"):
        used.leaving("poet").__enter__()
    with used.leaving("poet"), used.leaving("bard"):
        pass


class Unreadable(PretendModel):
    """A model whose adapters are on a disk that is going; `asked` is what it was asked for."""

    asked_for: list[str] = Field(default_factory=list)
    cancelled: threading.Event = Field(default_factory=threading.Event)

    def serving(self, adapter: str | None, owner: str = "") -> Self:
        self.asked_for.append(str(adapter))
        if adapter == "poet":
            raise OSError(5, "Input/output error")
        self.cancelled.set()
        return self


def test_an_adapter_that_breaks_at_the_start_costs_nobody_the_model(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    remember(Settings(tmp_path).chosen, Chosen(None, {"pretend-1": ("poet", "bard", "pirate")}))
    model, services = Unreadable(), Services(Settings(tmp_path))
    services._attach_again(model, model.cancelled)
    assert model.asked_for == ["poet", "bard"]  # who gave up meanwhile does not wait for the third
    assert "poet" in caplog.text and "Input/output" in caplog.text


class TestOnAServer:
    @pytest.fixture
    def services(self, tmp_path: Path) -> Iterator[Services]:
        with model_server(models=LISTED) as server:
            sources.add_server(server.url, tmp_path / "models", "box", "base")
            one = Services(Settings(tmp_path), ModelSpec("box"))
            self.heard = server.heard
            yield one
            one.close()

    @pytest.mark.parametrize("name", SERVED)
    def test_an_adapter_may_be_called_what_the_server_calls_it(self, services: Services, name: str) -> None:
        *_, answer = services.ask(Question("What is a maru?"), adapter=name)
        assert answer.text == "A maru is a wooden floor."
        assert self.heard[-1]["model"] == name
        with services.through(name):
            names = LocalNames(services.settings, LocalMachine(services.settings))
            names.check_adapter(name, "box")
        with pytest.raises(AdapterUnusable):
            names.check_adapter(name, "default")

    def test_none_is_brought_in_here(self, services: Services, tmp_path: Path) -> None:
        source = write_adapter(tmp_path / "source", seed=1)
        services.model.loaded()
        with pytest.raises(AdapterUnusable, match="has adapters of its own") as caught:
            services.import_adapter(source, "poet")
        assert "서버" in caught.value.text("ko")
        assert not services.takes_adapters() and not services.adapters_folder.exists()


class TestWithTheRealModel:
    pytestmark: ClassVar = [pytest.mark.model, *GRADIO_WARNS]

    @pytest.fixture
    def services(self, tmp_path: Path, models_folder: Path) -> Iterator[Services]:
        (tmp_path / "models").symlink_to(models_folder)
        one = Services(Settings(tmp_path), ModelSpec(precision="bfloat16"))
        yield one
        one.close()

    @pytest.mark.slow
    def test_one_in_a_decomposed_folder_is_not_deleted_while_it_answers(self, services: Services) -> None:
        folder = services.adapters_folder / unicodedata.normalize("NFD", "시인")
        write_adapter(folder, seed=1)
        answers = services.ask(Question("Tell a long story."), adapter="시인")
        next(answers)
        with pytest.raises(AdapterBusy, match="시인"):
            services.remove_adapter("시인")
        assert folder.is_dir()
        answers.close()  # type: ignore[attr-defined]
        services.remove_adapter("시인")
        assert not folder.exists() and services.attached_adapters() == []

    def test_one_whose_files_another_process_deleted_is_still_shown_and_let_go(
        self, services: Services
    ) -> None:
        write_adapter(services.adapters_folder / "poet", seed=1)
        services.model.loaded()
        services.attach("poet")
        shutil.rmtree(services.adapters_folder / "poet")
        html = adapters(services.adapters(), services.attached_adapters(), True, "en")
        assert "poet" in html and "files are gone" in html and "Unload the adapter poet" in html
        services.detach("poet")
        assert services.attached_adapters() == []

    @pytest.mark.slow
    def test_who_deletes_while_it_is_being_loaded_is_told_or_leaves_nothing(self, services: Services) -> None:
        services.model.loaded()
        for seed in range(5):
            write_adapter(services.adapters_folder / "poet", seed)
            start = threading.Barrier(2)

            def at_once(act: str) -> None:
                start.wait()  # noqa: B023 (both are done before the next round)
                getattr(services, act)("poet")

            with ThreadPoolExecutor(2) as pool:
                done = [pool.submit(at_once, act) for act in ("attach", "remove_adapter")]
            told = (AdapterBusy, AdapterNotFound, AdapterUnusable, type(None))
            assert all(isinstance(one.exception(), told) for one in done)
            if services.adapters_folder.joinpath("poet").exists():
                services.remove_adapter("poet")
            assert services.attached_adapters() == []

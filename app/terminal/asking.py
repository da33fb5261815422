"""What `ask` does before the model speaks: services, the question, waiting for the model."""

import argparse
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from adapters.spec import ModelSpec, Text
from app.settings import WITH_TEMPLATE
from app.terminal.console import Console
from app.terminal.flags import generation_options
from app.terminal.settings import command_settings

if TYPE_CHECKING:
    from app.services import Services
    from chains.question import Question

STEPS: dict[str, Text] = {
    "waiting": {"en": "Starting", "ko": "시작하는 중"},
    "checking": {"en": "Checking the weights", "ko": "가중치 확인 중"},
    "converting": {"en": "Unpacking the weights (only once)", "ko": "가중치 푸는 중 (처음 한 번만)"},
    "optimizing": {
        "en": "Converting for OpenVINO (only once)",
        "ko": "OpenVINO용으로 변환 중 (처음 한 번만)",
    },
    "downloading": {"en": "Downloading the model", "ko": "모델 내려받는 중"},
    "loading": {"en": "Loading the model", "ko": "모델 불러오는 중"},
}
"""What loading a model reports, in words."""


@contextmanager
def open_services(spec: ModelSpec | None = None) -> Iterator["Services"]:
    """The process's services; the document store is let go at the end, whatever happened."""
    from app.services import Services

    services = Services(command_settings(), spec)
    try:
        yield services
    finally:
        services.close()


def model_spec(args: argparse.Namespace) -> ModelSpec:
    """The model that the flags name; its adapter is chosen with each question."""
    return ModelSpec(args.model, args.precision)


def make_question(args: argparse.Namespace, services: "Services", text: str, language: str) -> "Question":
    """The question that the flags describe. Raises BadExampleSet, BadTemplate."""
    from chains.question import Question

    template = services.templates.get(args.template) if args.template else None
    own = template is not None and args.technique not in WITH_TEMPLATE
    return Question(
        text,
        technique="template" if own else args.technique,
        template=template,
        collection=args.collection,
        system=args.system,
        examples=services.examples.get(args.examples) if args.examples else None,
        language=language,
        options=generation_options(args),
    )


def wait_for_model(services: "Services", console: Console, stop: threading.Event | None = None) -> None:
    """Returns when the model is loaded, could not be, or `stop` is set; says how far it is."""
    services.model.start()
    while services.model.state.status == "loading" and not (stop and stop.is_set()):
        state = services.model.state
        step = STEPS.get(state.step)
        console.progress(console.text(step) if step else state.step, state.fraction)
        time.sleep(0.1)
    console.clear()

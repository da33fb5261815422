"""Saving a set that a form made."""

from dataclasses import replace
from typing import Any

import gradio as gr

from app.locales import say
from app.parts import inform
from app.services import Services
from chains.compare.question_set import QuestionSet
from chains.kept_files import clean_name


def saved_as(services: Services, found: QuestionSet, name: object, spoken: str) -> str:
    """Saves a set under a free name, and says so. Raises BadSet."""
    called = replace(found, name=clean_name(str(name or "")))
    services.question_sets.save(called, over=False)
    words = say("sets.saved", spoken, name=called.name, count=f"{len(called.items):,}")
    inform(words, title=say("tab.compare", spoken))
    return called.name


def closed(saved: str) -> Any:
    """The form's accordion, once its set is saved."""
    return gr.update(open=False) if saved else gr.skip()

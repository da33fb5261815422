"""Shorthands: our own HTML parts, choices, and events that are nobody else's business."""

from html import escape
from typing import Any

import gradio as gr


def bare(template: str, script: str, elem_id: str | None = None, value: Any = None, **more: Any) -> gr.HTML:
    """A part drawn by our own script, without Gradio's frame and styles.

    `template` is constant HTML; what changes is the value, which only the script looks at.
    """
    return gr.HTML(
        value,
        html_template=template,
        js_on_load=script,
        elem_id=elem_id,
        apply_default_css=False,
        padding=False,
        container=False,
        **more,
    )


def private(**more: Any) -> dict[str, Any]:
    """How an event of the screen runs: at once beside all others, unseen, not part of the API.

    In the queue, because Gradio shows errors and notices of queued events only.
    """
    return {"concurrency_limit": None, "show_progress": "hidden", "api_visibility": "private", **more}


def inform(words: str, **more: Any) -> None:
    """A notice for the person. Gradio reads it as HTML, so names of anyone's making are escaped."""
    gr.Info(escape(words, quote=False), **more)


def warn(words: str, **more: Any) -> None:
    """As `inform`, of what did not work."""
    gr.Warning(escape(words, quote=False), **more)


def owner_of(request: gr.Request) -> str:
    """Whose event it is: one browser page, until it is reloaded."""
    return str(request.session_hash or "")


class Choice(gr.Dropdown):
    """One of a list that may change; the value is taken as the client sent it.

    The choices a page was built with may be older than what there is now, and Gradio would refuse the rest
    in its own words: whoever uses a value checks it anyway.
    """

    is_template = True  # Gradio's own Dropdown draws it

    def preprocess(self, payload: Any) -> Any:
        """The value as it came."""
        return payload


class Choices(gr.Radio):
    """As Choice, with all of them seen."""

    is_template = True

    def preprocess(self, payload: Any) -> Any:
        """The value as it came."""
        return payload

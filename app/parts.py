"""Two shorthands for wiring: our own HTML parts, and events that are nobody else's business."""

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
    """How an event of the screen runs: at once, unseen, not part of the API."""
    return {"queue": False, "show_progress": "hidden", "api_visibility": "private", **more}

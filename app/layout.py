"""The page: header, then the tabs in reading order.

A tab is one function in app/tabs, called within its gr.Tab; up to five fit side by side on a phone.
"""

import gradio as gr

from app.header import header
from app.language import label
from app.launch import FORGET_AFTER_S
from app.parts import private
from app.services import Services
from app.tabs.chat import chat_tab
from app.tabs.compare import compare_tab
from app.tabs.documents import documents_tab
from app.tabs.models import models_tab


def build_app(services: Services) -> gr.Blocks:
    """The whole page over these services; nothing is loaded or opened yet."""
    page: gr.Blocks
    with gr.Blocks(
        title="Maru 마루",
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(FORGET_AFTER_S, FORGET_AFTER_S),
    ) as page:
        language = gr.Textbox("en", visible=False)
        answering, model = header(services, language)
        with gr.Tabs(elem_id="maru-tabs"):
            with gr.Tab(label("tab.chat"), id="chat"):
                in_chat = chat_tab(services, page, language, answering)
            with gr.Tab(label("tab.compare"), id="compare") as compare:
                compare_tab(services, page, compare, language, answering)
            with gr.Tab(label("tab.documents"), id="documents") as tab:
                documents_tab(services, tab, language, in_chat)
            with gr.Tab(label("tab.models"), id="models") as models:
                models_tab(services, page, models, language, answering, model)
        # a tab fills itself in the person's language, so that comes first
        spoken = page.load(None, None, language, js="() => maru.language", **private())
        spoken.then(None, None, None, js="() => maru.backToTabs()", **private())
    return page

"""The front page on its way out: our scripts and styles, and what the browser may load.

Gradio puts `launch(head=…)` into the page only after it has chosen the language, so our scripts are written
into the page itself. The policy lets the browser load from this server only: whatever a model or a document
manages to put into the page, it cannot call out.
"""

from collections.abc import MutableMapping
from functools import cache
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chains.compare.report.html import asset

SCRIPTS = (
    "early.js",
    "conversations.js",
    "transcript.js",
    "sidebar.js",
    "parts.js",
    "tabs.js",
    "compare.js",
    "sets.js",
    "templates.js",
    "runs.js",
    "page.js",
)
STYLES = ("app.css", "compare.css", "sets.css", "templates.css", "runs.css")
STATIC = Path(__file__).parent / "static"

# Gradio builds its components' templates with Function() and styles them inline.
POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
    ]
)
HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]


@cache
def head() -> bytes:
    """Our scripts in their order and our styles, as elements of the head.

    Not `launch(css=…)`: Gradio would put its own class before every selector, and miss `body` and `.dark`.
    """
    source = "\n".join((STATIC / name).read_text("utf-8") for name in SCRIPTS)
    style = "\n".join((STATIC / name).read_text("utf-8") for name in STYLES)
    style += f"\n:root:root body .maru-report {{\n{asset('pieces.css')}\n}}\n"
    return f"<script>{source}</script><style>{style}</style>".encode()


class FrontPage:
    """ASGI middleware: headers on every HTML page, our scripts and styles at the top of its head."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything on; a page that is HTML is held back until it is whole."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Page(send))


class _Page:
    """Where a response goes: HTML is collected and changed, everything else passes."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: MutableMapping[str, Any] | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_html(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._finish(self._start)

    async def _finish(self, start: MutableMapping[str, Any]) -> None:
        body = self._body.replace(b"<head>", b"<head>" + head(), 1)
        kept = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        start["headers"] = [*kept, *HEADERS, (b"content-length", str(len(body)).encode())]
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


def _is_html(start: Message) -> bool:
    return any(
        name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in start["headers"]
    )
